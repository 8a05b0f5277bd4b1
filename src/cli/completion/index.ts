/** What a shell completes after `plakar`, made from the definitions of the commands. */
import type { Command } from "../command.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const scripts: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The script for a shell, which it reads from a file or by `source`. */
export function completion(shell: Shell, commands: readonly Command[]): string {
  return scripts[shell](commands);
}
