import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file that is there as a whole or not at all, and leaves alone what has another name for an earlier one. */
export function writeWhole(file: string, content: string, mode = 0o644): void {
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    writeFileSync(unfinished, content, { mode });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
