import { WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import { equalBytes } from "../foundation/index.ts";
import type { PackVerdict, WorkerPool } from "../pipeline/index.ts";
import type { BlobIndex, Repository } from "../repository/index.ts";

export interface PackWork {
  readonly id: string;
  /** Records of the index that lie in this packfile. */
  readonly records: Uint32Array;
  readonly sizeBytes: number;
}

/** How much of a packfile is held in memory. */
interface Portions {
  readonly wholeUpToBytes: number;
  readonly partBytes: number;
}

/** Whole is faster; larger than any backup writes them, only .ptar files have packfiles. */
const PORTIONS: Portions = { wholeUpToBytes: 160 << 20, partBytes: 32 << 20 };

/**
 * Has workers verify a packfile: the blobs that states place in it, and its own MAC over every byte. Fails with kind
 * `missing` or `corrupted` when it cannot be read.
 */
export async function verifyPackfile(
  repository: Repository,
  pool: WorkerPool,
  work: PackWork,
  portions: Portions = PORTIONS,
): Promise<PackVerdict> {
  if (work.sizeBytes > portions.wholeUpToBytes) return verifyInParts(repository, pool, work, portions.partBytes);
  return verifyBytes(pool, { ...work, origin: 0, bytes: await repository.store.get("packfiles", work.id) });
}

/** Blobs by ranges; the MAC of the whole in a second pass. */
async function verifyInParts(
  repository: Repository,
  pool: WorkerPool,
  work: PackWork,
  partBytes: number,
): Promise<PackVerdict> {
  const { store, state } = repository;
  const damaged: PackVerdict["damaged"][number][] = [];
  for (const { start, end, records } of rangesOf(work.records, state.blobs, partBytes)) {
    const length = Math.min(end, work.sizeBytes) - start; // the worker tells which blobs lie beyond the end
    const bytes = length > 0 ? await store.get("packfiles", work.id, { offset: start, length }) : new Uint8Array();
    damaged.push(...(await verifyBytes(pool, { id: work.id, records, origin: start, bytes })).damaged);
  }
  return { damaged, fileProblem: await wholeFileProblem(repository, work, partBytes) };
}

async function verifyBytes(
  pool: WorkerPool,
  request: { id: string; bytes: Uint8Array<ArrayBuffer>; origin: number; records: Uint32Array },
): Promise<PackVerdict> {
  const { id, bytes, origin, records } = request;
  const transfer = bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [];
  const answer = await pool.call({ kind: "verify-pack", id, bytes, origin, records }, { transfer });
  if (answer.kind !== "verified-pack") throw new Error(`a worker answered ${answer.kind}`);
  return answer.verdict;
}

interface RecordRange {
  readonly start: number;
  readonly end: number;
  readonly records: Uint32Array;
}

/** Blobs in the order of their places, in parts of about `partBytes`, or of one larger blob. */
function* rangesOf(records: Uint32Array, blobs: BlobIndex, partBytes: number): Generator<RecordRange> {
  const sorted = [...records].toSorted((a, b) => blobs.location(a).offset - blobs.location(b).offset);
  for (let at = 0; at < sorted.length; ) {
    const start = WRAPPER_HEADER_BYTES + blobs.location(sorted[at] as number).offset;
    let end = start;
    let next = at;
    for (; next < sorted.length; next++) {
      const { offset, length } = blobs.location(sorted[next] as number);
      const stop = WRAPPER_HEADER_BYTES + offset + length;
      if (next > at && stop - start > partBytes) break;
      end = Math.max(end, stop);
    }
    yield { start, end, records: Uint32Array.from(sorted.slice(at, next)) };
    at = next;
  }
}

/** The MAC over all bytes, read part by part; "" when it is right. */
async function wholeFileProblem(
  { store, sealer }: Repository,
  { id, sizeBytes }: PackWork,
  partBytes: number,
): Promise<string> {
  const end = sizeBytes - WRAPPER_TRAILER_BYTES;
  if (end < WRAPPER_HEADER_BYTES) return "it is too short";
  const mac = sealer.createMac();
  for (let offset = 0; offset < end; offset += partBytes) {
    mac.update(await store.get("packfiles", id, { offset, length: Math.min(partBytes, end - offset) }));
  }
  const trailer = await store.get("packfiles", id, { offset: end, length: WRAPPER_TRAILER_BYTES });
  return equalBytes(mac.digest(), trailer) ? "" : "its bytes are not those that were written";
}
