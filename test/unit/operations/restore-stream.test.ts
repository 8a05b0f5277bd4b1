import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { SeededRandom } from "../../../src/foundation/index.ts";
import { type RestoreReport, restoreToStream } from "../../../src/operations/index.ts";
import { damageDirectory, damageFile } from "../../support/damage-blob.ts";
import type { InProcess } from "../../support/in-process.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

let plakar: InProcess;
let tree = "";
let written: Uint8Array[] = [];

beforeEach(async () => {
  ({ plakar, tree } = await makeSmallTree(temporary(), {
    a: "content of a",
    b: "content of b",
    "sub/c": "content of c",
  }));
  // larger than what is held in memory before anything of it is written
  writeFileSync(join(tree, "large"), new SeededRandom(2).bytes(12_000_000));
  await plakar.backup(tree);
  written = [];
});

async function stream(most = Number.POSITIVE_INFINITY): Promise<RestoreReport> {
  return await restoreToStream(await plakar.open(), {
    target: "latest",
    write: (bytes) => written.push(bytes) < most,
    progress: () => undefined,
  });
}

/** What tar says of the archive. */
function listed(): { readonly names: readonly string[]; readonly isWhole: boolean } {
  const { stdout, status } = spawnSync("tar", ["-t"], { input: Buffer.concat(written), encoding: "utf8" });
  return { names: stdout.split("\n").filter(Boolean).toSorted(), isWhole: status === 0 };
}

const END = Buffer.alloc(1024);
const hasEnd = (): boolean => Buffer.concat(written).subarray(-END.length).equals(END);

test("a small file that is damaged is left out of the archive, which is whole without it", async () => {
  await damageFile(plakar, `${tree}/b`);
  expect((await stream()).failures).toMatchObject([{ path: "b", damaged: true }]);
  expect(listed()).toStrictEqual({ names: ["./", "a", "large", "sub/", "sub/c"], isWhole: true });
  expect(hasEnd()).toBe(true);
});

test("a large file that is damaged ends the archive before its end, so that tar notices", async () => {
  await damageFile(plakar, `${tree}/large`);
  await expect(stream()).rejects.toMatchObject({ code: "stream-cut", kind: "corrupted" });
  expect(listed().isWhole).toBe(false);
  expect(hasEnd()).toBe(false);
});

test("a listing that is damaged is told, and what is beside it is in the archive", async () => {
  await damageDirectory(plakar, `${tree}/sub`);
  await stream();
  expect(plakar.warnings).toMatchObject([expect.stringContaining("/sub")]);
  expect(listed()).toStrictEqual({ names: ["./", "a", "b", "large", "sub/"], isWhole: true });
});

test("nothing more is read when nobody wants more", async () => {
  await stream(1);
  expect(written).toHaveLength(1);
});
