import { WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { bearsId, type PackVerdict, PackVerifier, type WorkerPool } from "../pipeline/index.ts";
import { type BlobIndex, packfileProblem, type Repository } from "../repository/index.ts";

/** Verifies bytes of a packfile: all of it, or a part that begins at `origin`. */
export type VerifyBytes = (request: {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly origin: number;
  readonly records: Uint32Array;
}) => Promise<PackVerdict>;

/** In a worker thread, to which the bytes are transferred. */
export function verifyInWorkers(pool: WorkerPool): VerifyBytes {
  return async (request) => {
    const { bytes } = request;
    const transfer = bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : [];
    const answer = await pool.call({ kind: "verify-pack", ...request }, { transfer });
    if (answer.kind !== "verified-pack") throw new Error(`a worker answered ${answer.kind}`);
    return answer.verdict;
  };
}

/** In this thread: for little, where starting workers takes longer than the work. */
export function verifyHere({ sealer, state }: Repository): VerifyBytes {
  const verifier = new PackVerifier(sealer, state.blobs.share(new SharedArrayBuffer(1)));
  return async (request) => verifier.verify({ kind: "verify-pack", ...request });
}

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
 * Verifies a packfile: the blobs that states place in it, and its own MAC over every byte. Fails with kind
 * `missing` or `corrupted` when it cannot be read.
 */
export async function verifyPackfile(
  repository: Repository,
  verify: VerifyBytes,
  work: PackWork,
  portions: Portions = PORTIONS,
): Promise<PackVerdict> {
  const verdict =
    work.sizeBytes > portions.wholeUpToBytes
      ? await verifyInParts(repository, verify, work, portions.partBytes)
      : await verify({
          id: work.id,
          records: work.records,
          origin: 0,
          bytes: await repository.store.get("packfiles", work.id),
        });
  return verdict.fileProblem === "" ? verdict : { ...verdict, damaged: withDoubtful(repository, work, verdict) };
}

/**
 * Headers and signatures bear the snapshot's id instead of their MAC. Where neither a cipher nor a compressor covers them
 * either, a wrong MAC of the packfile leaves them in doubt.
 */
function withDoubtful(
  { sealer, state }: Repository,
  { records }: PackWork,
  { damaged }: PackVerdict,
): PackVerdict["damaged"] {
  if (sealer.detectsDamage) return damaged;
  const known = new Set(damaged.map(({ record }) => record));
  const message = "may not be what was stored: nothing but the MAC of its packfile covers it, and that is wrong";
  const doubtful = [...records].filter((record) => !known.has(record) && bearsId(state.blobs.typeOf(record)));
  return [...damaged, ...doubtful.map((record) => ({ record, message }))];
}

/** Blobs by ranges; the MAC of the whole in a second pass. */
async function verifyInParts(
  repository: Repository,
  verify: VerifyBytes,
  work: PackWork,
  partBytes: number,
): Promise<PackVerdict> {
  const { store, state, sealer } = repository;
  const damaged: PackVerdict["damaged"][number][] = [];
  for (const { start, end, records } of rangesOf(work.records, state.blobs, partBytes)) {
    const length = Math.min(end, work.sizeBytes) - start; // the worker tells which blobs lie beyond the end
    const bytes = length > 0 ? await store.get("packfiles", work.id, { offset: start, length }) : new Uint8Array();
    damaged.push(...(await verify({ id: work.id, records, origin: start, bytes })).damaged);
  }
  const fileProblem = await packfileProblem({ store, sealer, id: work.id, sizeBytes: work.sizeBytes }, partBytes);
  return { damaged, fileProblem };
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
