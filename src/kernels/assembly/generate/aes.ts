// Writes generated/aes-rounds.ts: AES-256 encryption without a secret-dependent address, by the vector permutation of
// Hamburg, "Accelerating AES with Vector Permute Instructions" (CHES 2009). An element of GF(2^8) is written over GF(16)
// as i + j t, so that its inverse needs nothing but look-ups in tables of 16, which one swizzle does for 16 bytes.
// The tables are computed here from the fields themselves.
import { heading, names } from "./text.ts";

const nibbles = Array.from({ length: 16 }, (_, i) => i);
/** Stands for the inverse of zero: any index with the high bit set makes a swizzle answer zero. */
const infinity = 0x80;

/** Product in GF(16) modulo x^4 + x + 1. */
function multiply4(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 4; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 6; i > 3; i--) if ((product >> i) & 1) product ^= 0x13 << (i - 4);
  return product;
}

const inverse4 = nibbles.map((a) => (a === 0 ? infinity : nibbles.findIndex((b) => multiply4(a, b) === 1)));

/** The smallest constant for which t^2 + t + nu has no root in GF(16). */
const nu = nibbles.find((n) => n > 0 && !nibbles.some((t) => (multiply4(t, t) ^ t) === n)) as number;

/** Product in GF(16)[t] / (t^2 + t + nu); the high nibble is the coefficient of t. */
function multiply8(x: number, y: number): number {
  const [a, b, c, d] = [x >> 4, x & 15, y >> 4, y & 15];
  const high = multiply4(a, c);
  return ((multiply4(a, d) ^ multiply4(b, c) ^ high) << 4) | (multiply4(b, d) ^ multiply4(high, nu));
}

function power8(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = multiply8(result, base);
  return result;
}

/** A root of the AES polynomial x^8 + x^4 + x^3 + x + 1 in the tower field: where the element 2 of AES goes. */
function aesRoot(): number {
  let g = 2;
  while ((power8(g, 8) ^ power8(g, 4) ^ power8(g, 3) ^ g ^ 1) !== 0) g++;
  return g;
}

const root = aesRoot();

function toTower(x: number): number {
  let y = 0;
  for (let i = 0; i < 8; i++) if ((x >> i) & 1) y ^= power8(root, i);
  return y;
}

const fromTower = new Map(Array.from({ length: 256 }, (_, x) => [toTower(x), x]));

/** The linear part of the S-box; its constant 0x63 is added to the round keys instead. */
function affine(x: number): number {
  let y = 0;
  for (let i = 0; i < 8; i++) {
    y |= (((x >> i) ^ (x >> ((i + 4) % 8)) ^ (x >> ((i + 5) % 8)) ^ (x >> ((i + 6) % 8)) ^ (x >> ((i + 7) % 8))) & 1) << i;
  }
  return y;
}

function double(x: number): number {
  return ((x << 1) ^ ((x >> 7) * 0x11b)) & 255;
}

/** What a nibble of the inverted element contributes to the S-box's value. */
function output(nibble: number, basis: number): number {
  if (nibble === 0) return 0;
  return affine(fromTower.get(multiply8(inverse4[nibble] as number, 0x10 | basis)) as number);
}

/** Name -> 16 bytes. 2 marks the tables whose values are doubled, for MixColumns. */
function tables(): Record<string, number[]> {
  const u = nibbles.map((n) => output(n, nu));
  const v = nibbles.map((n) => output(n, nu ^ 1));
  return {
    InLow: nibbles.map(toTower),
    InHigh: nibbles.map((n) => toTower(n << 4)),
    Inverse: inverse4,
    InverseScaled: nibbles.map((k) => (k === 0 ? infinity : multiply4(inverse4[nu] as number, inverse4[k] as number))),
    OutU: u,
    OutV: v,
    OutU2: u.map(double),
    OutV2: v.map(double),
  };
}

const shiftRows = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

/** ShiftRows, then every column turned by n. */
function turned(n: number): number[] {
  return nibbles.map((i) => shiftRows[(i & 12) | ((i + n) & 3)] as number);
}

function shuffle(vector: string, order: number[]): string {
  return `i8x16.shuffle(${vector}, ${vector}, ${order.join(", ")})`;
}

/** The S-box on y: p and q index the output tables, s is the value without its constant. */
function substitute(n: string, indent: string): string {
  return [
    `x${n} = v128.xor(swizzle(tableInLow, v128.and(y${n}, low)), swizzle(tableInHigh, v128.and(i32x4.shr_u(y${n}, 4), low)));`,
    `k${n} = v128.and(i32x4.shr_u(x${n}, 4), low); i${n} = v128.and(x${n}, low); j${n} = v128.xor(i${n}, k${n});`,
    `a${n} = swizzle(tableInverseScaled, k${n});`,
    `p${n} = v128.xor(j${n}, swizzle(tableInverse, v128.xor(a${n}, swizzle(tableInverse, i${n}))));`,
    `q${n} = v128.xor(i${n}, swizzle(tableInverse, v128.xor(a${n}, swizzle(tableInverse, j${n}))));`,
    `s${n} = v128.xor(swizzle(tableOutU, p${n}), swizzle(tableOutV, q${n}));`,
  ]
    .map((line) => `${indent}${line}\n`)
    .join("");
}

/** ShiftRows, MixColumns and the round key: 2 s0 + 3 s1 + s2 + s3 as 2 s, 2 s + s, s, s in four turns. */
function mix(n: string): string {
  return `    d${n} = v128.xor(swizzle(tableOutU2, p${n}), swizzle(tableOutV2, q${n})); e${n} = v128.xor(d${n}, s${n});
    y${n} = v128.xor(v128.xor(${shuffle(`d${n}`, turned(0))}, key), ${shuffle(`e${n}`, turned(1))});
    y${n} = v128.xor(y${n}, v128.xor(${shuffle(`s${n}`, turned(2))}, ${shuffle(`s${n}`, turned(3))}));
`;
}

// In locals, not v128.const in the loop: V8 would build those anew in every round.
const loadTables = Object.keys(tables())
  .map((name, i) => `  const table${name} = v128.load(TABLES, ${16 * i});\n`)
  .join("");

function locals(n: string): string {
  return `  let ${["x", "k", "i", "j", "a", "p", "q", "s", "d", "e"].map((name) => `${name}${n}: v128`).join(", ")};\n`;
}

function encrypt(name: string, lanes: string[]): string {
  const count = lanes.length === 1 ? "One block" : "Two blocks";
  return `
/** ${count} at \`from\`, encrypted to \`to\` (may be the same), under the 15 round keys of aes.ts. */
export function ${name}(keys: usize, from: usize, to: usize): void {
  const low = i8x16.splat(15);
${loadTables}  let key = v128.load(keys);
${lanes.map((n) => `  let y${n} = v128.xor(v128.load(from, ${16 * Number(n)}), key);\n`).join("")}${lanes.map(locals).join("")}  for (let round: usize = 16; round <= 208; round += 16) {
    key = v128.load(keys + round);
${lanes.map((n) => substitute(n, "    ")).join("")}${lanes.map(mix).join("")}  }
  key = v128.load(keys, 224);
${lanes.map((n) => substitute(n, "  ")).join("")}${lanes.map((n) => `  v128.store(to, v128.xor(${shuffle(`s${n}`, shiftRows)}, key), ${16 * Number(n)});\n`).join("")}}
`;
}

/** The text of generated/aes-rounds.ts. */
export function aesRounds(): string {
  return `${heading("aes.ts", "AES-256 rounds in constant time: the S-box as look-ups in vectors of 16.")}const TABLES: usize = memory.data<u8>([
${Object.entries(tables())
  .map(([name, values]) => `  ${values.join(", ")}, // ${name}`)
  .join("\n")}
], 16);

// Every index is 0..15 or has its high bit set, for which the relaxed swizzle is defined exactly as the plain one.
// @ts-ignore: decorator
@inline
function swizzle(table: v128, index: v128): v128 {
  return i8x16.relaxed_swizzle(table, index);
}
${encrypt("encryptBlock", names("", 1))}${encrypt("encryptBlocks2", names("", 2))}
/** The S-box on 16 bytes, for the key schedule. */
export function substitute(from: usize, to: usize): void {
  const low = i8x16.splat(15), y0 = v128.load(from);
${loadTables}${locals("0")}${substitute("0", "  ")}  v128.store(to, v128.xor(s0, i8x16.splat(0x63)));
}
`;
}
