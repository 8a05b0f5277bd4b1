import { readFileSync } from "node:fs";
import {
  type ByteString,
  fromBytes,
  fromText,
  nativePath,
  PlakarError,
  toDisplay,
  toEscapedText,
} from "../../foundation/index.ts";
import { absolutePath, describeSystemError } from "../../system/index.ts";

/** The lines of a file that the user names, `-` being standard input; throws `list-unreadable` (kind usage). */
function readLines(file: string, separator: "\n" | "\0" | undefined): ByteString[] {
  const bytes = readUserFile(file);
  const text = fromBytes(bytes);
  // NUL is in no path: where one is, all are ended by it, as find -print0 does
  const by = separator ?? (text.includes("\0") ? "\0" : "\n");
  return text.split(by).filter((line) => line !== "") as ByteString[];
}

/** Paths to back up, as they are: one a line, or with NUL behind each; no comments, no patterns. Answered as text for options. */
export function readPathList(file: string): string[] {
  return readLines(file, undefined).map(toEscapedText);
}

/** Patterns of gitignore(5), one a line. */
export function readPatternFile(file: string): ByteString[] {
  const lines = readLines(file, "\n").map((line) => line.replace(/\r$/, "") as ByteString);
  const [first, ...rest] = lines;
  return first === undefined ? [] : [first.replace(/^\xef\xbb\xbf/, "") as ByteString, ...rest];
}

function readUserFile(file: string): Uint8Array {
  try {
    return readFileSync(file === "-" ? 0 : nativePath(absolutePath(file)));
  } catch (error) {
    const shown = toDisplay(fromText(file));
    throw new PlakarError("list-unreadable", `cannot read ${shown}: ${describeSystemError(error)}`, {
      kind: "usage",
      advice: "Name a file that holds one path or pattern a line.",
      cause: error,
    });
  }
}
