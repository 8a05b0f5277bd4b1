import { type ByteString, fromText, fromWindowsPath, isWindowsPath } from "../foundation/index.ts";
import type { HeaderFacts } from "./facts.ts";

/** Which snapshots are meant: all that is said must be true of one. Nothing said is true of all. */
export interface SnapshotFilter {
  /** Taken earlier than this; nanoseconds since 1970, as `sinceNs`. */
  readonly beforeNs?: bigint;
  /** Taken then or later. */
  readonly sinceNs?: bigint;
  readonly name?: string;
  readonly category?: string;
  readonly environment?: string;
  readonly perimeter?: string;
  readonly job?: string;
  readonly dataset?: string;
  readonly dataClasses?: readonly string[];
  /** All of them; `!tag` is a tag that must not be there. */
  readonly tags?: readonly string[];
  /** One of these directories was backed up. */
  readonly roots?: readonly string[];
  /** The host, or whatever the source names as its origin. */
  readonly origin?: string;
  /** The kind of source: `fs`, `stdin`, `tar` … */
  readonly type?: string;
}

const fields = ["name", "category", "environment", "perimeter", "job", "dataset"] as const;

export function matchesFilter(header: HeaderFacts, filter: SnapshotFilter): boolean {
  const [source] = header.sources;
  const tags = header.tags ?? [];
  const classes = header.dataClasses ?? [];
  const roots = filter.roots?.map(rootOf);
  return (
    (filter.beforeNs === undefined || header.timestampNs < filter.beforeNs) &&
    (filter.sinceNs === undefined || header.timestampNs >= filter.sinceNs) &&
    fields.every((field) => filter[field] === undefined || filter[field] === header[field]) &&
    (filter.dataClasses ?? []).every((each) => classes.includes(each)) &&
    (filter.tags ?? []).every((tag) => (tag.startsWith("!") ? !tags.includes(tag.slice(1)) : tags.includes(tag))) &&
    (!roots || roots.includes(withoutSlash((source?.importer.directory ?? "/") as ByteString))) &&
    (filter.origin === undefined || filter.origin === source?.importer.origin) &&
    (filter.type === undefined || filter.type === source?.importer.type)
  );
}

/** As snapshots have it. */
function rootOf(typed: string): ByteString {
  const path = fromText(typed);
  return withoutSlash(isWindowsPath(path) ? fromWindowsPath(path) : path);
}

function withoutSlash(path: ByteString): ByteString {
  return (path.length > 1 ? path.replace(/\/+$/, "") || "/" : path) as ByteString;
}
