import { WRAPPER_HEADER_BYTES } from "../format/index.ts";
import { coreCount, isPlakarError, mapBounded, messageOf, throwIfAborted } from "../foundation/index.ts";
import { KnownObjects, WorkerPool } from "../pipeline/index.ts";
import { listPackfiles, type PackfileList, type Repository } from "../repository/index.ts";
import type { Blobs } from "./check-blobs.ts";
import type { CheckOptions, Problem, ReadShare } from "./check-contract.ts";
import { type ReadablePack, selectPacks } from "./read-subset.ts";
import {
  type PackWork,
  type Verdict,
  type VerifyBytes,
  verifyHere,
  verifyInWorkers,
  verifyPackfile,
} from "./verify-packfile.ts";

/** So much is verified before the first worker has started. */
const HERE_BYTES = 4 << 20;

/** Packfiles under way at once: as many MACs are. A sealer has room for sixteen. */
const MOST_PACKS = 8;

interface PackCheck extends CheckOptions {
  /** undefined: every pack that a state knows. */
  readonly packs: ReadonlySet<number> | undefined;
}

/** What is wrong with a packfile, whether or not a snapshot is hit by it. */
export interface PackProblem extends Problem {
  readonly pack: number;
  readonly isMissing: boolean;
}

export interface PackResults {
  readonly problems: readonly PackProblem[];
  readonly read: ReadShare;
  /** What was learnt of the objects that were read. */
  readonly objects: KnownObjects;
}

/** Looks for packfiles, and reads and verifies those of the subset; what is lost or damaged is entered into `blobs`. */
export async function verifyPacks(repository: Repository, blobs: Blobs, options: PackCheck): Promise<PackResults> {
  const { state, store, parts } = repository;
  const present = await listPackfiles(store);
  const records = state.blobs.recordsByPack(state.packIds.length);
  const packs = [...state.packIds.keys()].filter(
    (pack) => state.isReadable(pack) && (options.packs?.has(pack) ?? true),
  );
  const problems: PackProblem[] = [];
  const there: ReadablePack[] = [];
  for (const pack of packs) {
    const id = state.packIds[pack] as string;
    if (present.has(id)) there.push({ pack, id, sizeBytes: present.sizeOf(id) ?? 0 });
    else {
      blobs.lose(records[pack] as Uint32Array, `packfile ${id.slice(0, 8)} is missing`);
      problems.push(missing(pack, id, "is not in the store"));
    }
  }
  const chosen = options.fast ? [] : options.subset ? selectPacks(there, options.subset, parts.random) : there;
  const unread = new Set(there).difference(new Set(chosen));
  for (const pack of unread) problems.push(...shortProblem(repository, blobs, present, pack, records));
  const work = chosen.map((each) => ({ ...each, records: records[each.pack] as Uint32Array }));
  const objects = new KnownObjects(state.blobs.count);
  const reading: PackReading = { repository, blobs, objects, problems };
  const bytes = chosen.length === 0 ? 0 : await readPacks(reading, options, work);
  const bytesInAll = there.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { problems, read: { packfiles: chosen.length, packfilesInAll: there.length, bytes, bytesInAll }, objects };
}

/** Of a packfile that is not read its length is known all the same. */
function shortProblem(
  { state }: Repository,
  blobs: Blobs,
  present: PackfileList,
  { pack, id }: ReadablePack,
  records: readonly Uint32Array[],
): PackProblem[] {
  const sizeBytes = present.sizeOf(id);
  if (sizeBytes === undefined || sizeBytes >= state.leastSizeOf(pack)) return [];
  const short = `packfile ${id.slice(0, 8)}`;
  const end = sizeBytes - WRAPPER_HEADER_BYTES;
  const lost = (records[pack] as Uint32Array).filter((record) => {
    const { offset, length } = state.blobs.location(record);
    return offset + length > end;
  });
  blobs.lose(lost, `lies beyond the end of its packfile (${short})`);
  const message = `${short} is shorter than it was: ${sizeBytes} bytes of ${state.leastSizeOf(pack)} or more; ${hits(lost.length, records[pack]?.length ?? 0)}`;
  return [{ code: "packfile-short", message, packfile: id, pack, isMissing: false }];
}

/** What reading packfiles finds out. */
interface PackReading {
  readonly repository: Repository;
  readonly blobs: Blobs;
  readonly objects: KnownObjects;
  readonly problems: PackProblem[];
}

/** Answers how many bytes were read. */
async function readPacks(
  reading: PackReading,
  options: PackCheck,
  packs: readonly (PackWork & ReadablePack)[],
): Promise<number> {
  const { repository } = reading;
  options.progress({ type: "phase", phase: "packfiles" });
  const total = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  options.progress({ type: "totals", files: 0, bytes: total });
  const workers = options.workers ?? coreCount();
  const isLittle = total <= HERE_BYTES;
  const pool = isLittle ? undefined : startWorkers(repository, workers, options.signal);
  const verify = pool ? verifyInWorkers(pool) : verifyHere(repository);
  let bytes = 0;
  try {
    // one pack a worker, and one on its way
    await mapBounded(packs, Math.min(workers + 1, MOST_PACKS), async (work) => {
      throwIfAborted(options.signal);
      bytes += await readPack(reading, verify, work);
      options.progress({ type: "progress", files: 0, bytes });
    });
  } finally {
    await pool?.close();
  }
  return bytes;
}

function startWorkers(repository: Repository, workers: number, signal: AbortSignal | undefined): WorkerPool {
  const index = repository.state.blobs.share(new SharedArrayBuffer(1));
  return new WorkerPool({ workers, signal, setup: () => ({ sealing: repository.parts.sealing, index }) });
}

/** Answers how many bytes were read. */
async function readPack(
  { repository, blobs, objects, problems }: PackReading,
  verify: VerifyBytes,
  work: PackWork & ReadablePack,
): Promise<number> {
  const { id, pack, records } = work;
  const short = `packfile ${id.slice(0, 8)}`;
  let verdict: Verdict;
  try {
    verdict = await verifyPackfile(repository, verify, work, { onObjects: (batch) => objects.add(batch) });
  } catch (error) {
    if (!isPlakarError(error, "missing") && !isPlakarError(error, "corrupted")) throw error;
    blobs.lose(records, `${short} is missing`);
    problems.push(missing(pack, id, `cannot be read: ${messageOf(error)}`));
    return 0;
  }
  const { fileProblem, damaged } = verdict;
  if (fileProblem || damaged.length > 0) {
    const how = fileProblem || "blobs do not match";
    const message = `${short} is damaged: ${how}; ${hits(damaged.length, records.length)}`;
    problems.push({ code: "packfile-damaged", message, packfile: id, pack, isMissing: false });
  }
  for (const { record, message } of damaged) blobs.damage(record, `${message} (${short})`);
  return work.sizeBytes;
}

function missing(pack: number, id: string, how: string): PackProblem {
  const message = `packfile ${id.slice(0, 8)} ${how}`;
  return { code: "packfile-missing", message, packfile: id, pack, isMissing: true };
}

function hits(damaged: number, all: number): string {
  return damaged > 0 ? `${damaged} of ${all} blobs in it are damaged` : "no blob is hit";
}
