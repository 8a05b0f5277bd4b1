import { PackagingError } from "../packaging-error.ts";

export type RepositoryErrorCode =
  /** A file is not what its name says, or is cut short. */
  | "damaged-package"
  /** What is published would get other bytes under a name that clients may have. */
  | "conflict"
  /** A version that clients would not take for an upgrade. */
  | "not-newer"
  /** No key, an expired key, or one that clients do not know. */
  | "key"
  /** What is published is not what its signatures say. */
  | "damaged-repository"
  /** Somebody else publishes, or has published, at the same time. */
  | "busy"
  /** The place does not answer, or refuses. */
  | "unavailable"
  | "full"
  | "input";

/** What went wrong, and what to do now. Thrown before anything is published, unless it says otherwise. */
export class RepositoryError extends PackagingError {
  readonly code: RepositoryErrorCode;

  constructor(code: RepositoryErrorCode, message: string, advice: string, cause?: unknown) {
    super(message, advice, cause === undefined ? undefined : { cause });
    this.name = "RepositoryError";
    this.code = code;
  }
}

/** A package that cannot be read as what it claims to be. */
export function damagedPackage(name: string, problem: string, cause?: unknown): RepositoryError {
  return new RepositoryError("damaged-package", `${name}: ${problem}`, "make the packages again", cause);
}

/** A file of a published repository that is not what its signed root says. */
export function damagedRepository(path: string, problem: string, cause?: unknown): RepositoryError {
  return new RepositoryError(
    "damaged-repository",
    `${path}: ${problem}`,
    "find out who changed it; then bring it back from a copy, or publish an earlier state again (docs/repositories.md, Damage)",
    cause,
  );
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Why a file of a published repository cannot be accepted, whatever was thrown while it was read. */
export function refused(path: string, cause: unknown): RepositoryError {
  if (!(cause instanceof RepositoryError)) return damagedRepository(path, messageOf(cause), cause);
  return cause.code === "key" ? new RepositoryError("key", `${path}: ${cause.message}`, cause.advice, cause) : cause;
}

/** Clients know the keys that have signed so far: nothing may be published that only others have signed. */
export function unknownSigner(keys: readonly string[]): RepositoryError {
  return new RepositoryError(
    "key",
    `signed by ${keys.join(", ")}, and none of the keys given`,
    "give the key that signed it, too: a new key signs beside the old one first (docs/repositories.md, Keys)",
  );
}
