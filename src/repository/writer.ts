import { setImmediate as letOthers } from "node:timers/promises";
import { type Mac, ResourceType, type SnapshotId } from "../format/index.ts";
import { onAbort, throwIfAborted } from "../foundation/index.ts";
import { Sealer, type SealingParameters } from "../sealing/index.ts";
import { MacSet } from "./mac-set.ts";
import { type FinishedPack, Packer, type SealedBlobs } from "./packer.ts";
import { madeChunkBytes, putContent } from "./put-content.ts";
import type { Repository } from "./repository.ts";
import { SessionState } from "./session-state.ts";

export interface WriterOptions {
  readonly snapshot: SnapshotId;
  /** Hides sizes as Go does: random padding at both ends of each pack, and a subkey for each blob. */
  readonly padding: boolean;
  /** Counts what would be stored, and stores nothing. */
  readonly dryRun?: boolean | undefined;
  /** Ends `breathe` and `drain`. */
  readonly signal?: AbortSignal | undefined;
}

/** Some ten milliseconds, of the nodes of a tree. */
const STEPS_PER_BREATH = 100;

/**
 * Writes blobs of one session and commits them. Order is everything (I-01): packfiles are durable first, then the state
 * that names them; before that state nothing of the session exists for anybody.
 */
export class RepositoryWriter {
  readonly #repository: Repository;
  readonly #snapshot: SnapshotId;
  readonly #sealer: Sealer;
  readonly #packer: Packer;
  readonly #state: SessionState;
  readonly #written = new MacSet();
  readonly #trusted: Uint8Array;
  readonly #chunkBytes: number;
  readonly #dryRun: boolean;
  readonly #signal: AbortSignal | undefined;
  /** Rejects when the session is to stop: whoever waits for a store that stalls waits for this, too. */
  readonly #stopped: Promise<never>;
  #sinceBreath = 0;
  readonly #pending: Set<Promise<void>> = new Set();
  #failure: unknown;
  bytesAdded = 0;
  /** Whether something was stored that the store had once, in a packfile that is not trusted any more. */
  hasHealed = false;

  constructor(repository: Repository, options: WriterOptions, trustedPacks: Uint8Array) {
    this.#repository = repository;
    this.#snapshot = options.snapshot;
    this.#dryRun = options.dryRun ?? false;
    this.#signal = options.signal;
    this.#stopped = new Promise((_, reject) => onAbort(options.signal, reject));
    this.#stopped.catch(() => undefined); // nobody may be waiting
    this.#state = new SessionState(repository);
    this.#trusted = trustedPacks;
    this.#chunkBytes = madeChunkBytes(repository.configuration.chunking.maxBytes);
    const { kernels, random } = repository.parts;
    this.#sealer = options.padding
      ? new Sealer(sealingParameters(repository, true), kernels, random)
      : repository.sealer;
    this.#packer = new Packer(packerOptions(repository, this.#sealer, options.padding));
  }

  /** Stores plaintext under its MAC unless the store has it already. Full packs go out in the background: see `drain`. */
  put(type: ResourceType, plain: Uint8Array): Mac {
    const mac = this.#sealer.mac(plain);
    if (this.has(type, mac)) return mac;
    this.hasHealed ||= this.#repository.state.blobs.hasAnywhere(type, mac);
    this.putUnder(type, mac, plain);
    return mac;
  }

  /** Stores plaintext under an id that is not its MAC: headers and signatures. */
  putUnder(type: ResourceType, id: Mac, plain: Uint8Array): void {
    this.#written.add(type, id);
    this.#packer.add(type, id, this.#sealer.sealed(plain));
    if (this.#packer.isFull) this.#sendPack();
  }

  /** Stores bytes as an object of chunks: for contents that the main thread makes, such as dirpacks. Answers its MAC. */
  putContent(content: Uint8Array, contentType: string): Mac {
    return putContent(content, contentType, {
      put: (type, plain) => this.put(type, plain),
      mac: (plain) => this.#sealer.mac(plain),
      chunkBytes: this.#chunkBytes,
    });
  }

  /** Whether the blob is in a trusted pack of the store or was written in this session by this writer. */
  has(type: ResourceType, mac: Mac): boolean {
    return this.#repository.state.blobs.has(type, mac, this.#trusted) || this.#written.has(type, mac);
  }

  /** Takes blobs that a worker sealed and did not pack. */
  addSealed(blobs: SealedBlobs): void {
    this.#packer.addAll(blobs);
    if (this.#packer.isFull) this.#sendPack();
  }

  /** Takes a finished pack and makes it durable. */
  async addPack(pack: FinishedPack): Promise<void> {
    this.bytesAdded += pack.bytes.length;
    if (this.#dryRun) return;
    this.#state.add(pack);
    await this.#repository.store.put("packfiles", pack.id, pack.bytes);
  }

  /** Waits until at most one pack is on its way, so that a slow store never fills the memory; throws what went wrong. */
  async drain(): Promise<void> {
    while (this.#pending.size > 1) await Promise.race([this.#stopped, ...this.#pending]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** As `drain`, between two steps of a long loop: now and then it lets signals, timers and progress of this thread come by. */
  async breathe(): Promise<void> {
    if (++this.#sinceBreath >= STEPS_PER_BREATH) {
      this.#sinceBreath = 0;
      await letOthers();
      throwIfAborted(this.#signal);
    }
    await this.drain();
  }

  /** Everything handed over so far is durable when this resolves. */
  async flush(): Promise<void> {
    if (!this.#packer.isEmpty) this.#sendPack();
    await Promise.all(this.#pending);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * THE COMMIT: the state file that makes the session's packfiles, and the snapshot in them, visible. Once it has begun no signal
   * ends it: a header that is stored and that no state names would look like a loss.
   */
  async commit(): Promise<void> {
    await this.flush();
    if (this.#dryRun) return;
    this.bytesAdded += await this.#state.commit(this.#snapshot);
  }

  /** Ends a session, committed or not: what was put aside for the commit is given back. */
  close(): void {
    this.#state.close();
  }

  #sendPack(): void {
    const pack = this.#packer.finish();
    const upload: Promise<void> = this.addPack(pack)
      .then(() => {
        this.#packer.takeBack(pack.bytes);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#pending.delete(upload));
    this.#pending.add(upload);
  }
}

/**
 * Smaller than the store allows: whoever packs holds a packfile or two in memory, and a store far away has them sooner; larger ones
 * than this make nothing faster.
 */
const PACK_BYTES = 16n << 20n;

/** What packers of this repository share, in workers and here. */
export function packTargetBytes(repository: Repository): number {
  const configured = repository.configuration.packfile.maxBytes;
  return Number(configured > PACK_BYTES || configured < 1n ? PACK_BYTES : configured);
}

export function packPaddingBytes(repository: Repository, padding: boolean): number {
  return padding ? Math.max(2, repository.configuration.chunking.minBytes) : 0;
}

export function sealingParameters({ parts }: Repository, padding: boolean): SealingParameters {
  const { encryption } = parts.sealing;
  return encryption && padding
    ? { ...parts.sealing, encryption: { ...encryption, subkeyPerBlob: true } }
    : parts.sealing;
}

function packerOptions(
  repository: Repository,
  sealer: Sealer,
  padding: boolean,
): ConstructorParameters<typeof Packer>[0] {
  const { clock, random } = repository.parts;
  return {
    sealer,
    clock,
    random,
    targetBytes: packTargetBytes(repository),
    paddingBytes: packPaddingBytes(repository, padding),
  };
}
