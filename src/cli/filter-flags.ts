import type { SnapshotFilter } from "../operations/index.ts";
import type { Flag, Flags } from "./command.ts";
import { usageError } from "./parse.ts";

const fields = ["name", "category", "environment", "perimeter", "job"] as const;

/** Which snapshot `restore` takes when none is named, as in the Go implementation. */
export const fieldFlags: readonly Flag[] = [
  ...fields.map(
    (name): Flag => ({ name, kind: "text", value: name.toUpperCase(), help: `only snapshots of this ${name}` }),
  ),
  { name: "tag", kind: "list", value: "A,B", help: "only snapshots with all of these tags; !A: without it" },
];

/** Which snapshots a command is about. All that is said must be true of one. */
export const filterFlags: readonly Flag[] = [
  { name: "before", kind: "time", value: "TIME", help: "only snapshots taken before: 2026-01-31, 30d, '2 weeks'" },
  { name: "since", kind: "time", value: "TIME", help: "only snapshots taken then or later" },
  ...fieldFlags,
  { name: "dataset", kind: "text", value: "DATASET", help: "only snapshots of this dataset" },
  { name: "data-class", kind: "list", value: "CLASS", help: "only snapshots with all of these data classes" },
  { name: "root", kind: "each", value: "PATH", help: "only snapshots of this directory (any number: one of them)" },
  { name: "origin", kind: "text", value: "HOST", help: "only snapshots of this host" },
  { name: "type", kind: "text", value: "TYPE", help: "only snapshots of this kind of source: fs, stdin, tar" },
  { name: "latest", kind: "boolean", help: "of them only the newest" },
];

/** What the flags ask for; `latest` is the caller's. */
export function filterOf(flags: Flags): SnapshotFilter {
  const text = (name: string): string | undefined => (flags.has(name) ? flags.text(name) : undefined);
  return withoutUndefined({
    beforeNs: flags.time("before"),
    sinceNs: flags.time("since"),
    ...Object.fromEntries(fields.map((name) => [name, text(name)])),
    dataset: text("dataset"),
    origin: text("origin"),
    type: text("type"),
    tags: flags.list("tag"),
    dataClasses: flags.list("data-class"),
    roots: flags.has("root") ? flags.list("root") : undefined,
  });
}

/** Whether one of the flags that choose was given. */
export function isFiltered(flags: Flags): boolean {
  return filterFlags.some(({ name }) => flags.has(name));
}

/** Flags that choose snapshots say nothing beside snapshots that are named. */
export function refuseFilterBeside(
  args: readonly string[],
  flags: Flags,
  known: readonly Flag[],
  command: string,
): void {
  const said = known.find(({ name }) => flags.has(name));
  if (!said || args.length === 0) return;
  throw usageError(
    `-${said.name} chooses among snapshots, and ${args[0]} is one already`,
    `Leave one of the two away. See: plakar help ${command}`,
  );
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<Defined<T>>;
}
