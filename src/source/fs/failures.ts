import { PlakarError } from "../../foundation/index.ts";

/** What was to be backed up is not there. `shown` is the path for people. */
export function sourceMissing(shown: string, cause?: unknown): PlakarError {
  return new PlakarError("source-missing", `${shown} does not exist`, {
    kind: "missing",
    advice: "Check the spelling, and that the file system it lies on is mounted.",
    details: { path: shown },
    cause,
  });
}

/** What was to be backed up is there, but cannot be opened. */
export function sourceDenied(shown: string, reason: string, cause?: unknown): PlakarError {
  return new PlakarError("source-denied", `cannot open ${shown}: ${reason}`, {
    kind: "denied",
    advice: "Check the permissions of the path and of the directories above it.",
    details: { path: shown },
    cause,
  });
}
