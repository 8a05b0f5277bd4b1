import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { fromText } from "../../../src/foundation/index.ts";
import { capabilities, describeSystemError, setModifiedTime } from "../../../src/system/index.ts";
import { moduleUrl, temporaryDirectories } from "./temporary.ts";

const temporary = temporaryDirectories();

const code = `
const { parentPort, workerData } = require("node:worker_threads");
import(${JSON.stringify(moduleUrl("system"))}).then((system) => {
  system.setModifiedTime(workerData, 1700000000123456789n);
  let failure;
  for (let round = 0; round < 2000; round++) {
    try { system.listExtendedAttributes(workerData + "-missing"); } catch (error) { failure = error.code; }
    if (failure !== "ENOENT") break;
  }
  parentPort.postMessage({ failure, user: system.userName(0) });
});
`;

test("worker threads make native calls of their own, each with its own errno", async ({ skip }) => {
  skip(!capabilities().exactTimes, capabilities().reason);
  const path = join(temporary(), "file");
  writeFileSync(path, "");
  const workers = [0, 1].map(() => new Worker(code, { eval: true, workerData: path }));
  const answers = workers.map(async (worker) => (await once(worker, "message"))[0] as unknown);
  for (let round = 0; round < 200; round++) {
    expect(() => setModifiedTime(fromText(`${path}/below`), 0n)).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  }
  expect(await Promise.all(answers)).toEqual([
    { failure: "ENOENT", user: "root" },
    { failure: "ENOENT", user: "root" },
  ]);
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test("the description of a system error has no path in it, which could drive a terminal", () => {
  const path = fromText("/missing\u001b[31m/x");
  const described = (): never => {
    try {
      setModifiedTime(path, 0n);
    } catch (error) {
      throw new Error(describeSystemError(error), { cause: error });
    }
    throw new Error("no error");
  };
  expect(described).toThrow(/^no such file or directory \(ENOENT\)$/);
  expect(describeSystemError(new Error("plain"))).toBe("plain");
  expect(describeSystemError("thrown text")).toBe("thrown text");
});
