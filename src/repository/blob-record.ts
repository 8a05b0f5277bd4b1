/*
 * One place of one blob as eight words: what is sorted, merged and kept apart from the index. Words are compared as numbers,
 * in this order; 136 bits of the MAC are told apart.
 *
 *   0  first two bytes of the MAC, the first one higher
 *   1  the next four, 2 the next four, 3 the next four; 4 the next three, and the type above them
 *   5  pack, and the highest of five bytes of the offset above it
 *   6  the lower four bytes of the offset in the packfile's body
 *   7  sealed length
 */
export const ROW_WORDS = 8;
export const ROW_BYTES: number = ROW_WORDS * 4;
const TWO_32 = 2 ** 32;

/** Writes a row at word `to`; the MAC is read at `at` of `mac`. */
export function writeRow(
  rows: Uint32Array,
  to: number,
  mac: Uint8Array,
  at: number,
  { type, pack, offset, length }: { type: number; pack: number; offset: number; length: number },
): void {
  rows[to] = prefixAt(mac, at);
  rows[to + 1] = wordAt(mac, at + 2);
  rows[to + 2] = wordAt(mac, at + 6);
  rows[to + 3] = wordAt(mac, at + 10);
  rows[to + 4] = lastWordAt(mac, at + 14, type);
  rows[to + 5] = pack | (Math.floor(offset / TWO_32) << 24);
  rows[to + 6] = offset % TWO_32;
  rows[to + 7] = length;
}

/** The first two bytes of a MAC: where it lies among all others, which are as evenly spread. */
export function prefixAt(mac: Uint8Array, at: number): number {
  return ((mac[at] as number) << 8) | (mac[at + 1] as number);
}

/** Four bytes of a MAC. */
export function wordAt(mac: Uint8Array, at: number): number {
  return (
    ((mac[at] as number) |
      ((mac[at + 1] as number) << 8) |
      ((mac[at + 2] as number) << 16) |
      ((mac[at + 3] as number) << 24)) >>>
    0
  );
}

/** Three bytes of a MAC, and the type of the blob. */
export function lastWordAt(mac: Uint8Array, at: number, type: number): number {
  return ((mac[at] as number) | ((mac[at + 1] as number) << 8) | ((mac[at + 2] as number) << 16) | (type << 24)) >>> 0;
}

/** Below zero where the row at `a` comes before that at `b`. */
export function compareRows(rows: Uint32Array, a: number, b: number): number {
  for (let word = 0; word < ROW_WORDS; word++) {
    const difference = (rows[a + word] as number) - (rows[b + word] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
