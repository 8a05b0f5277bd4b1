import { PlakarError } from "../foundation/index.ts";

/** Versions are `major << 16 | minor << 8 | patch`. */
export const V1_0_0 = 0x1_00_00;
export const STATE_VERSION = 0x1_01_00;

/** `1.1.0` */
export function formatVersion(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

export function newerVersion(what: string, version: number): PlakarError {
  const name = formatVersion(version);
  return new PlakarError("version-newer", `${what} has version ${name}, which is newer than this program`, {
    kind: "newer",
    advice: "Install a newer plakar.",
    details: { version: name },
  });
}

/** Answers the version of a structure, or fails with kind `newer`: what is not understood is not interpreted (I-09). */
export function knownVersion(version: number, what: string): number {
  if (version > V1_0_0) throw newerVersion(what, version);
  return version;
}
