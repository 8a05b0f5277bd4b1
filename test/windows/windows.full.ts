import { spawnSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fromText, toBytes, toWindowsName } from "../../src/foundation/index.ts";
import { describeTree } from "../support/tree.ts";
import { temporaryDirectories } from "../unit/system/temporary.ts";
import { noWine, WindowsMachine } from "./wine.ts";

const temporary = temporaryDirectories();
const reason = noWine();

const ours = join(import.meta.dirname, "..", "..", "dist", "plakar");

/** The program of this system, on a store of the other one. */
function here(home: string, ...words: string[]): { code: number | null; out: string; err: string } {
  const run = spawnSync(ours, words, { encoding: "utf8", env: { ...process.env, HOME: home } });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** Contents and times to 100 ns, which is what Windows has; owners and modes are this system's view of it. */
function contents(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
  return names.map((name) => {
    const stat = lstatSync(join(directory, name), { bigint: true });
    const content = stat.isFile() ? readFileSync(join(directory, name), "hex") : "";
    return `${name} ${stat.isDirectory()} ${stat.mtimeNs / 100n} ${content}`;
  });
}

describe("plakar.exe", () => {
  let machine: WindowsMachine;
  beforeEach(({ skip }) => skip(reason !== undefined, reason));
  beforeAll(() => {
    if (reason !== undefined) return;
    machine = new WindowsMachine();
    const { code, err } = machine.plakar("at", "C:\\store", "create", "-plaintext");
    if (code !== 0) throw new Error(err);
  }, 240_000);
  afterAll(() => machine?.remove());

  function makeTree(): void {
    const tree = (...names: string[]): string => machine.path("tree", ...names);
    const long = ["d".repeat(120), "e".repeat(120), "f".repeat(120)];
    mkdirSync(tree("sub", "empty"), { recursive: true });
    mkdirSync(tree(...long), { recursive: true });
    writeFileSync(tree("plain.txt"), "hello");
    writeFileSync(tree("sub", "ünï ☂ 🦊.txt"), "unicode");
    writeFileSync(tree(...long, "far down"), "beyond 260 characters");
    writeFileSync(tree("large"), Buffer.alloc(3_000_000, "abcdefg"));
    linkSync(tree("plain.txt"), tree("second name"));
    for (const name of ["plain.txt", "sub"]) utimesSync(tree(name), 1_000_000_000.5, 1_000_000_000.5);
  }

  test("saves a tree, lists and checks it, and gives it back", () => {
    makeTree();
    const saved = machine.plakar("at", "C:\\store", "backup", "C:\\tree");
    expect(saved).toMatchObject({ code: 0, err: "" });
    expect(saved.out).toContain("/C:/tree");
    expect(machine.plakar("at", "C:\\store", "backup", "C:\\tree").out).toContain("read 0 B");
    expect(machine.plakar("at", "C:\\store", "ls", "-recursive", "latest").out).toContain(
      "/C:/tree/sub/ünï ☂ 🦊.txt\n",
    );
    expect(machine.plakar("at", "C:\\store", "check")).toMatchObject({ code: 0, err: "" });
    const restored = machine.plakar("at", "C:\\store", "restore", "-to", "C:\\back", "latest");
    expect(restored).toMatchObject({ code: 0, err: "" });
    expect(contents(machine.path("back"))).toStrictEqual(contents(machine.path("tree")));
    expect(lstatSync(machine.path("back", "second name")).ino).toBe(lstatSync(machine.path("back", "plain.txt")).ino);
    expect(machine.plakar("at", "C:\\store", "restore", "-to", "C:\\back", "latest").out).toContain("0 B written");
  }, 120_000);

  test("keeps attributes: read-only, hidden, system", () => {
    mkdirSync(machine.path("marked", "shown"), { recursive: true });
    const marks = { system: "+s", hidden: "+h", fixed: "+r", none: "-a" };
    for (const [name, mark] of Object.entries(marks)) {
      writeFileSync(machine.path("marked", name), name);
      machine.run("attrib", mark, `C:\\marked\\${name}`);
    }
    const shown = (directory: string): string[] =>
      Object.keys(marks).map((name) => machine.run("attrib", `C:\\${directory}\\${name}`).out.slice(0, 12).trim());
    const wanted = shown("marked");
    expect(new Set(wanted).size).toBe(4);
    expect(machine.plakar("at", "C:\\store", "backup", "C:\\marked").code).toBe(0);
    for (let round = 0; round < 2; round++) {
      expect(machine.plakar("at", "C:\\store", "restore", "-to", "C:\\marked-back", "latest")).toMatchObject({
        code: 0,
      });
      expect(shown("marked-back")).toStrictEqual(wanted);
    }
  }, 120_000);

  test("takes paths with slashes, with the prefix for long ones, and of drives alone", () => {
    for (const path of ["C:/tree/sub", "\\\\?\\C:\\tree\\sub", "c:\\tree\\sub\\"]) {
      expect(machine.plakar("at", "C:/store", "backup", path).out, path).toContain("/C:/tree/sub:");
    }
    expect(machine.plakar("at", "C:\\store", "cat", "latest:/C:/tree/sub/ünï ☂ 🦊.txt").out).toBe("unicode");
    const ofRoot = machine.plakar("at", "C:\\store", "ls", "-root", "c:\\tree\\sub\\").out;
    expect(ofRoot.trim().split("\n")).toStrictEqual(
      Array.from({ length: 3 }, () => expect.stringContaining(" /C:/tree/sub")),
    );
  }, 120_000);

  test("several drives are in one snapshot, and are named in it as Windows names them", () => {
    const drive = machine.attach("d:");
    const share = machine.attach("unc/server/share");
    mkdirSync(machine.path("drives", "sub"), { recursive: true });
    mkdirSync(join(drive, "photos"));
    writeFileSync(machine.path("drives", "sub", "on c"), "C");
    writeFileSync(join(drive, "photos", "on d"), "D");
    const plakar = (...words: string[]): ReturnType<WindowsMachine["plakar"]> =>
      machine.plakar("at", "fs:///C:/store", ...words);
    expect(plakar("backup", "C:\\drives", "d:\\")).toMatchObject({ code: 0, err: "" });
    for (const [name, content] of [
      ["C:\\drives\\sub\\on c", "C"],
      ["latest:c:/drives/sub/on c", "C"],
      ["latest:D:\\photos\\on d", "D"],
      [":/D:/photos/on d", "D"],
    ] as const) {
      expect(plakar("cat", name), name).toStrictEqual({ code: 0, out: content, err: "" });
    }
    expect(plakar("restore", "-to", "D:\\back", "D:\\photos")).toMatchObject({ code: 0, err: "" });
    expect(contents(join(drive, "back"))).toStrictEqual(contents(join(drive, "photos")));
    expect(plakar("restore", "-to", "\\\\server\\share\\back", "latest")).toMatchObject({ code: 0, err: "" });
    const inTarget = readdirSync(join(share, "back"), { recursive: true, encoding: "utf8" }).toSorted();
    expect(inTarget.filter((name) => name.includes("on "))).toStrictEqual([
      "C\uf03a/drives/sub/on c",
      "D\uf03a/photos/on d",
    ]);
    // wine, unlike Windows, finds a share to lie on a drive, and so the snapshot names that
    expect(plakar("backup", "\\\\server\\share\\back").code).toBe(0);
    expect(plakar("restore", "-to", "C:\\of-share", "latest")).toMatchObject({ code: 0, err: "" });
    expect(contents(machine.path("of-share"))).toStrictEqual(contents(join(share, "back")));
  }, 120_000);

  test("what it saved comes back here, below the directory that was named", () => {
    const home = temporary();
    const target = join(temporary(), "back");
    const id = machine.plakar("-json", "at", "C:\\store", "backup", "C:\\tree").out;
    const { snapshot } = JSON.parse(id.trim().split("\n").at(-1) ?? "") as { snapshot: string };
    const restored = here(home, "at", machine.path("store"), "restore", "-skip-permissions", "-to", target, snapshot);
    expect(restored).toMatchObject({ code: 0 });
    expect(contents(target)).toStrictEqual(contents(machine.path("tree")));
    expect(here(home, "at", machine.path("store"), "check").code).toBe(0);
  }, 120_000);

  test("gives back what other systems saved under the names that docs/windows.md states, and lists what it cannot", () => {
    const home = temporary();
    const tree = temporary();
    const names = ["CON", "aux.txt", "a:b", "what?", "dot.", "space ", "back\\slash", "fine", 'q"uote', "nul"];
    for (const name of names) writeFileSync(join(tree, name), `content of ${name}`);
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/n`), Buffer.from([0xff])]), "stray byte");
    for (const name of ["Twin", "twin"]) writeFileSync(join(tree, name), name);
    symlinkSync("fine", join(tree, "link"));
    const store = machine.path("linux-store");
    here(home, "at", store, "create", "-plaintext");
    expect(here(home, "at", store, "backup", tree).code).toBe(0);
    const restored = machine.plakar("at", "C:\\linux-store", "restore", "-to", "C:\\linux", "latest");
    expect(restored.code).toBe(3);
    expect(restored.err).toContain("twin: cannot restore twin");
    for (const name of names) {
      const onDisk = toBytes(toWindowsName(fromText(name))).toString();
      expect(readFileSync(machine.path("linux", onDisk), "utf8"), name).toBe(`content of ${name}`);
    }
    expect(readFileSync(machine.path("linux", "Twin"), "utf8")).toBe("Twin");
    // and nothing lies beside the target, or in a stream
    expect(readdirSync(machine.path("linux")).filter((name) => name.includes(":"))).toStrictEqual([]);
    expect(describeTree(machine.path("linux")).length).toBeGreaterThan(names.length);
  }, 120_000);

  test("of names that differ in case the first comes back, and -delete keeps what is there under other letters", () => {
    const home = temporary();
    const tree = temporary();
    for (const directory of ["Docs", "docs"]) {
      mkdirSync(join(tree, directory));
      for (const name of ["same", directory === "Docs" ? "first" : "second"]) {
        writeFileSync(join(tree, directory, name), directory);
      }
    }
    for (const name of ["FILE", "file", "linked", "Alone"]) writeFileSync(join(tree, name), name);
    linkSync(join(tree, "linked"), join(tree, "OTHER"));
    writeFileSync(join(tree, "other"), "other");
    const store = machine.path("twins-store");
    here(home, "at", store, "create", "-plaintext");
    expect(here(home, "at", store, "backup", tree).code).toBe(0);
    const shown = (): string[] =>
      readdirSync(machine.path("twins"), { recursive: true, encoding: "utf8" })
        .toSorted()
        .map((name) => {
          const path = machine.path("twins", name);
          return lstatSync(path).isFile() ? `${name} ${readFileSync(path, "utf8")}` : name;
        });
    const rest = ["Docs", "Docs/first Docs", "Docs/same Docs", "FILE FILE"];
    const restore = (...flags: string[]): void => {
      const { code, err } = machine.plakar("at", "C:\\twins-store", "restore", ...flags, "-to", "C:\\twins", "latest");
      expect(code).toBe(3);
      for (const name of ["docs", "docs/same", "docs/second", "file", "other"]) {
        expect(err).toContain(`${name}: cannot restore ${name}`);
      }
    };
    restore();
    expect(shown()).toStrictEqual(["Alone Alone", ...rest, "OTHER linked", "linked linked"]);
    expect(lstatSync(machine.path("twins", "OTHER")).ino).toBe(lstatSync(machine.path("twins", "linked")).ino);
    renameSync(machine.path("twins", "Alone"), machine.path("twins", "aLONE"));
    writeFileSync(machine.path("twins", "extra"), "");
    restore("-delete");
    expect(shown()).toStrictEqual([...rest, "OTHER linked", "aLONE Alone", "linked linked"]);
    restore("-delete", "-overwrite", "always");
    expect(shown()).toStrictEqual(["Alone Alone", ...rest, "OTHER linked", "linked linked"]);
  }, 120_000);

  test("damage, a wrong store and wrong words end with the designed codes", () => {
    expect(machine.plakar("at", "C:\\nowhere", "ls").code).toBe(66);
    expect(machine.plakar("at", "C:\\store", "no-such-command").code).toBe(2);
    expect(machine.plakar("at", "C:\\store", "cat", "latest:/C:/none").code).toBe(1);
    const packfiles = readdirSync(machine.path("store", "packfiles"), { recursive: true, encoding: "utf8" });
    const largest = packfiles
      .map((name) => machine.path("store", "packfiles", name))
      .filter((path) => lstatSync(path).isFile())
      .toSorted((a, b) => lstatSync(b).size - lstatSync(a).size)[0] as string;
    const bytes = readFileSync(largest);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    writeFileSync(largest, bytes);
    expect(machine.plakar("at", "C:\\store", "check").code).toBe(65);
  }, 120_000);
});
