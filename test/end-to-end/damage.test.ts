import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "./command-line.ts";
import { makeTree } from "./tree.ts";

let space: Workspace;
let pristine = "";

beforeAll(() => {
  space = new Workspace();
  mkdirSync(space.path("tree"));
  makeTree(space.path("tree"));
  space.plakar("create", "-plaintext");
  space.plakar("backup", space.path("tree"));
  pristine = space.path("pristine");
  cpSync(space.store, pristine, { recursive: true });
});
afterAll(() => space.remove());

/** Files of a kind, largest first. */
function stored(kind: string): string[] {
  return readdirSync(join(space.store, kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size);
}

const damages: Readonly<Record<string, (path: string) => void>> = {
  "cut in half": (path) => truncateSync(path, statSync(path).size >> 1),
  emptied: (path) => truncateSync(path, 0),
  removed: (path) => rmSync(path),
  flipped: (path) => {
    const bytes = readFileSync(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  },
};

describe.each(["packfiles", "states"])("damage in %s", (kind) => {
  test.each(Object.entries(damages))(
    "I-03 a file that is %s is found and named by check, and never restored as if whole",
    (_, damage) => {
      rmSync(space.store, { recursive: true });
      cpSync(pristine, space.store, { recursive: true });
      const [largest = ""] = stored(kind);
      damage(largest);
      rmSync(space.path("home"), { recursive: true, force: true }); // no cache that knows better
      const check = space.plakar("check");
      expect(check.code).toBe(65);
      expect(check.out).toContain("DAMAGED");
      const restored = space.plakar("restore", "-to", space.path("back"));
      expect(restored.code).not.toBe(0);
      rmSync(space.path("back"), { recursive: true, force: true });
      if (kind === "packfiles") {
        // the store still takes backups; what was lost is stored again
        expect(space.plakar("backup", "-cache", "no", space.path("tree")).code).toBe(0);
      }
    },
  );
});
