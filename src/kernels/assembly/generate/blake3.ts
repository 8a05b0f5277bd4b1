// Writes generated/blake3-compress.ts. AssemblyScript has no macros, and an @inline function answers one value only, so
// the seven rounds over sixteen locals are spelt out. The algorithm is that of the BLAKE3 paper (O'Connor, Aumasson,
// Neves, Wilcox-O'Hearn, 2020), section 2.2; constants are SHA-256's initial values.
import { heading, inline, names } from "./text.ts";

const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const columnsThenDiagonals = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

/** Which message word each of the 7 rounds takes at each of its 16 places. */
function schedule(): number[][] {
  const rounds = [Array.from({ length: 16 }, (_, i) => i)];
  while (rounds.length < 7) {
    const previous = rounds[rounds.length - 1] as number[];
    rounds.push(permutation.map((i) => previous[i] as number));
  }
  return rounds;
}

/** One quarter round on four state words and two message words, each a vector of four lanes. */
function quarter(a: string, b: string, c: string, d: string, x: string, y: string): string {
  return (
    `${a} = add3(${a}, ${b}, ${x}); ${d} = xorRotate16(${d}, ${a}); ${c} = add(${c}, ${d}); ${b} = xorRotate12(${b}, ${c}); ` +
    `${a} = add3(${a}, ${b}, ${y}); ${d} = xorRotate8(${d}, ${a}); ${c} = add(${c}, ${d}); ${b} = xorRotate7(${b}, ${c});`
  );
}

/** Seven rounds where lane i of every vector belongs to input i. */
function wideRounds(): string {
  const lines: string[] = [];
  for (const words of schedule()) {
    columnsThenDiagonals.forEach((places, i) => {
      const [a, b, c, d] = places.map((place) => `v${place}`) as [string, string, string, string];
      lines.push(`    ${quarter(a, b, c, d, `m${words[2 * i]}`, `m${words[2 * i + 1]}`)}`);
    });
  }
  return lines.join("\n");
}

/** Seven rounds where a vector is a row of one input's state, so that a quarter round does four columns at once. */
function narrowRounds(): string {
  const diagonalise = "    r1 = rotateLanes1(r1); r2 = rotateLanes2(r2); r3 = rotateLanes3(r3);";
  const back = "    r1 = rotateLanes3(r1); r2 = rotateLanes2(r2); r3 = rotateLanes1(r3);";
  // x0, x1: even and odd words for the columns; x2, x3: for the diagonals. This is the permutation in that arrangement.
  const permute = [
    "    t0 = i32x4.shuffle(x0, x1, 1, 5, 7, 2);",
    "    t1 = i32x4.shuffle(i32x4.shuffle(x0, x2, 3, 5, 0, 0), x3, 0, 1, 2, 6);",
    "    t2 = i32x4.shuffle(i32x4.shuffle(x1, x2, 0, 6, 0, 0), x3, 0, 1, 4, 7);",
    "    x3 = i32x4.shuffle(i32x4.shuffle(x1, x2, 2, 2, 7, 4), x3, 5, 1, 2, 3); x0 = t0; x1 = t1; x2 = t2;",
  ];
  const lines: string[] = [];
  for (let round = 0; round < 7; round++) {
    lines.push(`    ${quarter("r0", "r1", "r2", "r3", "x0", "x1")}`, diagonalise);
    lines.push(`    ${quarter("r0", "r1", "r2", "r3", "x2", "x3")}`, back);
    if (round < 6) lines.push(...permute);
  }
  return lines.join("\n");
}

/** Transposes four vectors of four words in place, through t0..t3. */
function transpose(a: string, b: string, c: string, d: string): string[] {
  return [
    `t0 = i32x4.shuffle(${a}, ${b}, 0, 4, 1, 5); t1 = i32x4.shuffle(${a}, ${b}, 2, 6, 3, 7);`,
    `t2 = i32x4.shuffle(${c}, ${d}, 0, 4, 1, 5); t3 = i32x4.shuffle(${c}, ${d}, 2, 6, 3, 7);`,
    `${a} = i64x2.shuffle(t0, t2, 0, 2); ${b} = i64x2.shuffle(t0, t2, 1, 3);`,
    `${c} = i64x2.shuffle(t1, t3, 0, 2); ${d} = i64x2.shuffle(t1, t3, 1, 3);`,
  ];
}

/** Loads one block of each of the four inputs and transposes it into m0..m15, word i of every input in m_i. */
function loadBlocks(): string {
  const lines: string[] = [];
  for (let group = 0; group < 4; group++) {
    const m = [0, 1, 2, 3].map((i) => `m${4 * group + i}`) as [string, string, string, string];
    lines.push(m.map((x, i) => `${x} = v128.load(block + ${i} * stride, ${16 * group});`).join(" "), ...transpose(...m));
  }
  return lines.map((line) => `    ${line}`).join("\n");
}

function primitives(): string {
  const rotated = (shuffle: string): string => `  const x = v128.xor(a, b);\n  return i8x16.shuffle(x, x, ${shuffle});`;
  const shifted = (by: number): string =>
    `  const x = v128.xor(a, b);\n  return v128.or(i32x4.shr_u(x, ${by}), i32x4.shl(x, ${32 - by}));`;
  return [
    inline("add", ["a", "b"], "  return i32x4.add(a, b);"),
    inline("add3", ["a", "b", "c"], "  return i32x4.add(i32x4.add(a, b), c);"),
    inline("xorRotate16", ["a", "b"], rotated("2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13")),
    inline("xorRotate8", ["a", "b"], rotated("1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12")),
    inline("xorRotate12", ["a", "b"], shifted(12)),
    inline("xorRotate7", ["a", "b"], shifted(7)),
    "// Lane numbers must be literals, so there is one function a rotation.\n",
    inline("rotateLanes1", ["a"], "  return i32x4.shuffle(a, a, 1, 2, 3, 0);"),
    inline("rotateLanes2", ["a"], "  return i32x4.shuffle(a, a, 2, 3, 0, 1);"),
    inline("rotateLanes3", ["a"], "  return i32x4.shuffle(a, a, 3, 0, 1, 2);"),
  ].join("");
}

function counterLanes(shift: string): string {
  const lane = (i: number): string => `<i32>(${shift ? "(" : ""}counter + ${i} * counterStep${shift ? `)${shift}` : ""})`;
  return `i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(${lane(0)}), 1, ${lane(1)}), 2, ${lane(2)}), 3, ${lane(3)})`;
}

function compress4(): string {
  const h = names("h", 8);
  return `
/**
 * Four inputs at once, at address + i * stride, each of \`blocks\` whole blocks, with counters counter + i * counterStep.
 * Four 32-byte chaining values go to out. For one block each, out may lie over the inputs: all is read first.
 */
export function compress4(
  key: usize, address: usize, stride: usize, blocks: u32, counter: u64, counterStep: u64, flags: u32, first: u32, last: u32, out: usize,
): void {
${h.map((x, i) => `  let ${x} = v128.load32_splat(key, ${4 * i});`).join("\n")}
  const counterLow = ${counterLanes("")};
  const counterHigh = ${counterLanes(" >> 32")};
  let ${names("m", 16)
    .map((x) => `${x}: v128`)
    .join(", ")};
  let t0: v128, t1: v128, t2: v128, t3: v128;
  for (let b: u32 = 0; b < blocks; b++) {
    const block = address + (<usize>b << 6);
    const blockFlags = flags | (b == 0 ? first : 0) | (b == blocks - 1 ? last : 0);
${loadBlocks()}
    let ${h.map((x, i) => `v${i} = ${x}`).join(", ")};
    let v8 = i32x4.splat(0x6a09e667), v9 = i32x4.splat(0xbb67ae85), v10 = i32x4.splat(0x3c6ef372), v11 = i32x4.splat(0xa54ff53a);
    let v12 = counterLow, v13 = counterHigh, v14 = i32x4.splat(64), v15 = i32x4.splat(blockFlags);
${wideRounds()}
    ${h.map((x, i) => `${x} = v128.xor(v${i}, v${i + 8});`).join(" ")}
  }
  ${transpose("h0", "h1", "h2", "h3").join("\n  ")}
  ${transpose("h4", "h5", "h6", "h7").join("\n  ")}
  ${[0, 4, 1, 5, 2, 6, 3, 7].map((x, i) => `v128.store(out, h${x}, ${16 * i});`).join("\n  ")}
}
`;
}

function compressChain(): string {
  return `
/**
 * One input of \`blocks\` blocks, chained from the key; the last block counts lastBytes bytes (the rest of it is zero).
 * The 32-byte chaining value goes to out.
 */
export function compressChain(
  key: usize, address: usize, blocks: u32, lastBytes: u32, counter: u64, flags: u32, first: u32, last: u32, out: usize,
): void {
  let c0 = v128.load(key), c1 = v128.load(key, 16), block = address;
  let t0: v128, t1: v128, t2: v128;
  const initial = i32x4(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a), counterLanes = i64x2.splat(counter);
  for (let b: u32 = 0; b < blocks; b++) {
    const end = b == blocks - 1;
    const w0 = v128.load(block), w1 = v128.load(block, 16), w2 = v128.load(block, 32), w3 = v128.load(block, 48);
    block += 64;
    let x0 = i32x4.shuffle(w0, w1, 0, 2, 4, 6), x1 = i32x4.shuffle(w0, w1, 1, 3, 5, 7);
    let x2 = i32x4.shuffle(w2, w3, 0, 2, 4, 6), x3 = i32x4.shuffle(w2, w3, 1, 3, 5, 7);
    let r0 = c0, r1 = c1, r2 = initial;
    let r3 = i32x4.replace_lane(counterLanes, 2, end ? lastBytes : 64);
    r3 = i32x4.replace_lane(r3, 3, flags | (b == 0 ? first : 0) | (end ? last : 0));
${narrowRounds()}
    c0 = v128.xor(r0, r2); c1 = v128.xor(r1, r3);
  }
  v128.store(out, c0); v128.store(out, c1, 16);
}
`;
}

/** The text of generated/blake3-compress.ts. */
export function blake3Compress(): string {
  return (
    heading("blake3.ts", "The BLAKE3 compression function: four inputs side by side, and one input as fast as one can be.") +
    primitives() +
    compress4() +
    compressChain()
  );
}
