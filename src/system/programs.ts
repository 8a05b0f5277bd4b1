import { spawnSync } from "node:child_process";
import { type ByteString, toText } from "../foundation/index.ts";
import { errorOfCode } from "./system-error.ts";

/** Whether a program of this name can be started: it does the work where native calls cannot be made. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ["--version"], { stdio: "ignore" }).error === undefined;
}

/**
 * Has a program make a node at a path, which comes after `--`. Throws ENOTSUP where there is no such program, or the path is
 * no text and so no argument to Node; EEXIST where something is there; else EPERM for whatever the program did not like.
 */
export function makeByProgram(
  name: "mkfifo" | "mknod",
  path: ByteString,
  before: readonly string[],
  after: readonly string[],
): void {
  const text = toText(path);
  if (text === undefined || text.includes("\0")) throw errorOfCode("ENOTSUP", name, path);
  const run = spawnSync(name, [...before, "--", text, ...after], { encoding: "utf8" });
  if (run.error !== undefined) throw errorOfCode("ENOTSUP", name, path, run.error);
  if (run.status !== 0) throw errorOfCode(run.stderr.includes("exists") ? "EEXIST" : "EPERM", name, path);
}
