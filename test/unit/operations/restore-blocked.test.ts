import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectories } from "../system/temporary.ts";
import { makeSmallTree } from "./small-tree.ts";

const temporary = temporaryDirectories();

test("a directory whose place is taken is told with all that lies in it, and what is wanted of it only", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { beside: "beside" });
  mkdirSync(join(tree, "sub", "deep"));
  symlinkSync("nowhere", join(tree, "sub", "deep", "link"));
  for (const name of ["one", "two"]) writeFileSync(join(tree, "sub", name), name);
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(to);
  writeFileSync(join(to, "sub"), "in the way");
  const blocked = (path: string): object => ({ path, code: "restore-blocked", damaged: false });
  const report = await plakar.restore("latest", to);
  expect(report.failures).toMatchObject(["sub", "sub/deep", "sub/one", "sub/two", "sub/deep/link"].map(blocked));
  expect(report).toMatchObject({ files: 1, directories: 0, links: 0 });
  const wants = (path: string, isDirectory: boolean): "yes" | "below" | "no" =>
    path === "sub/two" ? "yes" : isDirectory ? "below" : "no";
  expect((await plakar.restore("latest", to, { wants })).failures).toMatchObject([blocked("sub/two")]);
  expect(readFileSync(join(to, "sub"), "utf8")).toBe("in the way");
});

test("nothing is looked for below a directory that a link would lead out of the target", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), {});
  writeFileSync(join(tree, "sub", "file"), "");
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(to);
  symlinkSync(above, join(to, "sub"));
  expect((await plakar.restore("latest", to)).failures).toMatchObject([
    { path: "sub", code: "restore-outside-target" },
  ]);
  expect(readdirSync(above)).toStrictEqual(["back", "tree"]);
});

test("a file whose first name has no place is restored under the next, and that has its further names", async () => {
  const { plakar, above, tree } = await makeSmallTree(temporary(), { first: "content" });
  for (const name of ["second", "third"]) linkSync(join(tree, "first"), join(tree, name));
  await plakar.backup(tree);
  const to = join(above, "back");
  mkdirSync(join(to, "first"), { recursive: true });
  const report = await plakar.restore("latest", to);
  expect(report.failures).toMatchObject([{ path: "first", code: "restore-blocked" }]);
  expect(readFileSync(join(to, "second"), "utf8")).toBe("content");
  expect(lstatSync(join(to, "third")).ino).toBe(lstatSync(join(to, "second")).ino);
  expect(report).toMatchObject({ files: 1, links: 1 });
});
