import { bearsId, type PackVerdict, PackVerifier, type WorkerPool } from "../pipeline/index.ts";
import type { Repository } from "../repository/index.ts";
import { PackMac } from "./pack-mac.ts";
import { portionsOf, wholePack } from "./pack-parts.ts";

/** Verifies the blobs in some bytes of a packfile. */
export type VerifyBytes = (request: {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly origin: number;
  readonly records: Uint32Array;
}) => Promise<PackVerdict>;

/** In worker threads, to the least busy of which the bytes are transferred. */
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

/** What is wrong with a packfile. */
export interface Verdict {
  /** With the file as a whole; empty when its own MAC is right. */
  readonly fileProblem: string;
  readonly damaged: PackVerdict["damaged"];
}

export interface VerifyOptions {
  readonly portions?: Portions;
  readonly onObjects?: (objects: PackVerdict["objects"]) => void;
}

export interface PackWork {
  readonly id: string;
  /** Records of the index that lie in this packfile. */
  readonly records: Uint32Array;
  readonly sizeBytes: number;
}

/** How much of a packfile is fetched at once, and how much of it is under way. */
interface Portions {
  readonly wholeUpToBytes: number;
  readonly partBytes: number;
}

/** Small enough for a few at once in little memory, large enough for few requests. */
const PORTIONS: Portions = { wholeUpToBytes: 6 << 20, partBytes: 4 << 20 };
/** While two are verified the next is fetched. */
const UNDER_WAY = 3;

/**
 * Verifies a packfile: the blobs that states place in it, and its own MAC over every byte; each byte is read once. What is
 * learnt of objects on the way is handed to `onObjects`. Fails with kind `missing` or `corrupted` when it cannot be read.
 */
export async function verifyPackfile(
  repository: Repository,
  verify: VerifyBytes,
  work: PackWork,
  { portions = PORTIONS, onObjects }: VerifyOptions = {},
): Promise<Verdict> {
  const { store, state } = repository;
  const mac = new PackMac(repository);
  const damaged: PackVerdict["damaged"][number][] = [];
  const running: Promise<void>[] = [];
  let fileProblem = "";
  const isWhole = work.sizeBytes <= portions.wholeUpToBytes;
  const all = isWhole ? [undefined] : portionsOf(work.records, state.blobs, work.sizeBytes, portions.partBytes);
  for (const portion of all) {
    const range = portion && { offset: portion.start, length: portion.end - portion.start };
    const bytes = await store.get("packfiles", work.id, range);
    const { start, records, part } = portion ?? wholePack(work.records, bytes.length);
    fileProblem = mac.add(bytes, part); // before the bytes are given away
    const verified = verify({ bytes, origin: start, records }).then((verdict) => {
      damaged.push(...verdict.damaged);
      onObjects?.(verdict.objects);
    });
    verified.catch(() => undefined); // awaited below, unless the next portion cannot be read
    running.push(verified);
    if (running.length >= UNDER_WAY) await running.shift();
  }
  await Promise.all(running);
  const verdict = { fileProblem, damaged };
  return fileProblem === "" ? verdict : { fileProblem, damaged: withDoubtful(repository, work, verdict) };
}

/**
 * Headers and signatures bear the snapshot's id instead of their MAC. Where neither a cipher nor a compressor covers them
 * either, a wrong MAC of the packfile leaves them in doubt.
 */
function withDoubtful(
  { sealer, state }: Repository,
  { records }: PackWork,
  { damaged }: Verdict,
): PackVerdict["damaged"] {
  if (sealer.detectsDamage) return damaged;
  const known = new Set(damaged.map(({ record }) => record));
  const message = "may not be what was stored: nothing but the MAC of its packfile covers it, and that is wrong";
  const doubtful = [...records].filter((record) => !known.has(record) && bearsId(state.blobs.typeOf(record)));
  return [...damaged, ...doubtful.map((record) => ({ record, message }))];
}
