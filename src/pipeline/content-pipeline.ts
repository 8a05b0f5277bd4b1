import type { ResourceType } from "../format/index.ts";
import { systemCode } from "../foundation/index.ts";
import type { SealedBlobs } from "../repository/contract.ts";
import { RingWriter, shareRing } from "./byte-ring.ts";
import { packFiles, unpackResults } from "./file-batch.ts";
import { LARGE_FILE_BYTES, LargeFiles, MOST_CHUNK_BYTES } from "./large-file.ts";
import { WorkerPool } from "./pool.ts";
import type { FileToStore, PackMessage, StoredBlob, StoredFileContent, WorkerSetup } from "./protocol.ts";

/** A batch is sent when either is reached: small files travel together, a large one alone. */
const BATCH_FILES = 64;
const BATCH_BYTES = 4 << 20;
/** Streams up to here are sent as they are. */
const SMALL_BYTES = 1 << 20;

export interface ContentPipelineOptions {
  readonly workers: number;
  /** Everything but the per-worker counter of packs under way, which is made here. Asked for with the first file. */
  readonly setup: () => Omit<WorkerSetup, "kernels"> & { readonly backup: NonNullable<WorkerSetup["backup"]> };
  /** Stores a finished pack; the worker that made it waits for this when it has the next one ready. */
  readonly storePack: (pack: PackMessage) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly file: FileToStore;
  readonly resolve: (content: StoredFileContent) => void;
  readonly reject: (error: unknown) => void;
}

/** Paths go in, references come out: batches of files to worker threads, which keep the bytes. */
export class ContentPipeline {
  readonly #pool: WorkerPool;
  readonly #stores: Set<Promise<void>> = new Set();
  readonly #options: ContentPipelineOptions;
  #shared: ReturnType<ContentPipelineOptions["setup"]> | undefined;
  #large: LargeFiles | undefined;
  #largeDone: Promise<unknown> = Promise.resolve();
  #batch: Waiting[] = [];
  #batchBytes = 0;
  #failure: unknown;

  constructor(options: ContentPipelineOptions) {
    this.#options = options;
    const counters = Array.from({ length: options.workers }, () => new SharedArrayBuffer(4));
    this.#pool = new WorkerPool({
      workers: options.workers,
      signal: options.signal,
      setup: (worker) => {
        const setup = this.#setup();
        return { ...setup, backup: { ...setup.backup, packsUnderWay: counters[worker] as SharedArrayBuffer } };
      },
      onPack: (pack, worker) => this.#storePack(pack, worker, new Int32Array(counters[worker] as SharedArrayBuffer)),
    });
  }

  /** The content of a file, once workers have stored it. Call `room` between files. */
  store(file: FileToStore): Promise<StoredFileContent> {
    if (!this.#isLarge(file)) return this.#storeInBatch(file);
    // one after the other: a single one has all workers at work
    const stored = this.#largeDone.then(() => this.#storeLarge(file));
    this.#largeDone = stored.catch(() => undefined);
    return stored;
  }

  async #storeLarge(file: FileToStore): Promise<StoredFileContent> {
    try {
      const stored = await this.#largeFiles().store(file);
      if (stored) return stored;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
    }
    // it changed while it was read, or cannot be read: a worker reads it once more and says what is
    const again = this.#storeInBatch(file);
    this.flush();
    return again;
  }

  /** Gives a blob to the least busy worker; what it is called is known later. */
  async #storeBlob(type: ResourceType, bytes: Uint8Array<ArrayBuffer>): Promise<{ stored: Promise<StoredBlob> }> {
    await this.room();
    const stored = this.#pool.call({ kind: "store-blob", type, bytes }, { transfer: [bytes.buffer] }).then((answer) => {
      if (answer.kind !== "stored-blob") throw new Error("a worker answered something else");
      return answer.blob;
    });
    return { stored };
  }

  #storeInBatch(file: FileToStore): Promise<StoredFileContent> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ file, resolve, reject });
      this.#batchBytes += file.sizeBytes;
      if (this.#batch.length >= BATCH_FILES || this.#batchBytes >= BATCH_BYTES) this.#send();
    });
  }

  /**
   * Takes the content of what has no path to be read from: `parts` in their order, all of which are taken when this
   * resolves; the promise inside then comes true as that of `store` does. Small content travels as it is, the rest through a
   * ring while it comes. Rejects with the error of `parts` when they fail; nothing of it is referred to then.
   */
  async takeStream(
    file: Omit<FileToStore, "content">,
    parts: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly stored: Promise<StoredFileContent> }> {
    await this.room();
    const stream = parts[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let headBytes = 0;
    for (let next = await stream.next(); ; next = await stream.next()) {
      if (next.done === true) {
        const content = new Uint8Array(Buffer.concat(head));
        return { stored: this.store({ ...file, sizeBytes: headBytes, content }) };
      }
      head.push(next.value);
      headBytes += next.value.length;
      if (headBytes > SMALL_BYTES) break;
    }
    return this.#storeThroughRing(file, head, stream);
  }

  async #storeThroughRing(
    file: Omit<FileToStore, "content">,
    head: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<{ readonly stored: Promise<StoredFileContent> }> {
    const ring = shareRing();
    const writer = new RingWriter(ring);
    this.flush();
    const stored = this.store({ ...file, content: ring });
    this.flush();
    const pump = async (): Promise<void> => {
      for (const part of head) await writer.write(part);
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) await writer.write(next.value);
    };
    try {
      // a worker that fails reads no more: what it says comes first
      await Promise.race([pump(), stored.then(() => undefined)]);
      writer.end("whole");
    } catch (error) {
      writer.end("failed");
      void rest.return?.();
      await stored.catch(() => undefined);
      throw error;
    }
    return { stored };
  }

  /** Waits while all workers have enough to do. */
  async room(): Promise<void> {
    await this.#pool.room();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends what is waiting, so that its promises can come true. */
  flush(): void {
    if (this.#batch.length > 0) this.#send();
  }

  #setup(): ReturnType<ContentPipelineOptions["setup"]> {
    return (this.#shared ??= this.#options.setup());
  }

  /** Whether a file is cut here, for all workers to store. */
  #isLarge({ content, sizeBytes }: FileToStore): boolean {
    if (content !== undefined || sizeBytes < LARGE_FILE_BYTES || this.#options.workers < 2) return false;
    return this.#setup().backup.chunking.maxBytes <= MOST_CHUNK_BYTES;
  }

  #largeFiles(): LargeFiles {
    const { sealing, backup } = this.#setup();
    return (this.#large ??= new LargeFiles({
      sealing,
      chunking: backup.chunking,
      store: (type, bytes) => this.#storeBlob(type, bytes),
    }));
  }

  /** All packs of all workers are stored when this resolves, except for the little that is answered. */
  async finish(): Promise<SealedBlobs[]> {
    this.flush();
    if (!this.#pool.isStarted) return [];
    const answers = await Promise.all(
      Array.from({ length: this.#pool.size }, (_, worker) => this.#pool.call({ kind: "finish" }, { worker })),
    );
    await Promise.all(this.#stores);
    if (this.#failure !== undefined) throw this.#failure;
    return answers.flatMap((answer) => (answer.kind === "finished" && answer.rest ? [answer.rest] : []));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #send(): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    const files = packFiles(batch.map(({ file }) => file));
    this.#pool.call({ kind: "store-files", files }).then(
      (answer) => {
        if (answer.kind !== "stored-files") return;
        const results = unpackResults(answer.results);
        for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as StoredFileContent);
      },
      (error: unknown) => {
        for (const waiting of batch) waiting.reject(error);
      },
    );
  }

  #storePack(pack: PackMessage, worker: number, underWay: Int32Array): void {
    const store: Promise<void> = this.#options
      .storePack(pack)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#stores.delete(store);
        this.#pool.giveBack(worker, { kind: "pack-stored", bytes: pack.bytes });
        Atomics.sub(underWay, 0, 1);
        Atomics.notify(underWay, 0);
      });
    this.#stores.add(store);
  }
}
