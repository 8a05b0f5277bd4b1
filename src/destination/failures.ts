import { type ByteString, type ErrorKind, PlakarError, systemCode, toDisplay } from "../foundation/index.ts";
import { describeSystemError } from "../system/index.ts";

/** A failure of one item; `path` is relative to the target. */
export function restoreFailure(
  code: string,
  kind: ErrorKind,
  path: ByteString,
  reason: string,
  options: { readonly advice?: string; readonly cause?: unknown } = {},
): PlakarError {
  const shown = path === "" ? "the target directory" : toDisplay(path);
  return new PlakarError(code, `cannot restore ${shown}: ${reason}`, {
    kind,
    details: { path: toDisplay(path) },
    ...options,
  });
}

/** A hostile path, or a link on the way to it. */
export function outsideTarget(path: ByteString, reason: string): PlakarError {
  return restoreFailure("restore-outside-target", "denied", path, reason);
}

/** The item's place is the store that is restored from, or in it. */
export function intoStore(path: ByteString): PlakarError {
  return restoreFailure("restore-into-store", "input", path, "the store itself is there", {
    advice: "Restore to another directory.",
  });
}

/** Something of another kind has the item's place. */
export function blocked(path: ByteString, reason: string): PlakarError {
  return restoreFailure("restore-blocked", "input", path, reason, {
    advice: "Move away what is there, or restore to an empty directory.",
  });
}

/** The place was taken in the same run. */
export function collision(path: ByteString): PlakarError {
  return restoreFailure("restore-collision", "input", path, "another item of this restore has its place already", {
    advice: "Restore it alone, to another directory: this file system takes both names for the same.",
  });
}

/** The failure of a system call while an item was made. */
export function ofSystemError(error: unknown, path: ByteString): PlakarError {
  if (error instanceof PlakarError) return error;
  const reason = describeSystemError(error);
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return restoreFailure("target-full", "full", path, reason, {
        advice: "Free space on the target's file system, or restore to another one.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return restoreFailure("target-denied", "denied", path, reason, {
        advice: "Check who may write to the target directory.",
        cause: error,
      });
    case "ELOOP": // what O_NOFOLLOW answers
      return outsideTarget(path, "a symbolic link takes its place");
    default:
      return restoreFailure("target-failed", "unavailable", path, reason, { cause: error });
  }
}
