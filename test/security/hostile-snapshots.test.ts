import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/foundation/index.ts";
import { openFsStore } from "../../src/store/index.ts";
import { writeHostileSnapshot } from "../support/hostile-snapshot.ts";
import { InProcess } from "../support/in-process.ts";
import { describeTree } from "../support/tree.ts";
import { isRoot, temporaryDirectories } from "../unit/system/temporary.ts";
import { type HostileCase, hostileCases } from "./hostile-cases.ts";
import { randomCase } from "./random-case.ts";

const temporary = temporaryDirectories();
const program = join(import.meta.dirname, "..", "..", "dist", "plakar");
const ORDINARY_USER = 65_534;
/** What a command may say of a hostile snapshot: all well, something incomplete, not there, damaged. */
const designed = [0, 1, 3, 65];

let above = "";
let outside = "";
let nowhere = "";

beforeAll(() => {
  if (!existsSync(program)) throw new Error("there is no dist/plakar: npm run build");
});

beforeEach(() => {
  above = temporary();
  outside = join(above, "outside");
  nowhere = `/plakar-hostile-${process.pid}`;
  mkdirSync(join(outside, "sub"), { recursive: true });
  writeFileSync(join(outside, "kept"), "as it was");
  writeFileSync(join(outside, "evil"), "as it was");
});

/** Commands that go through the whole tree. */
const wholeTree: ReadonlySet<string> = new Set(["restore", "check", "digest", "locate"]);

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** In a process of its own: by root, or by somebody who owns nothing but the directory above. */
function plakar(user: "root" | "somebody", ...words: string[]): Outcome {
  const identity = user === "somebody" && isRoot ? { uid: ORDINARY_USER, gid: ORDINARY_USER } : {};
  const { PLAKAR_PASSPHRASE: _passphrase, PLAKAR_REPOSITORY: _store, ...rest } = process.env;
  const done = spawnSync(program, ["at", join(above, "store"), ...words], {
    ...{ ...identity, cwd: above, encoding: "utf8", maxBuffer: 1 << 28, timeout: 120_000 },
    env: { ...rest, HOME: join(above, "home") },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

async function store(hostile: HostileCase): Promise<void> {
  const inProcess = new InProcess(openFsStore(join(above, "store")));
  await inProcess.create();
  const { withoutListings = false } = hostile;
  await writeHostileSnapshot(await inProcess.open(), hostile.tree({ outside, nowhere }), { withoutListings });
}

/** It ended by itself, with a designed code, without a fault of the program, and showed nothing that drives a terminal. */
function expectDesigned(what: string, { code, out, err }: Outcome): void {
  expect(designed, `${what}: ${code} ${err.slice(0, 2000)}`).toContain(code);
  expect(err, what).not.toContain("This is a fault of plakar");
  expect([...new Set(`${out}${err}`)].filter(drivesTerminals), what).toStrictEqual([]);
  expect(`\n${err}${out}`, what).not.toContain("\nplakar: lines");
}

/** Control characters (C0, DEL, C1) but for tabs and ends of lines, and what turns the direction of text. */
function drivesTerminals(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const isControl = (code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160);
  return isControl || [0x200e, 0x200f].includes(code) || (code >= 0x202a && code <= 0x202e);
}

/** Everything beside the target. */
function around(): string[] {
  return describeTree(above).filter((line) => !/^\/(target|home|store)/.test(line) && !line.startsWith("/ "));
}

function restored(name: string): string {
  return readFileSync(Buffer.from(join(above, "target", name), "latin1"), "latin1");
}

async function expectHarmless(hostile: HostileCase, user: "root" | "somebody"): Promise<void> {
  await store(hostile);
  mkdirSync(join(above, "target"));
  mkdirSync(join(above, "home"));
  if (user === "somebody" && isRoot) {
    for (const name of ["target", "home", "outside", "outside/kept", "outside/evil"])
      chownSync(join(above, name), ORDINARY_USER, ORDINARY_USER);
    chmodSync(join(above, "store"), 0o755);
    spawnSync("chmod", ["-R", "a+rX", join(above, "store")]);
  }
  const before = around();
  for (const round of ["restore", "restore over it"]) {
    const outcome = plakar(user, "restore", "-to", join(above, "target"), "latest:/");
    expectDesigned(round, outcome);
    expect(around(), round).toStrictEqual(before);
    expect(existsSync(nowhere)).toBe(false);
    if (outcome.code === 0) expect(outcome.err).not.toContain("FAILED");
    if (hostile.isTold) expect(outcome.code, round).toBe(65);
  }
  for (const name of ["good", "zz-good"]) expect(restored(name), name).toBe("sound");
  const names = readdirSync(Buffer.from(join(above, "target")), { encoding: "latin1" });
  expect(names).toEqual(expect.arrayContaining([...(hostile.comesBack ?? [])]));
  if (user === "somebody" && isRoot) return; // the rest is the same for everybody
  for (const words of [
    ["restore", "-to", join(above, "target"), "-delete", "latest:/"],
    ["restore", "-to", "-", "latest:/"],
    ["ls", "-recursive", "latest:/"],
    ["check"],
    ["cat", "latest:/good"],
    ["diff", "latest:/", "latest:/"],
    ["digest", "latest:/"],
    ["du", "latest:/"],
    ["locate", "*"],
    ["info", "-errors", "latest"],
    ["info", "latest"],
    ["ls"],
    ["tag", "list"],
  ]) {
    const outcome = plakar(user, ...words);
    // what other programs read as it is: an archive, and names as `sha256sum -c` wants them
    const isForPrograms = words[2] === "-" || words[0] === "digest";
    if (hostile.isTold && wholeTree.has(words[0] ?? "")) expect(outcome.code, words.join(" ")).toBe(65);
    expectDesigned(words.join(" "), isForPrograms ? { ...outcome, out: "" } : outcome);
  }
  for (const words of [["ls"], ["info", "latest"], ["ls", "-recursive", "latest:/"], ["check"]]) {
    const outcome = plakar(user, "-json", ...words);
    expectDesigned(words.join(" "), outcome);
    for (const line of outcome.out.trimEnd().split("\n"))
      expect(JSON.parse(line), words.join(" ")).toBeTypeOf("object");
  }
  expect(around()).toStrictEqual(before);
}

describe.each(["root", "somebody"] as const)("I-06: restored by %s", (user) => {
  beforeEach(({ skip }) => skip(user === "root" && !isRoot, "these tests do not run as root: see those by somebody"));

  test.each(Object.entries(hostileCases))(
    "%s create and change nothing outside the target, and take nothing sound with them",
    async (_, hostile) => {
      await expectHarmless(hostile, user);
    },
    180_000,
  );
});

const runs = Number(process.env["PLAKAR_HOSTILE_RUNS"] ?? 12);

test.each(Array.from({ length: runs }, (_, seed) => seed))(
  "I-06: tree %i of those that chance makes creates and changes nothing outside the target",
  (seed) => expectHarmless(randomCase(new SeededRandom(seed)), seed % 2 === 0 ? "root" : "somebody"),
  180_000,
);
