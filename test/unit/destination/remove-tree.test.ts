import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTree } from "../../../src/destination/index.ts";
import { type ByteString, fromText, toText } from "../../../src/foundation/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

test("a store below what is removed stays, by whatever name it is known", async () => {
  const above = temporary();
  const extra = join(above, "extra");
  mkdirSync(join(extra, "store", "packfiles"), { recursive: true });
  mkdirSync(join(extra, "other"));
  writeFileSync(join(extra, "other", "file"), "");
  symlinkSync("extra", join(above, "another name"));
  const kept: ByteString[] = [];
  const removed = await removeTree(fromText(extra), {
    dryRun: false,
    protectedPaths: [fromText(join(above, "another name", "store"))],
    isSpared: () => false,
    onKept: (path) => kept.push(path),
    onFailure: (_path, error) => expect.unreachable(String(error)),
  });
  expect(removed).toBe(2);
  expect(kept.map(toText)).toStrictEqual([join(extra, "store")]);
  expect(readdirSync(join(extra, "store"))).toStrictEqual(["packfiles"]);
});
