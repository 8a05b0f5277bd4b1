import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { suiteOfRelease } from "../../../scripts/repositories/suites.ts";
import { ScriptProject } from "../../support/repositories/script-project.ts";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;
const daySeconds = 24 * 3600;

let folder: string;
let keys: TestKeys;
let project: ScriptProject;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-repositories-options-"));
  keys = await makeTestKeys(now);
  const versions = [{ version: "0.0.1" }, { version: "0.0.2" }, { version: "0.0.3" }];
  makeSmallPackages(join(folder, "packages"), [...versions, { version: "0.0.2", architecture: "arm64" }], keys);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  project = new ScriptProject(join(folder, `work-${count++}`), {
    packages: join(folder, "packages"),
    keys,
    timeSeconds: now,
  });
});

const packagesFolder = (...path: string[]): string => join(project.work, "dist/packages", ...path);
const published = (...path: string[]): string => join(project.work, "dist/repositories", ...path);
const listed = (): string[] =>
  readFileSync(published("apt/dists/stable/main/binary-amd64/Packages"), "utf8").match(/^Version: 0.*$/gm) ?? [];
const says = (text: string): string => expect.stringContaining(text) as string;

describe("--dry-run", () => {
  test("says what would be published, and writes nothing", () => {
    project.provide("0.0.1");
    const { status, stdout } = project.run(["--dry-run"], project.configured());
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: says("would add     apt/pool/main/s/small/small_0.0.1-1_amd64.deb\n"),
    });
    expect(stdout).toMatch(/dist\/repositories would be published, state 20260921T141320Z; nothing was written/);
    expect(existsSync(published())).toBe(false);
  });

  test("of a branch leaves it as it is", () => {
    const remote = join(project.work, "remote.git");
    execFileSync("git", ["init", "--quiet", "--bare", remote]);
    project.provide("0.0.1");
    const words = ["--to", `git:${remote}#pages`];
    expect(project.run([...words, "--dry-run"], project.configured()).status).toBe(0);
    const branches = (): string => execFileSync("git", ["--git-dir", remote, "branch"], { encoding: "utf8" });
    expect(branches()).toBe("");
    expect(project.run(words, project.configured()).status).toBe(0);
    expect(branches()).toContain("pages");
  });

  test("refuses what publishing would refuse, and tries a place before there are packages", () => {
    const early = ["--dry-run", "--no-packages"];
    expect(project.run(early, project.configured())).toMatchObject({ status: 0, stdout: says("would be published") });
    writeFileSync(join(project.work, "file"), "");
    for (const [words, environment, message] of [
      [[...early, "--release"], {}, "set PLAKAR_RELEASE_PGP_KEY"],
      [[...early, "--to", "file/place"], project.configured(), "file is no folder"],
      [[...early, "--to", "git:nowhere#pages"], project.configured(), "git ls-remote failed"],
      [["--dry-run"], project.configured(), "there are no packages in it"],
    ] as const)
      expect(project.run(words, environment)).toMatchObject({ status: 1, stderr: says(message) });
    expect(existsSync(published())).toBe(false);
  });
});

describe("--file", () => {
  test("takes the packages that are named, and no other thing that lies there", () => {
    project.provide("0.0.1");
    writeFileSync(packagesFolder("other.deb.unfinished-1"), "");
    const words = ["--file", "small_0.0.1_amd64.deb", "--file", "./x86_64/../x86_64/small_0.0.1_amd64.apk"];
    expect(project.run(words, project.configured())).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(published("apk/x86_64/small-0.0.1-r0.apk"))).toBe(true);
    expect(existsSync(published("yum/x86_64/Packages/small-0.0.1-1.x86_64.rpm"))).toBe(false);
  });

  test.each([
    ["one that is not there", ["--file", "small_9_amd64.deb"], 1, "small_9_amd64.deb is not there"],
    ["one that is no package", ["--file", "SHA256SUMS"], 1, "SHA256SUMS is no package"],
    ["one from elsewhere", ["--file", "/etc/passwd"], 2, "does not lie in dist/packages"],
  ])("refuses %s", (_, words, status, message) => {
    project.provide("0.0.1");
    expect(project.run(words, project.configured())).toMatchObject({ status, stderr: says(message) });
  });
});

describe("what was not made to its end is refused", () => {
  test("where SHA256SUMS names what is not there", () => {
    project.provide("0.0.2");
    rmSync(packagesFolder("small_0.0.2_arm64.deb"));
    expect(project.run([], project.configured())).toMatchObject({
      status: 1,
      stderr:
        "dist/packages: SHA256SUMS names what is not there: small_0.0.2_arm64.deb\nmake the packages again: npm run package\n",
    });
  });

  test("where a release lacks an architecture of one kind", () => {
    project.provide("0.0.2");
    rmSync(packagesFolder("small_0.0.2_arm64.rpm"));
    project.writeChecksums();
    expect(project.run(["--release"], project.configured())).toMatchObject({
      status: 1,
      stderr: says("there is no .rpm of small 0.0.2 for arm64"),
    });
  });
});

describe("--keep", () => {
  test("drops all but so many versions; going back leaves out what is gone", () => {
    for (const [version, day] of [
      ["0.0.1", 0],
      ["0.0.2", 1],
      ["0.0.3", 3],
    ] as const) {
      rmSync(packagesFolder(), { recursive: true });
      mkdirSync(packagesFolder("x86_64"), { recursive: true });
      project.provide(version);
      expect(project.run(["--keep", "2"], project.later(day * daySeconds)).status).toBe(0);
    }
    expect(listed()).toStrictEqual(["Version: 0.0.2-1", "Version: 0.0.3-1"]);
    expect(project.run(["--keep", "2", "--renew"], project.later(5 * daySeconds)).stdout).toContain("deleted  ");
    const [, before = ""] = project
      .run(["--states"])
      .stdout.split("\n")
      .map((line) => line.split(" ")[0]);
    const answer = project.run(["--rollback", before], project.later(6 * daySeconds));
    expect(answer).toMatchObject({ status: 0, stdout: says("gone, and left out: apk/x86_64/small-0.0.1-r0.apk\n") });
    expect(listed()).toStrictEqual(["Version: 0.0.2-1"]);
  });
});

describe("--valid-for", () => {
  test("stays until another is given", () => {
    project.provide("0.0.1");
    const lasts = (): boolean => readFileSync(published("apt/dists/stable/InRelease"), "utf8").includes("Valid-Until");
    for (const [words, lasting] of [
      [["--valid-for", "30"], true],
      [["--renew"], true],
      [["--valid-for", "none"], false],
      [["--renew"], false],
    ] as const) {
      expect(project.run(words, project.later(60)).status).toBe(0);
      expect([words, lasts()]).toStrictEqual([words, lasting]);
    }
  });

  test("and a release after a renewal, whose commit is older, is published and sound", () => {
    project.provide("0.0.1");
    project.run([], project.configured());
    project.run(["--renew", "--valid-for", "30"], project.later(10 * daySeconds));
    project.provide("0.0.2");
    expect(project.run([], project.later(60)).status).toBe(0);
    expect(project.run(["--verify"], project.later(60))).toMatchObject({ status: 0, stdout: says("is sound") });
    expect(listed()).toStrictEqual(["Version: 0.0.1-1", "Version: 0.0.2-1"]);
  });
});

describe("a publication.json that is damaged", () => {
  test("is begun anew as the advice says, and every suite is signed on", () => {
    project.provide("0.0.1");
    project.run([], project.configured());
    writeFileSync(published("publication.json"), "{");
    project.provide("0.0.2");
    expect(project.run([], project.later(60))).toMatchObject({ status: 1, stderr: says("--new-record") });
    const words = ["--renew", "--new-record", "--suite", "stable", "--suite", "0.0"];
    expect(project.run([...words, "--suite", "0.7"], project.later(60))).toMatchObject({
      status: 1,
      stderr: says("no suite 0.7 is published"),
    });
    expect(project.run(words, project.later(60))).toMatchObject({ status: 0, stderr: "" });
    expect(project.run([], project.later(120))).toMatchObject({ status: 0, stdout: says("small_0.0.2-1_amd64.deb") });
    expect(project.run(["--verify"], project.later(120)).status).toBe(0);
  });
});

describe("a branch", () => {
  test("is published although a run that was killed has locked the index", () => {
    const remote = join(project.work, "remote.git");
    execFileSync("git", ["init", "--quiet", "--bare", remote]);
    rmSync(join(project.work, ".cache"));
    mkdirSync(join(project.work, ".cache/repositories.git"), { recursive: true });
    const nfpm = join(import.meta.dirname, "../../../.cache");
    for (const name of readdirSync(nfpm).filter((each) => each.startsWith("nfpm")))
      execFileSync("cp", ["-r", join(nfpm, name), join(project.work, ".cache", name)]);
    writeFileSync(join(project.work, ".cache/repositories.git/index.lock"), "");
    project.provide("0.0.1");
    const answer = project.run(["--to", `git:${remote}#pages`], project.configured());
    expect(answer).toMatchObject({ status: 0, stderr: "" });
    expect(spawnSync("git", ["--git-dir", remote, "fsck"]).status).toBe(0);
  });
});

describe("without a stack, npm run repositories refuses", () => {
  test.each([
    ["to renew what nobody published", ["--renew", "--to", "typo"], {}, 1, "nothing is published at typo"],
    ["a time that cannot be", [], { SOURCE_DATE_EPOCH: "99999999999999999" }, 1, "SOURCE_DATE_EPOCH is later than"],
    ["a bucket that is none", ["--to", "s3://a b"], {}, 2, "is not s3://BUCKET"],
    ["an endpoint that is none", ["--to", "s3://a?endpoint=x"], {}, 2, "is not s3://BUCKET"],
    ["no place at all", ["--to", ""], {}, 2, "--to names no place"],
    ["a place that is a file", ["--to", "pgp.asc"], {}, 1, "pgp.asc is no folder"],
    ["a folder in place of a package", ["--from", "folders"], {}, 1, "illegal operation on a directory"],
    ["to keep nothing", ["--keep", "0"], {}, 2, '"0" is not a number of versions'],
    ["a trial of what only looks", ["--verify", "--dry-run"], {}, 2, "--dry-run is for what writes"],
    ["to forget suites", ["--renew", "--new-record"], {}, 2, "with every suite"],
  ])("%s", (_, words, environment, status, message) => {
    mkdirSync(join(project.work, "folders/x.deb"), { recursive: true });
    project.provide("0.0.1");
    const answer = project.run(words, { ...project.configured(), ...environment });
    expect(answer).toMatchObject({ status, stderr: says(message) });
    expect(answer.stderr).not.toContain("    at ");
    expect(existsSync(join(project.work, "typo"))).toBe(false);
  });
});

test.each([
  ["1.2.3", "stable"],
  ["1.2.3-rc.1", "beta"],
  ["1.2.3+build-7", "stable"],
])("the suite of %s is %s", (version, suite) => {
  expect(suiteOfRelease(version)).toBe(suite);
});
