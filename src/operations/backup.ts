import type { SnapshotId } from "../format/index.ts";
import { throwIfAborted, toHex } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { warnOfUnnamed } from "../snapshot/index.ts";
import type { Source } from "../source/index.ts";
import type { BackupOptions, BackupReport } from "./backup-contract.ts";
import { BackupCounts } from "./backup-counts.ts";
import { writeHeader } from "./backup-header.ts";
import { findParent, type ParentSnapshot } from "./backup-parent.ts";
import { scanSource } from "./backup-scan.ts";
import { BackupSession } from "./backup-session.ts";
import { openSource, type Surroundings } from "./backup-source.ts";
import { rootsBefore } from "./roots-before.ts";
import type { SourceAhead } from "./source-ahead.ts";
import { totalsOf } from "./totals.ts";

/**
 * A backup. Find the parent -> scan -> compare -> read, chunk, seal, pack (in worker threads) -> write the trees -> flush ->
 * commit. Until the commit nothing of it exists for anybody; after it everything it refers to is durable (I-01). `ahead`: the
 * source, of the same options, where it was begun while the key was derived.
 */
export async function backup(
  repository: Repository,
  options: BackupOptions,
  ahead?: SourceAhead,
): Promise<BackupReport> {
  const opening = ahead?.source();
  opening?.catch(() => undefined); // awaited below, unless the states cannot be loaded
  const startedMs = ahead?.startedMs ?? repository.parts.clock.monotonicMs();
  const id = toHex(repository.parts.random.bytes(32)) as SnapshotId;
  await repository.load();
  const counts = ahead?.counts ?? new BackupCounts(options.progress);
  const source = await (opening ?? openSource(surroundingsOf(repository), options, counts));
  try {
    const lock = options.dryRun ? undefined : await repository.lockForBackup(id);
    try {
      const parent = options.cache === "no" ? undefined : await findParent(repository, source);
      if (!parent) await warnOfUnnamed(repository); // the earlier ones may be there, and only not be found
      const session = await BackupSession.start(repository, id, options);
      try {
        const committed = await writeSnapshot({ repository, options, source, parent, session, counts, id, startedMs });
        const durationMs = repository.parts.clock.monotonicMs() - startedMs;
        return counts.report({
          snapshot: committed ? id : null,
          parent: parent?.view.id ?? null,
          root: source.root,
          bytesAdded: committed || options.dryRun ? session.writer.bytesAdded : 0,
          durationMs,
        });
      } finally {
        await session.close();
      }
    } finally {
      await lock?.release();
    }
  } finally {
    await source.close();
  }
}

function surroundingsOf(repository: Repository): Surroundings {
  const { hostName, clock } = repository.parts;
  return { location: repository.location, hostName, clock, warn: (message) => repository.warn(message) };
}

interface Work {
  readonly repository: Repository;
  readonly options: BackupOptions;
  readonly source: Source;
  readonly parent: ParentSnapshot | undefined;
  readonly session: BackupSession;
  readonly counts: BackupCounts;
  readonly id: SnapshotId;
  readonly startedMs: number;
}

/** False when nothing changed and the user wants no snapshot then. */
async function writeSnapshot(work: Work): Promise<boolean> {
  const { options, source, parent, session, counts } = work;
  options.progress({ type: "phase", phase: "backing up" });
  if (parent) options.progress({ type: "totals", ...totalsOf(parent.view) });
  await scanSource({ source, parent, session, counts, options });
  throwIfAborted(options.signal);

  options.progress({ type: "phase", phase: "writing the index" });
  for (const blobs of await session.content.finish()) session.writer.addSealed(blobs);
  const before = parent && (await rootsBefore(session.builder, session.known, parent));
  const built = await session.builder.finish(before);
  // what was lost and is stored again must be committed, though nothing has changed
  const heals = session.known.hasLost || session.writer.hasHealed;
  const maySkip = options.skipUnchanged && counts.failures.length === 0 && !heals;
  if (maySkip && (await parent?.isSameAs(built))) return false;
  writeHeader(work, built);
  throwIfAborted(options.signal);

  options.progress({ type: "phase", phase: "committing" });
  await session.writer.commit();
  return !options.dryRun;
}
