import { ResourceType } from "../format/index.ts";
import { coreCount, isPlakarError, mapBounded, messageOf, throwIfAborted, toHex } from "../foundation/index.ts";
import { type PackVerdict, WorkerPool } from "../pipeline/index.ts";
import { listPackfiles, type Repository, readPackIndex } from "../repository/index.ts";
import type { CheckOptions, Problem } from "./check-contract.ts";
import type { Blobs } from "./check-snapshot.ts";
import { type PackWork, verifyPackfile } from "./verify-packfile.ts";

interface PackCheck extends CheckOptions {
  /** undefined: every pack that a state knows. */
  readonly packs: ReadonlySet<number> | undefined;
}

/** Reads whole packfiles and has workers verify them; damaged blobs are entered into `blobs`. */
export async function verifyPacks(repository: Repository, blobs: Blobs, options: PackCheck): Promise<Problem[]> {
  const { state, store } = repository;
  const problems: Problem[] = [];
  const present = await listPackfiles(store);
  const records = state.blobs.recordsByPack(state.packIds.length);
  const packs = [...state.packIds.keys()].filter(
    (pack) => state.isReadable(pack) && (options.packs?.has(pack) ?? true),
  );
  for (const pack of packs) {
    const id = state.packIds[pack] as string;
    if (present.has(id)) continue;
    problems.push({
      code: "packfile-missing",
      message: `packfile ${id.slice(0, 8)} is not in the store`,
      packfile: id,
    });
    blobs.lose(records[pack] as Uint32Array, `packfile ${id.slice(0, 8)} is missing`);
  }
  if (options.fast) return problems;

  options.progress({ type: "phase", phase: "packfiles" });
  const workers = options.workers ?? coreCount();
  const pool = new WorkerPool({
    workers,
    signal: options.signal,
    setup: () => ({
      sealing: repository.parts.sealing,
      index: state.blobs.share(new SharedArrayBuffer(1)),
    }),
  });
  let bytes = 0;
  try {
    // One pack a worker, and one on its way.
    await mapBounded(
      packs.filter((pack) => present.has(state.packIds[pack] as string)),
      workers + 1,
      async (pack) => {
        throwIfAborted(options.signal);
        const id = state.packIds[pack] as string;
        const work = { id, records: records[pack] as Uint32Array, sizeBytes: present.sizeOf(id) ?? 0 };
        bytes += await verifyPack(repository, pool, blobs, work, problems);
        options.progress({ type: "progress", files: 0, bytes });
      },
    );
  } finally {
    await pool.close();
  }
  return problems;
}

/** Answers how many bytes were read. */
async function verifyPack(
  repository: Repository,
  pool: WorkerPool,
  blobs: Blobs,
  work: PackWork,
  problems: Problem[],
): Promise<number> {
  const { id, records } = work;
  const short = `packfile ${id.slice(0, 8)}`;
  let verdict: PackVerdict;
  try {
    verdict = await verifyPackfile(repository, pool, work);
  } catch (error) {
    if (!isPlakarError(error, "missing") && !isPlakarError(error, "corrupted")) throw error;
    problems.push({ code: "packfile-missing", message: `${short} cannot be read: ${messageOf(error)}`, packfile: id });
    blobs.lose(records, `${short} is missing`);
    return 0;
  }
  const { fileProblem, damaged } = verdict;
  if (fileProblem || damaged.length > 0) {
    const hit =
      damaged.length > 0 ? `; ${damaged.length} of ${records.length} blobs in it are damaged` : "; no blob is hit";
    problems.push({
      code: "packfile-damaged",
      message: `${short} is damaged: ${fileProblem || "blobs do not match"}${hit}`,
      packfile: id,
    });
  }
  for (const { record, message } of damaged) blobs.damage(record, `${message} (${short})`);
  return work.sizeBytes;
}

/**
 * Packfiles that no state names. Interrupted backups leave such, which is no damage; but one that holds a snapshot's header
 * while no lock of that backup is left means that a state was lost.
 */
export async function findOrphans(repository: Repository): Promise<{ problems: Problem[]; notes: string[] }> {
  const { state, store } = repository;
  const known = new Set<string>(
    state.packIds.filter((_, pack) => state.knownPacks.has(pack) || state.removedPacks.has(pack)),
  );
  const orphans = (await listPackfiles(store)).ids.filter((id) => !known.has(id));
  const locks = new Set((await store.list("locks")).map(({ id }) => id));
  const problems: Problem[] = [];
  for (const id of orphans) {
    for (const snapshot of await headersIn(repository, id)) {
      if (state.headers.has(snapshot) || locks.has(snapshot)) continue;
      const message = `packfile ${id.slice(0, 8)} holds snapshot ${snapshot.slice(0, 8)}, which no state names: its state is lost, or its backup was killed just before the end`;
      problems.push({ code: "state-missing", message, packfile: id });
    }
  }
  const notes =
    orphans.length > 0
      ? [`${orphans.length} packfiles belong to no snapshot (left by interrupted backups); maintenance removes them`]
      : [];
  return { problems, notes };
}

async function headersIn(repository: Repository, packfile: string): Promise<string[]> {
  try {
    const entries = await readPackIndex(repository, packfile);
    return entries.filter(({ type }) => type === ResourceType.snapshot).map(({ mac }) => toHex(mac));
  } catch (error) {
    if (isPlakarError(error)) return []; // half-written by an interrupted backup
    throw error;
  }
}
