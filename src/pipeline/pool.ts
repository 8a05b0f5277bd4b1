import { Worker } from "node:worker_threads";
import { asset, type ErrorKind, inExecutable, onAbort, PlakarError } from "../foundation/index.ts";
import { compileKernels } from "../kernels/index.ts";
import type {
  FailureMessage,
  FromWorker,
  PackMessage,
  StoredPackMessage,
  WorkerAnswer,
  WorkerRequest,
  WorkerSetup,
} from "./protocol.ts";

/** Requests that may wait in front of one worker: enough to keep it busy, few enough to bound memory. */
const QUEUE = 3;

interface Member {
  readonly worker: Worker;
  readonly waiting: { resolve: (answer: WorkerAnswer) => void; reject: (error: unknown) => void }[];
}

export interface PoolOptions {
  readonly workers: number;
  /** One setup for each worker. */
  readonly setup: (worker: number) => Omit<WorkerSetup, "kernels">;
  readonly onPack?: (pack: PackMessage, worker: number) => void;
  /** Fails every call at once: nobody waits for the end of a large file. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Worker threads that answer requests in order. `call` resolves with the answer; `room` resolves when some worker can
 * take another request. The first failure of any worker fails every call from then on.
 */
export class WorkerPool {
  readonly #members: Member[] = [];
  readonly #options: PoolOptions;
  readonly #roomWaiters: (() => void)[] = [];
  #failure: unknown;
  #closed = false;

  /** No thread is started before the first call, which may never come. */
  constructor(options: PoolOptions) {
    this.#options = options;
    onAbort(options.signal, (reason) => this.#fail(reason));
  }

  /** How many workers there are, or will be once there is something to do. */
  get size(): number {
    return this.#options.workers;
  }

  get isStarted(): boolean {
    return this.#members.length > 0;
  }

  /** The number of the least busy worker: for requests that belong together. */
  pick(): number {
    if (!this.isStarted) this.#startAll();
    return this.#members.indexOf(this.#leastBusy());
  }

  /** Sends to the least busy worker, or to a given one. */
  call(
    request: WorkerRequest,
    options: { readonly worker?: number; readonly transfer?: ArrayBuffer[] } = {},
  ): Promise<WorkerAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (!this.isStarted) this.#startAll();
    const member = options.worker === undefined ? this.#leastBusy() : (this.#members[options.worker] as Member);
    return new Promise((resolve, reject) => {
      member.waiting.push({ resolve, reject });
      member.worker.postMessage(request, options.transfer ?? []);
    });
  }

  /** Gives a worker back what it handed over. */
  giveBack(worker: number, message: StoredPackMessage): void {
    if (this.#failure === undefined && !this.#closed)
      this.#members[worker]?.worker.postMessage(message, [message.bytes.buffer]);
  }

  /** Waits until a worker has room, so that what is in flight stays bounded. */
  async room(): Promise<void> {
    while (this.#failure === undefined && this.isStarted && this.#leastBusy().waiting.length >= QUEUE) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends all threads at once; what is in flight is lost. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #startAll(): void {
    if (this.#closed) throw new Error("the pool of workers is closed");
    const kernels = compileKernels(); // once for all workers
    for (let i = 0; i < this.#options.workers; i++) this.#members.push(this.#start(this.#options, i, kernels));
  }

  #start(options: PoolOptions, index: number, kernels: WebAssembly.Module): Member {
    const workerData = { ...options.setup(index), kernels };
    const worker = startWorker(workerData);
    const member: Member = { worker, waiting: [] };
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "pack") options.onPack?.(message, index);
      else if (message.kind === "failed") this.#fail(revive(message));
      else {
        member.waiting.shift()?.resolve(message);
        this.#wake();
      }
    });
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", (code) => {
      if (!this.#closed)
        this.#fail(new PlakarError("worker-ended", `a worker thread ended (${code})`, { kind: "bug" }));
    });
    return member;
  }

  #leastBusy(): Member {
    let best = this.#members[0] as Member;
    for (const member of this.#members) if (member.waiting.length < best.waiting.length) best = member;
    return best;
  }

  #wake(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const member of this.#members) for (const { reject } of member.waiting.splice(0)) reject(this.#failure);
    this.#wake();
  }
}

/** In the executable a worker's code is an asset; while developing it is the file beside this one. */
function startWorker(workerData: WorkerSetup): Worker {
  if (inExecutable) return new Worker(new TextDecoder().decode(asset("worker.cjs")), { eval: true, workerData });
  return new Worker(new URL("./worker.ts", import.meta.url), { workerData });
}

function revive(message: FailureMessage): PlakarError {
  const error = new PlakarError(message.code, message.message, { kind: message.errorKind as ErrorKind });
  error.stack = message.stack;
  return error;
}
