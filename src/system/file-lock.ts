import { systemCode } from "../foundation/index.ts";
import { hasNative, lastError, native } from "./native.ts";
import { statusOf } from "./programs.ts";

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
/** The number under which a program finds the descriptor it was given. */
const INHERITED = 3;

/**
 * Takes the kernel's lock on an open file without waiting; false when somebody else holds it. It is freed when the
 * descriptor is closed or the process ends, however it ends. Without native calls flock(1) takes it: the lock belongs to the
 * open file, which the program shares for a moment, and stays when that has ended. ENOTSUP where there is neither.
 */
export function tryFileLock(descriptor: number, mode: "shared" | "exclusive"): boolean {
  if (!hasNative("flock")) return statusOf("flock", ["--nonblock", `--${mode}`, String(INHERITED)], descriptor) === 0;
  const answer = native("flock")(descriptor, (mode === "shared" ? LOCK_SH : LOCK_EX) | LOCK_NB);
  if (answer === 0) return true;
  const error = lastError("flock", descriptor);
  if (systemCode(error) === "EAGAIN") return false;
  throw error;
}

export function releaseFileLock(descriptor: number): void {
  if (!hasNative("flock")) statusOf("flock", ["--unlock", String(INHERITED)], descriptor);
  else if (native("flock")(descriptor, LOCK_UN) !== 0) throw lastError("flock", descriptor);
}
