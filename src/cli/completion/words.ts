import type { Flag } from "../command.ts";
import { globalFlags } from "../parse.ts";

/** Words of a command line after which the next one belongs to them, and is no command. */
export const takesNextWord: readonly string[] = [
  "at",
  ...globalFlags.filter(({ kind }) => kind !== "boolean").map(({ name }) => `-${name}`),
];

/** Whether the value of a flag is something in the file system; what else it may be no shell can know. */
export function wantsFile({ value }: Flag): boolean {
  return value === "FILE" || value === "DIRECTORY" || value === "PATH";
}

/** Text within single quotes, as all three shells understand it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
