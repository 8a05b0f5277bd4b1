import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, ScriptProject } from "../../support/repositories/script-project.ts";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;

let folder: string;
let keys: TestKeys;
let work: string;
let project: ScriptProject;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-repositories-script-"));
  keys = await makeTestKeys(now);
  makeSmallPackages(
    join(folder, "packages"),
    [{ version: "0.0.1" }, { version: "0.0.2" }, { version: "0.1.0-rc1" }],
    keys,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  work = join(folder, `work-${count++}`);
  project = new ScriptProject(work, { packages: join(folder, "packages"), keys, timeSeconds: now });
});

const provide = (version: string): void => project.provide(version);
const writeChecksums = (): void => project.writeChecksums();
const repositories = (words?: readonly string[], environment?: Record<string, string>): Answer =>
  project.run(words, environment);
const configured = (): Record<string, string> => project.configured();
const later = (seconds: number): Record<string, string> => project.later(seconds);
const published = (...path: string[]): string => join(work, "dist/repositories", ...path);

describe("npm run repositories", () => {
  test("makes repositories for all three, signed with a throw-away key that it tells of and uses again", () => {
    provide("0.0.1");
    rmSync(join(work, "dist/packages/small_0.0.1_amd64.rpm")); // signed by another key than the one that is made now
    writeChecksums();
    const first = repositories();
    expect(first).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("for trying out: a release needs keys of its own") as string,
    });
    for (const path of [
      "apt/dists/stable/InRelease",
      "apt/dists/0.0/InRelease",
      "yum/x86_64/repodata/repomd.xml",
      "yum/x86_64/repodata/repomd.xml.asc",
      "apk/x86_64/APKINDEX.tar.gz",
      "apk/x86_64/small-0.0.1-r0.apk",
      "apk/aarch64/plakar-keys-2000.101.1-r0.apk",
      "yum/x86_64/Packages/plakar-release-2000.101.1-1.noarch.rpm",
      "keys/plakar.asc",
    ])
      expect([path, existsSync(published(path))]).toStrictEqual([path, true]);
    expect(readdirSync(join(work, "dist/keys")).toSorted()).toStrictEqual(["throw-away.pgp", "throw-away.rsa"]);
    expect(repositories()).toMatchObject({ status: 0, stdout: "dist/repositories was up to date\n" });
    expect(repositories(["--verify"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("is sound") as string,
    });
  });

  test("adds what is new, lists earlier states, and goes back to one", () => {
    provide("0.0.1");
    expect(repositories([], configured())).toMatchObject({ status: 0, stderr: "" });
    provide("0.0.2");
    expect(repositories([], later(60)).stdout).toContain("added    apt/pool/main/s/small/small_0.0.2-1_amd64.deb\n");
    const states = repositories(["--states"], configured()).stdout.trimEnd().split("\n");
    expect(states).toHaveLength(2);
    const [oldest = ""] = states.at(-1)?.split(" ") ?? [];
    expect(repositories(["--rollback", oldest], later(120))).toMatchObject({ status: 0, stderr: "" });
    const packages = (): string => readFileSync(published("apt/dists/stable/main/binary-amd64/Packages"), "utf8");
    expect(packages().match(/^Version: 0.*$/gm)).toStrictEqual(["Version: 0.0.1-1"]);
    expect(repositories(["--verify"], later(120)).status).toBe(0);
  });

  test("publishes to a branch, and looks at what is there", () => {
    provide("0.0.1");
    const remote = join(work, "remote.git");
    spawnSync("git", ["init", "--quiet", "--bare", remote]);
    expect(repositories(["--to", `git:${remote}#pages`], configured())).toMatchObject({ status: 0, stderr: "" });
    const { stdout } = spawnSync("git", ["--git-dir", remote, "ls-tree", "-r", "--name-only", "pages"], {
      encoding: "utf8",
    });
    expect(stdout.split("\n")).toContain("apk/x86_64/APKINDEX.tar.gz");
    expect(repositories(["--to", `git:${remote}#pages`, "--verify"], configured()).stdout).toContain("is sound");
    expect(existsSync(published())).toBe(false);
  });

  test("signs anew what expires soon, and adds nothing", () => {
    provide("0.0.1");
    const days = (number: number): Record<string, string> => later(number * 24 * 3600);
    expect(repositories(["--valid-for", "30"], configured()).status).toBe(0);
    expect(repositories(["--renew", "--valid-for", "30"], days(10)).stdout).toBe("dist/repositories was up to date\n");
    expect(repositories(["--verify"], days(31))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("expired") as string,
    });
    expect(repositories(["--renew", "--valid-for", "30"], days(20)).stdout).toMatch(/^dist\/repositories is published/);
    expect(repositories(["--verify"], days(31)).status).toBe(0);
  });

  test("warns of a key that ends soon", async () => {
    provide("0.0.1");
    const day = "2026-01-01";
    const keyExpirationTime = now + 30 * 24 * 3600 - Date.parse(day) / 1000;
    const ending = await makeTestKeys(now, day, keyExpirationTime);
    writeFileSync(join(work, "ending.asc"), ending.openPgpPrivate);
    const environment = { ...configured(), PLAKAR_RELEASE_PGP_KEY: join(work, "ending.asc") };
    rmSync(join(work, "dist/packages/small_0.0.1_amd64.rpm")); // signed by another key
    writeChecksums();
    expect(repositories([], environment)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("ends on 2026-10-21: prolong or replace it now") as string,
    });
  });

  test("gives what precedes a release to those who follow the beta suite", () => {
    provide("0.1.0-rc1");
    expect(repositories([], configured()).status).toBe(0);
    expect(existsSync(published("apt/dists/beta/InRelease"))).toBe(true);
    expect(existsSync(published("apt/dists/stable"))).toBe(false);
  });

  test("finds what somebody has changed", () => {
    provide("0.0.1");
    repositories([], configured());
    truncateSync(published("yum/x86_64/Packages/small-0.0.1-1.x86_64.rpm"), 1000);
    expect(repositories(["--verify"], configured())).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Packages/small-0.0.1-1.x86_64.rpm: it has 1000 bytes, the index says") as string,
    });
  });
});

describe("before anything is published, npm run repositories refuses", () => {
  const damage: [string, () => void, string[], () => Record<string, string>, string][] = [
    ["a folder without packages", () => {}, [], configured, "there are no packages in it"],
    [
      "a package that is cut short",
      () => truncate(".deb"),
      [],
      configured,
      "small_0.0.1_amd64.deb is not what SHA256SUMS says",
    ],
    ["a deb that is cut short", () => (truncate(".deb"), writeChecksums()), [], configured, "the archive is cut short"],
    ["an rpm that is cut short", () => (truncate(".rpm"), writeChecksums()), [], configured, "the rpm is cut short"],
    ["an apk that is cut short", () => (truncate(".apk"), writeChecksums()), [], configured, "its data are not those"],
    [
      "a package without a checksum",
      () => writeFileSync(join(work, "dist/packages/SHA256SUMS"), ""),
      [],
      configured,
      "is not in SHA256SUMS",
    ],
    [
      "what is still being written",
      () => writeFileSync(join(work, "dist/packages/x.deb.unfinished-1"), ""),
      [],
      configured,
      "still being written",
    ],
    [
      "half of a release",
      () => (rmSync(join(work, "dist/packages/small_0.0.1_amd64.rpm")), writeChecksums()),
      ["--release"],
      configured,
      "there is no .rpm of small 0.0.1 for amd64",
    ],
    [
      "a release without checksums",
      () => rmSync(join(work, "dist/packages/SHA256SUMS")),
      ["--release"],
      configured,
      "no SHA256SUMS",
    ],
    ["a release without keys", () => {}, ["--release"], () => ({}), "set PLAKAR_RELEASE_PGP_KEY"],
    [
      "a key that is not there",
      () => {},
      [],
      () => ({ ...configured(), PLAKAR_RELEASE_APK_KEY: "/nonexistent/key" }),
      "PLAKAR_RELEASE_APK_KEY names /nonexistent/key",
    ],
    [
      "a key that is none",
      () => {},
      [],
      () => ({ ...configured(), PLAKAR_RELEASE_PGP_KEY: join(work, "apk.pem") }),
      "there is no OpenPGP private key",
    ],
    ["storage without credentials", () => {}, ["--to", "s3://bucket/x"], configured, "AWS_ACCESS_KEY_ID is not set"],
  ];

  test.each(damage)("%s", (name, prepare, words, environment, message) => {
    if (!name.includes("without packages")) provide("0.0.1");
    prepare();
    const answer = repositories(words, environment());
    expect(answer).toMatchObject({ status: 1, stderr: expect.stringContaining(message) as string });
    expect(answer.stderr).not.toContain("    at ");
    expect(existsSync(published())).toBe(false);
    if (words.includes("--release")) expect(existsSync(join(work, "dist/keys"))).toBe(false);
  });

  test("another key than the one that has signed so far, until both sign", async () => {
    provide("0.0.1");
    repositories([], configured());
    provide("0.0.2");
    const next = await makeTestKeys(now, "2021-01-01");
    writeFileSync(join(work, "next.asc"), next.openPgpPrivate);
    writeFileSync(join(work, "next.pem"), next.apkPrivate);
    const alone = {
      ...later(60),
      PLAKAR_RELEASE_PGP_KEY: join(work, "next.asc"),
      PLAKAR_RELEASE_APK_KEY: join(work, "next.pem"),
    };
    expect(repositories([], alone)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("signs beside the old one first") as string,
    });
    const { PLAKAR_RELEASE_PGP_KEY_BEFORE, PLAKAR_RELEASE_APK_KEY_BEFORE } = {
      PLAKAR_RELEASE_PGP_KEY_BEFORE: join(work, "pgp.asc"),
      PLAKAR_RELEASE_APK_KEY_BEFORE: join(work, "apk.pem"),
    };
    const both = { ...alone, PLAKAR_RELEASE_PGP_KEY_BEFORE, PLAKAR_RELEASE_APK_KEY_BEFORE };
    expect(repositories([], both)).toMatchObject({ status: 0, stderr: "" });
    expect(repositories(["--verify"], alone).status).toBe(0);
    expect(repositories(["--verify"], later(60)).status).toBe(0);
  });

  test.each([
    ["an unknown option", ["--fast"], "Unknown option '--fast'"],
    ["two tasks", ["--verify", "--states"], "exclude each other"],
    ["a suite that is none", ["--suite", "../x"], '"../x" is no name for a suite'],
    ["days that are none", ["--valid-for", "never"], '"never" is not a number of days'],
    ["a branch without a name", ["--to", "git:somewhere"], "is not git:REPOSITORY#BRANCH"],
  ])("%s, with exit code 2", (_, words, message) => {
    expect(repositories(words)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) as string });
  });
});

function truncate(extension: string): void {
  const packages = join(work, "dist/packages");
  const path =
    readdirSync(packages, { recursive: true, encoding: "utf8" }).find((file) => file.endsWith(extension)) ?? "";
  const file = join(packages, path);
  truncateSync(file, readFileSync(file).length - 20);
}
