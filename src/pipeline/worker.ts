/** The entry of a worker thread; everything it does is in worker-loop.ts. */
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerSetup } from "./protocol.ts";
import { serveWorker } from "./worker-loop.ts";

if (parentPort) serveWorker(workerData as WorkerSetup, parentPort);
