import { readFileSync } from "node:fs";
import { join } from "node:path";

const golden = JSON.parse(readFileSync(join(import.meta.dirname, "gear-fastcdc-v1.0.0.json"), "utf8")) as {
  gear: string[];
};

/** The 256 constants as the Go implementation has them. */
export const gearTable: readonly bigint[] = golden.gear.map((hex) => BigInt(`0x${hex}`));

export interface GearCutParameters {
  readonly minBytes: number;
  readonly normalBytes: number;
  readonly maxBytes: number;
  readonly strictMask: bigint;
  readonly looseMask: bigint;
}

/** The length of the chunk at the beginning of the input: FastCDC with exact 64-bit integers. */
export function gearCut(input: Uint8Array, parameters: GearCutParameters): number {
  const available = Math.min(input.length, parameters.maxBytes);
  if (available <= parameters.minBytes) return available;
  let fingerprint = 0n;
  for (let i = parameters.minBytes; i < available; i++) {
    fingerprint = BigInt.asUintN(64, (fingerprint << 1n) + (gearTable[input[i] as number] as bigint));
    const mask = i < parameters.normalBytes ? parameters.strictMask : parameters.looseMask;
    if ((fingerprint & mask) === 0n) return i;
  }
  return available;
}
