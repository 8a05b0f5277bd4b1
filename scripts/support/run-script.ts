import { spawn } from "node:child_process";
import { ScriptError } from "./script-error.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words of another program that is to start it: sudo. */
  readonly before?: readonly string[];
}

/**
 * Runs another script of ours in a process of its own and answers what it prints. What it says of its work goes on to standard
 * error as it comes; where it fails, that has told why, and its exit code is ours.
 */
export async function runScript(
  script: string,
  words: readonly string[],
  { env = {}, before = [] }: RunOptions = {},
): Promise<string> {
  const own = [process.execPath, "--disable-warning=ExperimentalWarning", script, ...words];
  const [command = "", ...options] = [...before, ...own];
  const child = spawn(command, options, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let told = "";
  child.stdout.on("data", (part: Buffer) => (printed += part.toString()));
  child.stderr.on("data", (part: Buffer) => (told += part.toString()));
  const status = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  if (status === 0) {
    process.stderr.write(told);
    return printed;
  }
  throw new ScriptError(told.trim() || `${script} ended with ${status}`, status);
}
