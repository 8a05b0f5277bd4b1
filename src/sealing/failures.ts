import { corrupted, fromText, PlakarError, toDisplay } from "../foundation/index.ts";
import { LZ4_CHECKSUM, LZ4_TOO_LARGE, LZ4_UNSUPPORTED } from "../kernels/index.ts";

/** How far opening may go, and what it is called in errors ("chunk 3 of /a/b"). */
export interface OpenLimits {
  /** What the content may have at most; more is damage. */
  readonly maxBytes: number;
  readonly what: string;
}

/** The one answer to stored bytes that cannot be opened. `reason` never holds any of the content or of a key. */
export function blobDamaged(what: string, reason: string, cause?: unknown): PlakarError {
  return corrupted("blob-damaged", `${what} cannot be opened: ${reason}`, { reason }, cause);
}

export function tooLarge({ maxBytes, what }: OpenLimits, cause?: unknown): PlakarError {
  return blobDamaged(what, `it expands to more than ${maxBytes} bytes`, cause);
}

/** What the kernels' negative answer to an LZ4 frame means. */
export function frameFailure(code: number, limits: OpenLimits): PlakarError {
  if (code === LZ4_TOO_LARGE) return tooLarge(limits);
  if (code === LZ4_CHECKSUM) return blobDamaged(limits.what, "the checksum of its LZ4 frame is wrong");
  if (code === LZ4_UNSUPPORTED) return blobDamaged(limits.what, "it does not begin as an LZ4 frame");
  return blobDamaged(limits.what, "its LZ4 frame is damaged");
}

/** CONFIG names an algorithm that is not known here; `role` says what for. */
export function algorithmUnknown(role: string, name: string): PlakarError {
  const shown = toDisplay(fromText(name));
  return new PlakarError("algorithm-unknown", `this store needs the ${role} "${shown}", which is not known here`, {
    kind: "newer",
    advice: "Install a newer plakar.",
    details: { role, algorithm: shown },
  });
}

export function configurationDamaged(reason: string, cause?: unknown): PlakarError {
  return corrupted("config-damaged", `CONFIG cannot be right: ${reason}`, { reason }, cause);
}
