import { asPackfileId, type SnapshotId } from "../format/index.ts";
import { coreCount } from "../foundation/index.ts";
import { ContentPipeline, shareClaims } from "../pipeline/index.ts";
import {
  packPaddingBytes,
  packTargetBytes,
  type Repository,
  RepositoryWriter,
  sealingParameters,
  trustedPacks,
} from "../repository/index.ts";
import { SnapshotBuilder } from "../snapshot/index.ts";
import type { BackupOptions } from "./backup-contract.ts";
import { KnownBlobs } from "./known-blobs.ts";

/** What a backup needs while it runs: the writer of metadata, the workers that carry contents, the trees being built. */
export class BackupSession {
  readonly writer: RepositoryWriter;
  readonly content: ContentPipeline;
  readonly builder: SnapshotBuilder;
  readonly known: KnownBlobs;

  private constructor(writer: RepositoryWriter, content: ContentPipeline, known: KnownBlobs) {
    this.writer = writer;
    this.content = content;
    this.builder = new SnapshotBuilder(writer, content);
    this.known = known;
  }

  static async start(repository: Repository, snapshot: SnapshotId, options: BackupOptions): Promise<BackupSession> {
    const trusted = await trustedPacks(repository, options.distrust);
    const writer = new RepositoryWriter(
      repository,
      { snapshot, padding: options.padding, dryRun: options.dryRun, signal: options.signal },
      trusted,
    );
    const content = new ContentPipeline({
      workers: options.workers ?? coreCount(),
      signal: options.signal,
      setup: () => ({
        sealing: sealingParameters(repository, options.padding),
        backup: {
          chunking: repository.configuration.chunking,
          index: repository.state.blobs.share(trusted.buffer),
          claims: shareClaims(),
          packTargetBytes: packTargetBytes(repository),
          packPaddingBytes: packPaddingBytes(repository, options.padding),
          packsUnderWay: new SharedArrayBuffer(4),
        },
      }),
      storePack: (pack) => writer.addPack({ ...pack, id: asPackfileId(pack.id) }),
    });
    return new BackupSession(writer, content, new KnownBlobs(repository, trusted));
  }

  close(): Promise<void> {
    this.writer.close();
    return this.content.close();
  }
}
