import { systemCode } from "../foundation/index.ts";
import { lastError, native } from "./native.ts";

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/**
 * Takes the kernel's lock on an open file without waiting; false when somebody else holds it. It is freed when the
 * descriptor is closed or the process ends, however it ends. ENOTSUP without native calls.
 */
export function tryFileLock(descriptor: number, mode: "shared" | "exclusive"): boolean {
  const answer = native("flock")(descriptor, (mode === "shared" ? LOCK_SH : LOCK_EX) | LOCK_NB);
  if (answer === 0) return true;
  const error = lastError("flock", descriptor);
  if (systemCode(error) === "EAGAIN") return false;
  throw error;
}

export function releaseFileLock(descriptor: number): void {
  if (native("flock")(descriptor, LOCK_UN) !== 0) throw lastError("flock", descriptor);
}
