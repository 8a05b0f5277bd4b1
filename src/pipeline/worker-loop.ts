import type { MessagePort } from "node:worker_threads";
import { isPlakarError, messageOf, systemRandom } from "../foundation/index.ts";
import { instantiateKernels } from "../kernels/index.ts";
import { Sealer } from "../sealing/index.ts";
import { buffersOf, packResults, unpackFiles } from "./file-batch.ts";
import { FileStorer, storerArenaBytes } from "./file-storer.ts";
import { NewFileMaker } from "./new-files.ts";
import { PackVerifier } from "./pack-verifier.ts";
import { PieceComparer } from "./piece-comparer.ts";
import { PieceWriter, readerArenaBytes } from "./piece-writer.ts";
import type {
  FailureMessage,
  FromWorker,
  StoredPackMessage,
  WorkerAnswer,
  WorkerRequest,
  WorkerSetup,
} from "./protocol.ts";

/** Answers requests one after the other, synchronously: bytes stay in this thread, references go out. */
export function serveWorker(setup: WorkerSetup, port: MessagePort): void {
  const arenaBytes = setup.backup ? storerArenaBytes(setup.backup.chunking) : readerArenaBytes;
  const kernels = instantiateKernels(setup.kernels, { arenaBytes });
  const sealer = new Sealer(setup.sealing, kernels, systemRandom);
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const storer = setup.backup && new FileStorer({ ...setup.backup, kernels, sealer, post });
  const writer = new PieceWriter(sealer);
  const maker = new NewFileMaker(sealer);
  const comparer = new PieceComparer(sealer);
  const verifier = setup.index && new PackVerifier(sealer, setup.index);

  const answer = (request: WorkerRequest): WorkerAnswer => {
    switch (request.kind) {
      case "store-files":
        return { kind: "stored-files", results: packResults(storer?.store(unpackFiles(request.files)) ?? []) };
      case "store-blob":
        if (!storer) throw new Error("this worker stores nothing");
        return { kind: "stored-blob", blob: storer.storeBlob(request.type, request.bytes) };
      case "finish":
        return { kind: "finished", rest: storer?.finish() };
      case "write-pieces":
        return { kind: "wrote-pieces", failures: writer.write(request) };
      case "make-files":
        return { kind: "made-files", ...maker.make(request) };
      case "compare-pieces":
        return { kind: "compared-pieces", same: comparer.compare(request) };
      case "verify-pack":
        if (!verifier) throw new Error("this worker has no index to verify with");
        return { kind: "verified-pack", verdict: verifier.verify(request) };
    }
  };
  port.on("message", (request: WorkerRequest | StoredPackMessage) => {
    if (request.kind === "pack-stored") {
      storer?.takeBack(request.bytes);
      return;
    }
    try {
      const answered = answer(request);
      post(answered, answered.kind === "stored-files" ? buffersOf(answered.results) : []);
    } catch (error) {
      post(failure(error));
    }
    if ("bytes" in request) release(request.bytes);
  });
}

/** Large buffers go at once: a worker that allocates nothing else would keep them until its next garbage collection. */
function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function failure(error: unknown): FailureMessage {
  const known = isPlakarError(error);
  return {
    kind: "failed",
    message: messageOf(error),
    code: known ? error.code : "worker-failed",
    errorKind: known ? error.kind : "bug",
    stack: error instanceof Error ? (error.stack ?? "") : "",
  };
}
