import { coreCount, isPlakarError, mapBounded, messageOf, throwIfAborted } from "../foundation/index.ts";
import { type PackVerdict, WorkerPool } from "../pipeline/index.ts";
import { listPackfiles, type Repository } from "../repository/index.ts";
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
  const total = packs.reduce((sum, pack) => sum + (present.sizeOf(state.packIds[pack] as string) ?? 0), 0);
  options.progress({ type: "totals", files: 0, bytes: total });
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
