import { PackagingError } from "../../packaging/packaging-error.ts";

/** What a script says before it ends: one line for a person, and the exit code. */
export class ScriptError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a script's main function; what is meant for a person becomes lines and an exit code, anything else keeps its stack. */
export async function reportErrors(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const lines = linesOf(error);
    if (lines === undefined) throw error;
    process.stderr.write(`${lines.join("\n")}\n`);
    process.exitCode = error instanceof ScriptError ? error.exitCode : 1;
  }
}

function linesOf(error: unknown): string[] | undefined {
  if (error instanceof ScriptError) return [error.message];
  if (error instanceof PackagingError) return [error.message, error.advice];
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return [
      `the disk is full${path === undefined ? "" : `: ${path}`}`,
      "Make room, and run this again: nothing unfinished is left under a final name.",
    ];
  return undefined;
}
