import { PlakarError, parseMoment, parseSize, systemClock } from "../foundation/index.ts";
import type { Flag, FlagValue } from "./command.ts";

/** Flags that stand before or after the command and mean the same everywhere. */
export const globalFlags: readonly Flag[] = [
  { name: "h", kind: "boolean", help: "explain the command" },
  { name: "help", kind: "boolean", help: "explain the command" },
  { name: "json", kind: "boolean", help: "one JSON object a line on standard output" },
  { name: "keyfile", kind: "text", value: "FILE", help: "read the passphrase from a file" },
  { name: "limit-download", kind: "size", value: "SIZE", help: "read at most so much from the store in a second" },
  { name: "limit-upload", kind: "size", value: "SIZE", help: "write at most so much to the store in a second" },
  { name: "no-agent", kind: "boolean", help: "derive the key of the store, and leave it with nobody" },
  { name: "no-progress", kind: "boolean", help: "no progress on the terminal" },
  { name: "quiet", kind: "boolean", help: "errors only" },
  { name: "silent", kind: "boolean", help: "the same as -quiet" },
  { name: "stdio", kind: "boolean", help: "plain lines even on a terminal" },
  { name: "trace", kind: "boolean", help: "show where in the program an error arose" },
  { name: "verbose", kind: "boolean", help: "a line for every file" },
  { name: "cpu", kind: "number", value: "N", help: "worker threads (default: one a core)" },
];

export interface ParsedLine {
  readonly store: string | undefined;
  readonly command: string | undefined;
  readonly rest: readonly string[];
  readonly before: readonly string[];
}

/** Splits `[global flags] [at STORE] COMMAND …`: the command is the first word that belongs to no flag. */
export function splitLine(argv: readonly string[]): ParsedLine {
  const before: string[] = [];
  let store: string | undefined;
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] as string;
    if (word === "at") {
      store = argv[at + 1];
      if (store === undefined) throw usageError("`at` needs a store", "Write: plakar at STORE COMMAND");
      at += 2;
    } else if (word.startsWith("-") && word.length > 1) {
      before.push(word);
      const flag = globalFlags.find(({ name }) => name === word.replace(/^--?/, ""));
      if (flag && flag.kind !== "boolean" && at + 1 < argv.length) before.push(argv[++at] as string);
      at++;
    } else return { store, command: word, before, rest: argv.slice(at + 1) };
  }
  return { store, command: undefined, before, rest: [] };
}

export interface ParsedFlags {
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly args: readonly string[];
}

/** Go's way: `-name value`, `-name=value`, with one dash or two, anywhere; `--` ends the flags; `-` alone is an argument. */
export function parseFlags(words: readonly string[], known: readonly Flag[], command: string): ParsedFlags {
  const values = new Map<string, FlagValue>();
  const args: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "--") {
      args.push(...words.slice(at + 1));
      break;
    }
    const match = /^--?([A-Za-z0-9][\w-]*)(?:=([\s\S]*))?$/.exec(word);
    if (!match) {
      if (word.startsWith("-") && word !== "-")
        throw usageError(`${word} is not a flag`, `See: plakar help ${command}`);
      args.push(word);
      continue;
    }
    const [, name = "", inline] = match;
    const flag = known.find((each) => each.name === name);
    if (!flag) throw unknownFlag(name, known, command);
    let value = inline;
    if (flag.kind !== "boolean" && value === undefined) {
      value = words[++at];
      if (value === undefined) throw usageError(`-${name} needs a value`, `See: plakar help ${command}`);
    }
    set(values, flag, value, command);
  }
  return { values, args };
}

function set(values: Map<string, FlagValue>, flag: Flag, text: string | undefined, command: string): void {
  const wrong = (wants: string): PlakarError =>
    usageError(`-${flag.name} wants ${wants}, not "${text}"`, `See: plakar help ${command}`);
  if (text === "") throw usageError(`-${flag.name} has an empty value`, "Was a variable without a value meant?");
  switch (flag.kind) {
    case "boolean":
      if (text !== undefined && !/^(1|t|true|0|f|false)$/i.test(text)) throw wrong("true or false");
      values.set(flag.name, text === undefined || /^(1|t|true)$/i.test(text));
      return;
    case "number":
      if (!/^\d+$/.test(text ?? "")) throw wrong("a number");
      values.set(flag.name, Number(text));
      return;
    case "time": {
      const ns = parseMoment(text ?? "", systemClock.nowNs());
      if (ns === undefined) {
        const minutes = /^\d+\s*m$/.test(text ?? "");
        throw wrong(
          minutes ? "min or mo, which are minutes or months" : "2026-01-31, 2026-01-31T12:00:00Z, 30d or '2 weeks'",
        );
      }
      values.set(flag.name, ns);
      return;
    }
    case "list": {
      const before = values.get(flag.name);
      values.set(flag.name, [
        ...(Array.isArray(before) ? (before as string[]) : []),
        ...(text ?? "").split(",").filter(Boolean),
      ]);
      return;
    }
    case "each":
      values.set(flag.name, [...((values.get(flag.name) as string[] | undefined) ?? []), text ?? ""]);
      return;
    case "size": {
      const bytes = parseSize(text ?? "");
      if (bytes === undefined) throw wrong("a size such as 500K, 10M or 2GiB");
      values.set(flag.name, bytes);
      return;
    }
    case "choice":
      if (!flag.choices?.includes(text ?? "")) throw wrong(`one of ${flag.choices?.join(", ")}`);
      values.set(flag.name, text ?? "");
      return;
    case "text":
      values.set(flag.name, text ?? "");
  }
}

function unknownFlag(name: string, known: readonly Flag[], command: string): PlakarError {
  const near = nearest(
    name,
    known.map((flag) => flag.name),
  );
  return usageError(
    `${command} has no flag -${name}`,
    near ? `Did you mean -${near}? See: plakar help ${command}` : `See: plakar help ${command}`,
  );
}

/** A usage error: two lines, exit code 2. */
export function usageError(message: string, advice: string): PlakarError {
  return new PlakarError("usage", message, { kind: "usage", advice });
}

/** The name within two edits, by Levenshtein's distance. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const name of names) {
    const distance = editDistance(word, name);
    if (distance < least && distance < name.length) [best, least] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, change));
    }
    row = next;
  }
  return row[b.length] as number;
}
