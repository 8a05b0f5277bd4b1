import type { SummaryCounts, SummaryField, VfsSummary } from "../format/index.ts";
import { type ByteString, parentPath } from "../foundation/index.ts";
import type { BuilderItem } from "./item.ts";

const NS = 1_000_000_000n;
/** Bits a byte from which content counts as random, and to which as regular. */
const HIGH_ENTROPY = 7;
const LOW_ENTROPY = 2;

const kindFields = {
  file: "files",
  directory: "directories",
  symlink: "symlinks",
  fifo: "pipes",
  socket: "sockets",
  "character-device": "devices",
  "block-device": "devices",
} as const;

const summed: readonly SummaryField[] = [
  "directories",
  "files",
  "symlinks",
  "devices",
  "pipes",
  "sockets",
  "children",
  "setuid",
  "setgid",
  "sticky",
  "objects",
  "chunks",
  "size",
  "hi_entropy",
  "lo_entropy",
  "MIME_audio",
  "MIME_video",
  "MIME_image",
  "MIME_text",
  "MIME_application",
  "MIME_other",
  "errors",
];

/** Counts of each directory's own children, and of everything below it, which is known once all directories are. */
export class SummaryTree {
  readonly #summaries: Map<ByteString, { directory: SummaryCounts; below: SummaryCounts }> = new Map();

  /** A directory's children; in any order of directories. */
  add(path: ByteString, children: readonly BuilderItem[], errors: number): void {
    const counts: SummaryCounts = { children: children.length, errors };
    for (const child of children) count(counts, child);
    const files = counts.files ?? 0;
    if (files > 0) {
      counts.avg_size = Math.floor((counts.size ?? 0) / files);
      counts.avg_entropy = (counts.sum_entropy ?? 0) / files;
    }
    this.#summaries.set(path, { directory: counts, below: {} });
  }

  /** Adds every directory to those above it, deepest first; answers all, by path. */
  settle(): Map<ByteString, VfsSummary> {
    const paths = [...this.#summaries.keys()].toSorted((a, b) => depth(b) - depth(a));
    for (const path of paths) {
      if (path === "/") continue;
      const summary = this.#summaries.get(path);
      const above = this.#summaries.get(parentPath(path));
      if (!summary || !above) continue;
      merge(above.below, summary.directory);
      merge(above.below, summary.below);
    }
    return this.#summaries;
  }

  of(path: ByteString): VfsSummary {
    return this.#summaries.get(path) ?? { directory: {}, below: {} };
  }
}

function count(counts: SummaryCounts, { info, content }: BuilderItem): void {
  add(counts, kindFields[info.kind], 1);
  if (info.permissions & 0o4000) add(counts, "setuid", 1);
  if (info.permissions & 0o2000) add(counts, "setgid", 1);
  if (info.permissions & 0o1000) add(counts, "sticky", 1);
  const seconds = Number(info.modifiedNs / NS);
  least(counts, "min_mod_time", seconds);
  most(counts, "max_mod_time", seconds);
  if (!content) return;
  add(counts, "objects", 1);
  add(counts, "chunks", content.chunks);
  add(counts, "size", info.sizeBytes);
  least(counts, "min_size", info.sizeBytes);
  most(counts, "max_size", info.sizeBytes);
  least(counts, "min_entropy", content.entropy);
  most(counts, "max_entropy", content.entropy);
  add(counts, "sum_entropy", content.entropy);
  if (content.entropy >= HIGH_ENTROPY) add(counts, "hi_entropy", 1);
  if (content.entropy <= LOW_ENTROPY) add(counts, "lo_entropy", 1);
  add(counts, mimeField(content.contentType), 1);
}

function mimeField(contentType: string): SummaryField {
  const [kind] = contentType.split("/", 1);
  switch (kind) {
    case "audio":
    case "video":
    case "image":
    case "text":
    case "application":
      return `MIME_${kind}`;
    default:
      return "MIME_other";
  }
}

function merge(into: SummaryCounts, from: SummaryCounts): void {
  for (const field of summed) if (from[field]) add(into, field, from[field]);
  for (const field of ["min_mod_time", "min_size", "min_entropy"] as const)
    if (from[field] !== undefined) least(into, field, from[field]);
  for (const field of ["max_mod_time", "max_size", "max_entropy"] as const)
    if (from[field] !== undefined) most(into, field, from[field]);
}

function add(counts: SummaryCounts, field: SummaryField, value: number): void {
  counts[field] = (counts[field] ?? 0) + value;
}

function least(counts: SummaryCounts, field: SummaryField, value: number): void {
  counts[field] = Math.min(counts[field] ?? value, value);
}

function most(counts: SummaryCounts, field: SummaryField, value: number): void {
  counts[field] = Math.max(counts[field] ?? value, value);
}

function depth(path: ByteString): number {
  return path === "/" ? 0 : path.split("/").length;
}
