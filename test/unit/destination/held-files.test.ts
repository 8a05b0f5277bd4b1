import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { openFsDestination, removeTree } from "../../../src/destination/index.ts";
import { FakeClock, fromText, type Patience, patience, toText } from "../../../src/foundation/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";
import { anItem, restoreFile } from "./restore-tree.ts";

const temporary = temporaryDirectories();

function changeFlags(change: string, path: string): string | undefined {
  const { status, error, stderr } = spawnSync("chattr", [change, path], { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** An immutable file refuses what one refuses that is held on Windows (EPERM); the second pause lets go of it. */
function holding(path: string): Patience {
  const clock = new FakeClock();
  let pauses = 0;
  const pause = async (ms: number): Promise<void> => {
    clock.advanceMs(ms);
    if (++pauses === 2) changeFlags("-i", path);
  };
  return patience({ clock, pause });
}

let target: string;
let file: string;

beforeEach(({ skip }) => {
  target = temporary();
  file = join(target, "file");
  writeFileSync(file, "before");
  const reason = changeFlags("+i", file);
  skip(reason !== undefined, `no file can be made immutable here: ${reason}`);
  return () => void changeFlags("-i", file);
});

test("a file that is held is replaced when it is let go", async () => {
  const destination = openFsDestination({ directory: target, patience: holding(file) });
  await destination.prepare();
  await restoreFile(destination, anItem("file"), "after");
  expect(readFileSync(file, "utf8")).toBe("after");
});

test("a file that is held loses its name when it is let go", async () => {
  const destination = openFsDestination({ directory: target, patience: holding(file) });
  await destination.prepare();
  expect(toText(await destination.setAside(anItem("file")))).toBe("file.incomplete");
  expect(readdirSync(target)).toStrictEqual(["file.incomplete"]);
});

test("a file that is held is taken back when it is let go", async () => {
  const destination = openFsDestination({ directory: target, patience: holding(file) });
  await destination.prepare();
  await destination.discardFile(anItem("file"));
  expect(readdirSync(target)).toStrictEqual([]);
});

test("a tree is removed when what is held in it is let go", async () => {
  mkdirSync(join(target, "sub"));
  const removed = await removeTree(fromText(target), {
    dryRun: false,
    protectedPaths: [],
    isSpared: () => false,
    patience: holding(file),
    onKept: (path) => expect.unreachable(path),
    onFailure: (path) => expect.unreachable(path),
  });
  expect(removed).toBe(3);
  expect(existsSync(target)).toBe(false);
});
