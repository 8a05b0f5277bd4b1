/** The masks of the legacy "FASTCDC", whatever the sizes: those of the published FastCDC for 8 KiB chunks. */
export const LEGACY_MASKS: ChunkMasks = { strictMask: 0x0003590703530000n, looseMask: 0x0000d90003530000n };

/** How much stricter than the mean the mask before the normal size is, and looser behind it, in bits. */
const normalisation = 2;
const wordBits = 64;

export interface ChunkMasks {
  readonly strictMask: bigint;
  readonly looseMask: bigint;
}

/** The masks of "fastcdc-v1.0.0" for a normal size in bytes, a power of two. */
export function masksFor(normalBytes: number): ChunkMasks {
  const bits = Math.floor(Math.log2(normalBytes));
  return { strictMask: spacedMask(bits + normalisation), looseMask: spacedMask(bits - normalisation) };
}

/** `ones` bits spread evenly from the highest down: the gear hash is best mixed at the top. */
export function spacedMask(ones: number): bigint {
  const step = Math.floor(wordBits / ones);
  let mask = 0n;
  for (let k = 0; k < ones; k++) mask |= 1n << BigInt(wordBits - 1 - k * step);
  return mask;
}
