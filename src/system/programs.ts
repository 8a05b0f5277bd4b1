/* What the system's own programs do where native calls cannot be made: slower by a process a call, and the same. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { constants as osConstants } from "node:os";
import { type ByteString, environmentWithoutSecrets, toFsPath, toText } from "../foundation/index.ts";
import { errorOfCode } from "./system-error.ts";

/** Whether a program of this name can be started. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ["--version"], { stdio: "ignore", env: environmentWithoutSecrets() }).error === undefined;
}

/** What `runOn` opens stands for a program under this name, whatever bytes its path is of. */
export const HELD = "/proc/self/fd/3";

/** Names a file without opening it: no right is needed, and a link stands for itself. Node does not have the constant. */
const O_PATH = 0x20_0000;

/**
 * Runs a program on a path (a link itself) or an open descriptor, which it finds as `HELD`; answers its standard output, one
 * unit per byte. Throws system errors: ENOTSUP where there is no such program, else what it said.
 */
export function runOn(target: ByteString | number, name: string, args: readonly string[]): string {
  requireLinux(name);
  if (typeof target === "number") return outputOf(start(name, args, target), name, target);
  const held = openSync(toFsPath(target), O_PATH | constants.O_NOFOLLOW);
  try {
    return outputOf(start(name, args, held), name, target);
  } finally {
    closeSync(held);
  }
}

/** Runs a program that takes no file; as `runOn`. `subject`: what errors are about. */
export function runProgram(name: string, args: readonly string[], subject?: ByteString): string {
  return outputOf(start(name, args), name, subject);
}

/** A program's exit code, for those that answer with it. Throws ENOTSUP where there is none of that name. */
export function statusOf(name: string, args: readonly string[], descriptor: number): number {
  requireLinux(name);
  const run = start(name, args, descriptor);
  if (run.error !== undefined || run.status === null) throw errorOfCode("ENOTSUP", name, descriptor, run.error);
  return run.status;
}

/** A path as a program's argument. Throws ENOTSUP where it is no text, and so no argument to Node. */
export function argumentOf(path: ByteString, syscall: string): string {
  const text = toText(path);
  if (text === undefined || text.includes("\0")) throw errorOfCode("ENOTSUP", syscall, path);
  return text;
}

/** Other systems have no /proc, or other programs under these names. */
function requireLinux(name: string): void {
  if (process.platform !== "linux") throw errorOfCode("ENOTSUP", name);
}

function start(name: string, args: readonly string[], held?: number): SpawnSyncReturns<string> {
  return spawnSync(name, args, {
    stdio: ["ignore", "pipe", "pipe", ...(held === undefined ? [] : [held])],
    encoding: "latin1",
    env: { ...environmentWithoutSecrets(), LC_ALL: "C" }, // their words are looked at
  });
}

function outputOf(run: SpawnSyncReturns<string>, name: string, subject: ByteString | number | undefined): string {
  if (run.error !== undefined) throw errorOfCode("ENOTSUP", name, subject, run.error);
  if (run.status === 0) return run.stdout;
  const code = spoken.find(([words]) => run.stderr.includes(words))?.[1] ?? "EIO";
  throw errorOfCode(code, name, subject, new Error(run.stderr.trim()));
}

/** How C libraries name errors, in the locale C. */
const spoken: readonly (readonly [string, keyof typeof osConstants.errno])[] = [
  ["not supported", "ENOTSUP"],
  ["No such attribute", "ENODATA"],
  ["No such file", "ENOENT"],
  ["exists", "EEXIST"],
  ["not permitted", "EPERM"],
  ["ermission denied", "EACCES"],
  ["must be superuser", "EPERM"],
  ["Read-only file system", "EROFS"],
  ["No space left", "ENOSPC"],
  ["quota exceeded", "EDQUOT"],
  ["Invalid argument", "EINVAL"],
];
