import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../support/processes.ts";
import { ScriptError } from "../support/script-error.ts";

/**
 * Keeps a second run away from the folder of a release until the answered function is called. What a run that was killed has
 * left is taken over: its process is gone.
 */
export function lockRelease(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "running");
  const own = `${file}-${process.pid}`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(own, String(process.pid));
      linkSync(own, file); // whole, and by one alone
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = Number(readFileSync(file, "utf8"));
      if (isAlive(other))
        throw new ScriptError(`release: process ${other} is at work on ${folder}\nwait for its end, or end it`);
      rmSync(file, { force: true });
    } finally {
      rmSync(own, { force: true });
    }
  }
  throw new ScriptError(`release: somebody else has just begun in ${folder}\nwait for its end`);
}
