import { futimesSync, lutimesSync } from "node:fs";
import { type ByteString, systemCode, toFsPath } from "../foundation/index.ts";
import { cPath } from "./c-string.ts";
import { hasNative, lastError, native } from "./native.ts";
import { HELD, runOn } from "./programs.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const UTIME_OMIT = 0x3fff_fffen;
const SECOND_NS = 1_000_000_000n;

// two struct timespec: access, modification; each 64-bit seconds and 64-bit nanoseconds
const room = new DataView(new ArrayBuffer(32));

function fill(modifiedNs: bigint): DataView {
  let nanoseconds = modifiedNs % SECOND_NS;
  if (nanoseconds < 0n) nanoseconds += SECOND_NS;
  room.setBigInt64(0, 0n, true);
  room.setBigInt64(8, UTIME_OMIT, true);
  room.setBigInt64(16, (modifiedNs - nanoseconds) / SECOND_NS, true);
  room.setBigInt64(24, nanoseconds, true);
  return room;
}

/**
 * Sets the modification time of a path (of a link itself) or an open descriptor, exact to the nanosecond, before 1970
 * too; the access time stays. Without native calls the program touch(1) does it, and where that cannot, it is exact to about a
 * quarter of a microsecond only.
 */
export function setModifiedTime(target: ByteString | number, modifiedNs: bigint): void {
  if (!hasNative("utimensat")) setByProgram(target, modifiedNs);
  else if (typeof target === "number") {
    if (native("futimens")(target, fill(modifiedNs)) !== 0) throw lastError("futimens", target);
  } else {
    const path = cPath(target, "utimensat");
    const answer = native("utimensat")(AT_FDCWD, path, fill(modifiedNs), AT_SYMLINK_NOFOLLOW);
    if (answer !== 0) throw lastError("utimensat", target);
  }
}

function setByProgram(target: ByteString | number, modifiedNs: bigint): void {
  try {
    const digits = `${modifiedNs < 0n ? -modifiedNs : modifiedNs}`.padStart(10, "0");
    const seconds = `${modifiedNs < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
    runOn(target, "touch", ["-c", "-m", "-d", `@${seconds}`, "--", HELD]);
  } catch (error) {
    if (systemCode(error) !== "ENOTSUP" && systemCode(error) !== "EIO") throw error;
    setRoughly(target, modifiedNs);
  }
}

function setRoughly(target: ByteString | number, modifiedNs: bigint): void {
  const seconds = Number(modifiedNs) / 1e9;
  if (typeof target === "number") futimesSync(target, seconds, seconds);
  else lutimesSync(toFsPath(target), seconds, seconds);
}
