import { readFileSync } from "node:fs";
import { fromBytes, toEscapedText } from "../foundation/index.ts";

/** What Node puts where an argument's bytes are not UTF-8. */
const REPLACED = "\ufffd";

/**
 * The command line's words. Linux allows any bytes in them, which Node decodes with loss; where it did, the kernel's own
 * record is read, and bytes that are not UTF-8 are kept as escapes that `fromText` turns back.
 */
export function commandLineWords(): readonly string[] {
  const words = process.argv.slice(2);
  if (process.platform !== "linux" || !words.some((word) => word.includes(REPLACED))) return words;
  const all = readFileSync("/proc/self/cmdline").toString("latin1").split("\0");
  // Each word ends with NUL; before ours stand the program and what Node itself was told.
  const ours = all.slice(all.length - 1 - words.length, -1);
  return ours.map((word) => toEscapedText(fromBytes(Buffer.from(word, "latin1"))));
}
