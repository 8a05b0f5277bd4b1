import type { SummaryCounts, SummaryField, VfsSummary } from "../format/index.ts";
import { type ByteString, type ItemInfo, parentPath } from "../foundation/index.ts";
import type { BuilderChild, TakenChild } from "./item.ts";

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
  add(path: ByteString, children: readonly BuilderChild[], errors: number): void {
    const counts = new ChildCounts();
    for (const child of children) {
      if (child.listing) counts.add(countedOf(child));
      else {
        const { info, content } = child;
        const { contentType, entropy, chunks } = content ?? noContent;
        counts.add({ info, contentType, entropy, chunks });
      }
    }
    this.#summaries.set(path, { directory: counts.total(errors), below: {} });
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

const noContent = { contentType: undefined, entropy: 0, chunks: 0 };

function countedOf({ item: { info }, contentType, entropy, chunks }: TakenChild): Counted {
  return info.kind === "file" ? { info, contentType, entropy, chunks } : { info, ...noContent };
}

/** What of an item is counted. `contentType` undefined: it has no content. */
interface Counted {
  readonly info: ItemInfo;
  readonly contentType: string | undefined;
  readonly entropy: number;
  readonly chunks: number;
}

/** The counts of one directory's children, while they are being counted: every file comes by here, changed or not. */
class ChildCounts {
  #children = 0;
  readonly #kinds: SummaryCounts = {};
  #setuid = 0;
  #setgid = 0;
  #sticky = 0;
  #files = 0;
  #chunks = 0;
  #size = 0;
  #sumEntropy = 0;
  #highEntropy = 0;
  #lowEntropy = 0;
  #minSize = Number.POSITIVE_INFINITY;
  #maxSize = 0;
  #minEntropy = Number.POSITIVE_INFINITY;
  #maxEntropy = 0;
  #minTime = Number.POSITIVE_INFINITY;
  #maxTime = Number.NEGATIVE_INFINITY;

  add({ info, contentType, entropy, chunks }: Counted): void {
    this.#children++;
    add(this.#kinds, kindFields[info.kind], 1);
    const { permissions, sizeBytes } = info;
    if (permissions & 0o7000) {
      if (permissions & 0o4000) this.#setuid++;
      if (permissions & 0o2000) this.#setgid++;
      if (permissions & 0o1000) this.#sticky++;
    }
    const seconds = secondsOf(info.modifiedNs);
    if (seconds < this.#minTime) this.#minTime = seconds;
    if (seconds > this.#maxTime) this.#maxTime = seconds;
    if (contentType === undefined) return;
    this.#files++;
    this.#chunks += chunks;
    this.#size += sizeBytes;
    this.#minSize = Math.min(this.#minSize, sizeBytes);
    this.#maxSize = Math.max(this.#maxSize, sizeBytes);
    this.#minEntropy = Math.min(this.#minEntropy, entropy);
    this.#maxEntropy = Math.max(this.#maxEntropy, entropy);
    this.#sumEntropy += entropy;
    if (entropy >= HIGH_ENTROPY) this.#highEntropy++;
    if (entropy <= LOW_ENTROPY) this.#lowEntropy++;
    add(this.#kinds, mimeField(contentType), 1);
  }

  total(errors: number): SummaryCounts {
    const counts: SummaryCounts = { ...this.#kinds, children: this.#children, errors };
    if (this.#children > 0) {
      Object.assign(counts, { setuid: this.#setuid, setgid: this.#setgid, sticky: this.#sticky });
      Object.assign(counts, { min_mod_time: this.#minTime, max_mod_time: this.#maxTime });
    }
    if (this.#files === 0) return counts;
    return Object.assign(counts, {
      ...{ objects: this.#files, chunks: this.#chunks, size: this.#size },
      ...{ min_size: this.#minSize, max_size: this.#maxSize, sum_entropy: this.#sumEntropy },
      ...{ min_entropy: this.#minEntropy, max_entropy: this.#maxEntropy },
      ...{ hi_entropy: this.#highEntropy, lo_entropy: this.#lowEntropy },
      avg_size: Math.floor(this.#size / this.#files),
      avg_entropy: this.#sumEntropy / this.#files,
    });
  }
}

/** Whole seconds towards zero. A double of nanoseconds is off by less than a microsecond, which matters at whole seconds alone. */
function secondsOf(ns: bigint): number {
  const seconds = Number(ns) / 1e9;
  const whole = Math.trunc(seconds);
  const rest = Math.abs(seconds - whole);
  return rest > 1e-5 && rest < 1 - 1e-5 ? whole : Number(ns / NS);
}

function mimeField(contentType: string): SummaryField {
  const slash = contentType.indexOf("/");
  const kind = slash < 0 ? contentType : contentType.slice(0, slash);
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
