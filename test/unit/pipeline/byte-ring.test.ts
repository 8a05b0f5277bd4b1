import { createHash } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { RingWriter, type SharedRing, shareRing } from "../../../src/pipeline/byte-ring.ts";

const readerModule = `
  import { createHash } from "node:crypto";
  import { parentPort, workerData } from "node:worker_threads";
  const { RingReader } = await import(${JSON.stringify(new URL("../../../src/pipeline/byte-ring.ts", import.meta.url).href)});
  const reader = new RingReader(workerData.ring);
  const hash = createHash("sha256");
  let total = 0;
  try {
    for (;;) {
      const into = new Uint8Array(1 + (total * 7) % 3000000);
      const got = reader.read(into);
      if (got === 0) break;
      hash.update(into.subarray(0, got));
      total += got;
    }
    parentPort.postMessage({ total, digest: hash.digest("hex") });
  } catch (error) {
    parentPort.postMessage({ total, code: error.code });
  }
`;

async function readInWorker(ring: SharedRing, write: (writer: RingWriter) => Promise<void>): Promise<unknown> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(readerModule)}`), {
    workerData: { ring },
  });
  const answer = once(worker, "message");
  await write(new RingWriter(ring));
  const [message] = (await answer) as [unknown];
  await worker.terminate();
  return message;
}

test("another thread reads what was written, many times around the ring", async () => {
  const random = new SeededRandom(1);
  const hash = createHash("sha256");
  let total = 0;
  const message = await readInWorker(shareRing(), async (writer) => {
    for (let i = 0; i < 60; i++) {
      const bytes = random.bytes(random.below(i % 10 === 0 ? 9_000_000 : 700_000));
      hash.update(bytes);
      total += bytes.length;
      await writer.write(bytes);
    }
    writer.end("whole");
  });
  expect(message).toStrictEqual({ total, digest: hash.digest("hex") });
});

test("the counters go on after they wrapped", async () => {
  const ring = shareRing();
  const nearWrap = (4 << 20) * 256 - 1000;
  new Int32Array(ring.control).set([nearWrap, nearWrap]);
  const bytes = new SeededRandom(2).bytes(10_000_000);
  const message = await readInWorker(ring, async (writer) => {
    await writer.write(bytes);
    writer.end("whole");
  });
  expect(message).toStrictEqual({ total: bytes.length, digest: createHash("sha256").update(bytes).digest("hex") });
});

test("a stream that broke off is no whole one", async () => {
  const message = await readInWorker(shareRing(), async (writer) => {
    await writer.write(new Uint8Array(5));
    writer.end("failed");
  });
  expect(message).toStrictEqual({ total: 5, code: "EPIPE" });
});

test("an empty stream ends at once", async () => {
  const message = await readInWorker(shareRing(), async (writer) => writer.end("whole"));
  expect(message).toMatchObject({ total: 0, digest: createHash("sha256").digest("hex") });
});
