import { type ByteString, baseName, fromLatin1 } from "../../foundation/index.ts";
import { Glob } from "./glob.ts";

interface Rule {
  readonly glob: Glob;
  /** `!`: takes back what rules before it ignore. */
  readonly negated: boolean;
  readonly directoriesOnly: boolean;
  /** Without a slash a pattern is about names at any depth. */
  readonly namesOnly: boolean;
}

/** What rules say of one path; undefined when no rule is about it. */
export type Verdict = "ignored" | "kept" | undefined;

/** The rules of one file, or of one list of patterns: gitignore(5). The last that matches decides. */
export class IgnoreRules {
  readonly #rules: readonly Rule[];

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** One pattern each; comments and empty ones are no rules. */
  static ofPatterns(patterns: readonly ByteString[]): IgnoreRules {
    return new IgnoreRules(patterns.map(parseRule).filter((rule) => rule !== undefined));
  }

  /** The content of a `.gitignore` file: a pattern a line, with CR LF or LF, perhaps after a byte order mark. */
  static ofFile(content: Uint8Array): IgnoreRules {
    const text = fromLatin1(
      Buffer.from(content)
        .toString("latin1")
        .replace(/^\xef\xbb\xbf/, ""),
    );
    return IgnoreRules.ofPatterns(text.split("\n").map((line) => line.replace(/\r$/, "") as ByteString));
  }

  /** `path` is relative to where the rules lie, without a slash at its beginning. What is below an ignored directory is not asked for. */
  verdict(path: ByteString, isDirectory: boolean): Verdict {
    for (let at = this.#rules.length - 1; at >= 0; at--) {
      const { glob, negated, directoriesOnly, namesOnly } = this.#rules[at] as Rule;
      if (directoriesOnly && !isDirectory) continue;
      if (glob.matches(namesOnly ? baseName(path) : path)) return negated ? "kept" : "ignored";
    }
    return undefined;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }
}

function parseRule(line: ByteString): Rule | undefined {
  if (line.startsWith("#")) return undefined;
  let pattern: string = withoutTrailingSpaces(line);
  const negated = pattern.startsWith("!");
  if (negated) pattern = pattern.slice(1);
  const directoriesOnly = pattern.endsWith("/");
  if (directoriesOnly) pattern = pattern.slice(0, -1);
  const namesOnly = !pattern.includes("/");
  if (pattern.startsWith("/")) pattern = pattern.slice(1);
  if (pattern === "") return undefined;
  return { glob: new Glob(pattern as ByteString), negated, directoriesOnly, namesOnly };
}

/** Spaces at the end do not count, unless a backslash stands before them. */
function withoutTrailingSpaces(line: ByteString): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " " && !isEscaped(line, end - 1)) end--;
  return line.slice(0, end);
}

/** Whether an odd number of backslashes stands before a character. */
function isEscaped(line: ByteString, at: number): boolean {
  let backslashes = 0;
  while (line[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}
