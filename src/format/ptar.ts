import { corrupted, equalBytes, viewOf } from "../foundation/index.ts";

/* A store in one file: header, CONFIG, one packfile, one state, and a footer with their places (format-gaps section 1). */
export const PTAR_HEADER_BYTES = 12;
export const PTAR_FOOTER_BYTES = 48;
const MAX_CONFIG_BYTES = 32768;
const magic = Buffer.from("_PLATAR_");

/** The ids under which the one state and the one packfile are listed. */
export const PTAR_STATE_ID: string = `0f0e0d0c0b0a09080706050403020100${"0".repeat(32)}`;
export const PTAR_PACKFILE_ID: string = `000102030405060708090a0b0c0d0e0f${"0".repeat(32)}`;

export interface PtarSection {
  readonly offset: number;
  readonly length: number;
}

export function isPtarHeader(bytes: Uint8Array): boolean {
  return bytes.length >= PTAR_HEADER_BYTES && equalBytes(bytes.subarray(0, 8), magic);
}

/** `footer`: the last 48 bytes of a file of `fileBytes`. Fails with `ptar-damaged` (kind corrupted). */
export function readPtarFooter(
  footer: Uint8Array,
  fileBytes: number,
): { config: PtarSection; packfile: PtarSection; state: PtarSection } {
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
