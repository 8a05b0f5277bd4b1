import { KeyTable } from "./key-table.ts";
import { MsgpackReader } from "./msgpack-reader.ts";
import { type MsgpackWriter, startWriting } from "./msgpack-writer.ts";

/** Field names of the format in their order, and how each is encoded. Zeros are omitted. */
const fields = [
  ["directories", "u64"],
  ["files", "u64"],
  ["symlinks", "u64"],
  ["devices", "u64"],
  ["pipes", "u64"],
  ["sockets", "u64"],
  ["children", "u64"],
  ["setuid", "u64"],
  ["setgid", "u64"],
  ["sticky", "u64"],
  ["objects", "u64"],
  ["chunks", "u64"],
  ["min_size", "u64"],
  ["max_size", "u64"],
  ["avg_size", "u64"],
  ["size", "u64"],
  ["min_mod_time", "i64"],
  ["max_mod_time", "i64"],
  ["min_entropy", "f64"],
  ["max_entropy", "f64"],
  ["sum_entropy", "f64"],
  ["avg_entropy", "f64"],
  ["hi_entropy", "u64"],
  ["lo_entropy", "u64"],
  ["MIME_audio", "u64"],
  ["MIME_video", "u64"],
  ["MIME_image", "u64"],
  ["MIME_text", "u64"],
  ["MIME_application", "u64"],
  ["MIME_other", "u64"],
  ["errors", "u64"],
] as const;

export type SummaryField = (typeof fields)[number][0];

/** Counts and sizes of the items in a directory, or of everything below it. Absent is zero. Times are in seconds. */
export type SummaryCounts = { [K in SummaryField]?: number };

export interface VfsSummary {
  readonly directory: SummaryCounts;
  readonly below: SummaryCounts;
}

const keys = new KeyTable(["directory", "below"] as const);
const countKeys = new KeyTable<SummaryField>(fields.map(([field]) => field));
const encodingOf = Object.fromEntries(fields) as Readonly<Record<SummaryField, "u64" | "i64" | "f64">>;

export function encodeSummary(summary: VfsSummary): Uint8Array<ArrayBuffer> {
  const w = startWriting();
  writeSummary(w, summary);
  return w.take();
}

/** `below` has no averages and always `errors`; `directory` is omitted where everything in it is zero. */
export function writeSummary(w: MsgpackWriter, { directory, below }: VfsSummary): void {
  const own = countWritten(directory, false);
  w.map(own > 0 ? 2 : 1);
  if (own > 0) writeCounts(w.key(keys.of.directory).map(own), directory, false);
  writeCounts(w.key(keys.of.below).map(countWritten(below, true)), below, true);
}

function countWritten(counts: SummaryCounts, withErrors: boolean): number {
  let written = withErrors && !counts.errors ? 1 : 0;
  for (const field of countKeys.names) if (counts[field]) written++;
  return written;
}

function writeCounts(w: MsgpackWriter, counts: SummaryCounts, withErrors: boolean): void {
  for (const field of countKeys.names) {
    const value = counts[field] ?? 0;
    if (value !== 0 || (withErrors && field === "errors")) w.key(countKeys.of[field])[encodingOf[field]](value);
  }
}

export function decodeSummary(bytes: Uint8Array): VfsSummary {
  return readSummary(new MsgpackReader(bytes, "a summary"));
}

export function readSummary(r: MsgpackReader): VfsSummary {
  const summary = { directory: {} as SummaryCounts, below: {} as SummaryCounts };
  r.fields(keys, (key) => {
    summary[key] = readCounts(r);
  });
  return summary;
}

function readCounts(r: MsgpackReader): SummaryCounts {
  const counts: SummaryCounts = {};
  r.fields(countKeys, (field) => {
    const encoding = encodingOf[field];
    counts[field] = encoding === "f64" ? r.float() : encoding === "i64" ? r.number() : r.count();
  });
  return counts;
}
