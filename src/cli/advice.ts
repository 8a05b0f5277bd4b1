import { fromText, toDisplay } from "../foundation/index.ts";

/** What a shell takes as it stands. */
const plainWord = /^[\w@%+=:,./-]+$/;

/**
 * Makes command lines in advice (`plakar ls`) name the store that was named in this one, so that they can be typed as they
 * are. `commands`: those that work on a store.
 */
export function namingStore(store: string, commands: readonly string[]): (advice: string) => string {
  const shown = toDisplay(fromText(store));
  const word = plainWord.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
  const line = new RegExp(`(^|[ (])plakar (?=(?:${commands.join("|")})(?: |$))`, "g");
  return (advice) => advice.replaceAll(line, (_, before: string) => `${before}plakar at ${word} `);
}
