import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeTree, makeTree } from "../support/tree.ts";
import { Workspace } from "./command-line.ts";

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
    },
  );
});

describe("after a packfile was lost", () => {
  // a flipped bit is found by check alone: no backup reads what it deduplicates against
  const losses = Object.entries(damages).filter(([how]) => how !== "flipped");

  test.each(losses)("the next backup stores again what was in the one that is %s", (_, damage) => {
    rmSync(space.store, { recursive: true });
    cpSync(pristine, space.store, { recursive: true });
    damage(stored("packfiles")[0] ?? "");
    expect(space.plakar("backup", space.path("tree")).code).toBe(0);
    expect(space.plakar("restore", "-to", space.path("back"), "latest").code).toBe(0);
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(space.path("tree")));
    rmSync(space.path("back"), { recursive: true });
  });
});

describe("a store that has lost a state", () => {
  test("does not look empty", () => {
    rmSync(space.store, { recursive: true });
    cpSync(pristine, space.store, { recursive: true });
    const [state = ""] = stored("states");
    rmSync(state);
    rmSync(space.path("home"), { recursive: true, force: true });
    for (const line of [["ls"], ["ls", "latest"], ["cat", "latest:hello"], ["restore", "-to", space.path("back")]]) {
      const { code, err } = space.plakar(...line);
      expect(code, line.join(" ")).toBe(65);
      expect(err).toContain("which no state names");
    }
  });

  test("says so in every command when another state lies in its place, and gives what is left", () => {
    rmSync(space.store, { recursive: true });
    cpSync(pristine, space.store, { recursive: true });
    const [first = ""] = stored("states");
    writeFileSync(space.path("tree", "later"), "more\n");
    space.plakar("backup", space.path("tree"));
    const later = stored("states").find((path) => path !== first) ?? "";
    cpSync(first, later);
    rmSync(space.path("home"), { recursive: true, force: true });
    for (let run = 0; run < 2; run++) {
      const listed = space.plakar("ls");
      expect(listed).toMatchObject({ code: 65, out: expect.stringMatching(/^\S+ +\S{8} .*\/tree\n$/) });
      expect(listed.err).toContain("is not what was stored under its name");
    }
    rmSync(space.path("tree", "later"));
    expect(space.plakar("restore", "-to", space.path("back"), "latest").code).toBe(65);
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(space.path("tree")));
    rmSync(space.path("back"), { recursive: true });
    expect(space.plakar("version").code).toBe(0);
  });
});

test("I-03 restore and cat refuse a changed byte where nothing but the MAC can tell", () => {
  const bare = new Workspace();
  try {
    // neither a cipher's tag nor a compressor's checksum stands in for the MAC here
    bare.plakar("create", "-plaintext", "-no-compression");
    mkdirSync(bare.path("tree"));
    writeFileSync(bare.path("tree", "precious"), "the only copy of something\n");
    writeFileSync(bare.path("tree", "other"), "something else\n");
    const id = bare.plakar("backup", bare.path("tree")).out.slice(0, 8);
    for (const name of readdirSync(join(bare.store, "packfiles"), { recursive: true, encoding: "utf8" })) {
      const path = join(bare.store, "packfiles", name);
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      const at = bytes.indexOf("the only copy");
      if (at >= 0) writeFileSync(path, bytes.fill("T", at, at + 1));
    }
    expect(bare.plakar("cat", `${id}:precious`)).toMatchObject({ code: 65, out: "" });
    const restored = bare.plakar("restore", "-to", bare.path("back"));
    expect(restored.code).toBe(65);
    expect(restored.err).toContain("precious");
    expect(readdirSync(bare.path("back"))).toStrictEqual(["other"]);
    expect(bare.plakar("check").out).toContain(`${bare.path("tree")}/precious`);
  } finally {
    bare.remove();
  }
});
