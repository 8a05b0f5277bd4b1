import { corrupted, equalBytes, viewOf } from "../foundation/index.ts";
import { asPackfileId, asStateId, type PackfileId, type StateId } from "./identifiers.ts";
import { formatVersion, newerVersion, V1_0_0 } from "./version.ts";

/* A store in one file: header, CONFIG, one packfile, one state, and a footer with their places (format-gaps section 1). */
export const PTAR_HEADER_BYTES = 12;
export const PTAR_FOOTER_BYTES = 48;
const MAX_CONFIG_BYTES = 32768;
const magic = Buffer.from("_PLATAR_");

/** The ids under which the one state and the one packfile are listed. */
export const PTAR_STATE_ID: StateId = asStateId(`0f0e0d0c0b0a09080706050403020100${"0".repeat(32)}`);
export const PTAR_PACKFILE_ID: PackfileId = asPackfileId(`000102030405060708090a0b0c0d0e0f${"0".repeat(32)}`);

/** A place in the file, in bytes from its start; the wrapper's header and trailer belong to it. */
export interface PtarSection {
  readonly offset: number;
  readonly length: number;
}

export interface PtarSections {
  readonly config: PtarSection;
  readonly packfile: PtarSection;
  readonly state: PtarSection;
}

/** The first 12 bytes. */
export function ptarHeader(): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(PTAR_HEADER_BYTES);
  header.set(magic);
  viewOf(header).setUint32(8, V1_0_0, true);
  return header;
}

export function isPtarHeader(bytes: Uint8Array): boolean {
  return bytes.length >= PTAR_HEADER_BYTES && equalBytes(bytes.subarray(0, 8), magic);
}

/**
 * Fails with `ptar-damaged` (kind corrupted) or kind `newer`. No MAC covers these bytes, so that they must be exactly what
 * they can be; the Go implementation does not look at the version.
 */
export function checkPtarHeader(header: Uint8Array): void {
  if (!isPtarHeader(header)) throw corrupted("ptar-damaged", "the file does not begin as a ptar does");
  const version = viewOf(header).getUint32(8, true);
  if (version > V1_0_0) throw newerVersion("the ptar", version);
  if (version < V1_0_0) throw corrupted("ptar-damaged", `no ptar has the version ${formatVersion(version)}`);
}

export function encodePtarFooter({ config, packfile, state }: PtarSections): Uint8Array<ArrayBuffer> {
  const footer = new Uint8Array(PTAR_FOOTER_BYTES);
  const view = viewOf(footer);
  for (const [place, { offset, length }] of [config, packfile, state].entries()) {
    view.setBigInt64(place * 16, BigInt(offset), true);
    view.setBigInt64(place * 16 + 8, BigInt(length), true);
  }
  return footer;
}

/** `footer`: the last 48 bytes of a file of `fileBytes`. Fails with `ptar-damaged` (kind corrupted). */
export function readPtarFooter(footer: Uint8Array, fileBytes: number): PtarSections {
  if (footer.length !== PTAR_FOOTER_BYTES) throw corrupted("ptar-damaged", "the file is too short to be a ptar");
  const view = viewOf(footer);
  const section = (at: number): PtarSection => {
    const offset = Number(view.getBigInt64(at, true));
    const length = Number(view.getBigInt64(at + 8, true));
    const sound = offset >= PTAR_HEADER_BYTES && length > 0 && offset + length <= fileBytes - PTAR_FOOTER_BYTES;
    if (!sound) throw corrupted("ptar-damaged", "the footer of the ptar points outside the file");
    return { offset, length };
  };
  const sections = { config: section(0), packfile: section(16), state: section(32) };
  if (sections.config.length > MAX_CONFIG_BYTES) throw corrupted("ptar-damaged", "the ptar's CONFIG is too long");
  return sections;
}
