import { isId } from "../format/index.ts";
import { corrupted, type ErrorOptions, formatSize, PlakarError, systemCode } from "../foundation/index.ts";
import type { StoreKind } from "./contract.ts";

export function storeMissing(location: string, cause?: unknown): PlakarError {
  return new PlakarError("store-missing", `there is no store at ${location}`, {
    kind: "missing",
    advice: `Make one: plakar at ${location} create`,
    cause,
  });
}

export function storeNotEmpty(location: string, cause?: unknown): PlakarError {
  return new PlakarError("store-not-empty", `${location} is not empty`, {
    kind: "input",
    advice: "Name a directory that does not exist yet, or an empty one.",
    cause,
  });
}

export function storeReadOnly(location: string): PlakarError {
  return new PlakarError("store-read-only", `${location} can only be read`, {
    kind: "denied",
    advice: "Write to a directory store instead.",
  });
}

export function configurationDamaged(location: string, why: string): PlakarError {
  return corrupted("config-damaged", `CONFIG of the store at ${location} ${why}`);
}

export function fileMissing(kind: StoreKind, id: string, cause?: unknown): PlakarError {
  return new PlakarError("file-missing", `${nameOf(kind, id)} is not in the store`, { kind: "missing", cause });
}

export function fileShort(kind: StoreKind, id: string): PlakarError {
  return corrupted("file-short", `${nameOf(kind, id)} is shorter than it was`);
}

export function fileTooLarge(kind: StoreKind, id: string, sizeBytes: number): PlakarError {
  return new PlakarError(
    "file-too-large",
    `${nameOf(kind, id)} has ${formatSize(sizeBytes)}, too much to read at once`,
    {
      kind: "unavailable",
    },
  );
}

/** Only ids become names of files: what a caller made of something else must not reach the system. */
export function requireId(kind: StoreKind, id: string): void {
  if (!isId(id)) throw new PlakarError("bug", `a name in ${kind} is not an id`, { kind: "bug" });
}

function nameOf(kind: StoreKind, id: string): string {
  return isId(id) ? `${kind}/${id.slice(0, 8)}` : `a file of ${kind} whose name is not an id`;
}

interface SystemFailure extends Pick<ErrorOptions, "kind" | "advice"> {
  readonly code: string;
  readonly says: string;
}

const full = { code: "store-full", kind: "full" } as const;
const denied = { code: "store-denied", kind: "denied" } as const;
const freeSpace = "Free space there; nothing that was stored before is touched.";
const otherUser = "Run as a user who may read and write it.";

const systemFailures: Readonly<Record<string, SystemFailure>> = {
  ENOSPC: { ...full, says: "has no space left", advice: freeSpace },
  EDQUOT: { ...full, says: "has reached its quota", advice: freeSpace },
  EFBIG: { ...full, says: "cannot hold a file of this size", advice: "Use a file system with larger files." },
  EROFS: {
    code: "store-read-only",
    kind: "denied",
    says: "is on a read-only file system",
    advice: "Mount it for writing, or use another store.",
  },
  ENAMETOOLONG: { code: "store-missing", kind: "missing", says: "has a name that is too long for this system" },
  EACCES: { ...denied, says: "may not be used by this user", advice: otherUser },
  EPERM: { ...denied, says: "does not permit it", advice: otherUser },
};

/** A system error in the store's terms; what is not one comes back as it is. */
export function storeFailure(location: string, error: unknown): Error {
  const code = systemCode(error);
  if (error instanceof PlakarError || code === undefined) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const known = systemFailures[code];
  const says = known?.says ?? "failed";
  return new PlakarError(known?.code ?? "store-failed", `the store at ${location} ${says} (${code})`, {
    kind: known?.kind ?? "unavailable",
    retry: "later",
    ...(known?.advice !== undefined && { advice: known.advice }),
    cause: error,
  });
}
