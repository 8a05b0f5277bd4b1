// Writes generated/transpose.ts: 16 blocks of 16 bytes turned so that vector i holds byte i of every block.
// Four rounds of interleaving each vector with the one eight further on; the transposition is its own inverse.
import { heading, names } from "./text.ts";

const lowHalves = "0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23";
const highHalves = "8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31";

function interleave(from: string, to: string): string {
  const lines: string[] = [];
  for (let i = 0; i < 8; i++) {
    lines.push(`  const ${to}${2 * i} = i8x16.shuffle(${from}${i}, ${from}${i + 8}, ${lowHalves});`);
    lines.push(`  const ${to}${2 * i + 1} = i8x16.shuffle(${from}${i}, ${from}${i + 8}, ${highHalves});`);
  }
  return lines.join("\n");
}

/** The text of generated/transpose.ts. */
export function transposeBytes(): string {
  return `${heading("transpose.ts", "A 16 x 16 byte matrix, transposed.")}
/** The 256 bytes at \`from\`, transposed to \`to\`, or xored into what is there. */
export function transpose(from: usize, to: usize, add: bool): void {
${names("a", 16)
  .map((a, i) => `  const ${a} = v128.load(from, ${16 * i});`)
  .join("\n")}
${interleave("a", "b")}
${interleave("b", "c")}
${interleave("c", "d")}
${interleave("d", "e")}
  if (add) {
${names("e", 16)
  .map((e, i) => `    v128.store(to, v128.xor(v128.load(to, ${16 * i}), ${e}), ${16 * i});`)
  .join("\n")}
  } else {
${names("e", 16)
  .map((e, i) => `    v128.store(to, ${e}, ${16 * i});`)
  .join("\n")}
  }
}
`;
}
