import { execFileSync } from "node:child_process";
import { ScriptError } from "./script-error.ts";

/** In 2106; OpenPGP has 32 bits for times. */
const lastTime = 2 ** 32 - 1;

/**
 * The one time that everything in a release bears, in seconds since 1970: `$SOURCE_DATE_EPOCH`, else the last commit's,
 * else (sources without a history) 0.
 */
export function releaseTime(): number {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given !== undefined && given !== "") {
    if (!/^\d+$/.test(given)) throw new ScriptError(`SOURCE_DATE_EPOCH is not a number of seconds: ${given}`);
    if (Number(given) > lastTime)
      throw new ScriptError(`SOURCE_DATE_EPOCH is later than signatures can be dated (${lastTime}): ${given}`);
    return Number(given);
  }
  try {
    return Number(execFileSync("git", ["log", "-1", "--format=%ct"], { stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    process.stderr.write("no SOURCE_DATE_EPOCH and no commit: everything is dated 1970-01-01\n");
    return 0;
  }
}
