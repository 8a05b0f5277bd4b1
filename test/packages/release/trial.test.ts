import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMessage, readKey, readSignature, verify } from "openpgp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { $ } from "zx";
import { leaveDebianRoot, makeDebianRoot } from "../../../scripts/release/clients/apt.ts";
import { lacks, startWithin } from "../../../scripts/release/clients/client.ts";
import { makeDnfRoot } from "../../../scripts/release/clients/dnf.ts";
import { prove } from "../../../scripts/release/clients/proof.ts";
import { makeBareRoot } from "../../../scripts/release/clients/roots.ts";
import type { GithubStandIn } from "../../../scripts/release/github-stand-in.ts";
import { type Envelope, open } from "../../../scripts/release/provenance.ts";
import { serve } from "../../../scripts/release/serve.ts";
import { copyProject } from "./support/project-copy.ts";
import { digestsOf, type Trial, tryRelease } from "./support/trial.ts";

let folder = "";
let trial: Trial;
const at = (...path: string[]): string => join(folder, ...path);
const assets = "dist/release/0.0.7-trial/assets";

beforeAll(async () => {
  folder = copyProject(mkdtempSync(join(tmpdir(), "plakar-release-")));
  trial = await tryRelease(folder);
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a trial goes from the sources to what is installed and used, and says what it went without", () => {
  expect({ code: trial.code, output: trial.output }).toMatchObject({ code: 0 });
  expect(trial.output).toContain("0.0.7 is tried: nothing of it is published");
  expect(trial.output).toContain("preflight: PLAKAR_RELEASE_PGP_KEY is not set: a release would be refused");
  // whatever package managers are here have installed it; a shell is everywhere
  expect(trial.output).toMatch(/archive: installed|archive: needs/);
  for (const client of ["apt", "dnf", "apk"])
    expect(trial.output).toMatch(new RegExp(`${client}: (?:installed|needs)`));
});

test("GitHub has one release, shown, with exactly the assets, though it failed on the way", () => {
  expect(trial.output).toContain("again in");
  const { releases } = JSON.parse(readFileSync(at("dist/release/0.0.7-trial/github/releases.json"), "utf8")) as {
    releases: GithubStandIn["releases"];
  };
  expect(releases).toMatchObject([{ tag_name: "v0.0.7", draft: false, make_latest: "true" }]);
  const uploaded = Object.fromEntries(releases[0]?.assets.map(({ name, digest }) => [name, digest?.slice(7)]) ?? []);
  expect(uploaded).toStrictEqual(digestsOf(at(assets)));
  const names = Object.keys(uploaded);
  for (const name of names)
    expect(name).toMatch(/amd64|arm64|x86_64|aarch64|cdx\.json|intoto\.json|install\.sh|SHA256SUMS/);
});

test("checksums and provenance are signed by the keys of the release, and fit what is there", async () => {
  const sums = readFileSync(at(assets, "SHA256SUMS"), "utf8");
  execFileSync("sha256sum", ["--strict", "--quiet", "-c", "SHA256SUMS"], { cwd: at(assets) });
  const verified = await verify({
    message: await createMessage({ text: sums }),
    signature: await readSignature({ armoredSignature: readFileSync(at(assets, "SHA256SUMS.asc"), "utf8") }),
    verificationKeys: await readKey({
      armoredKey: readFileSync(at("dist/release/0.0.7-trial/repositories/keys/plakar.asc"), "utf8"),
    }),
  });
  await verified.signatures[0]?.verified;
  const envelope = JSON.parse(readFileSync(at(assets, "plakar_0.0.7.intoto.json"), "utf8")) as Envelope;
  const key =
    Object.keys(digestsOf(at("dist/release/0.0.7-trial/repositories/keys"))).find((name) =>
      name.endsWith(".rsa.pub"),
    ) ?? "";
  const { subject } = open(envelope, readFileSync(at("dist/release/0.0.7-trial/repositories/keys", key), "utf8")) as {
    subject: { name: string; digest: { sha256: string } }[];
  };
  expect(subject.map(({ digest }) => digest.sha256)).toEqual(
    expect.arrayContaining(
      sums
        .split("\n")
        .filter((line) => /\.(deb|rpm|apk|tar\.gz)$/.test(line))
        .map((line) => line.slice(0, 64)),
    ),
  );
});

test("a second run does nothing again, and a version that is not newer is refused", async () => {
  const before = digestsOf(at("dist/release/0.0.7-trial/published"));
  const again = await tryRelease(folder);
  expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/package linux-\w+: done before/) });
  expect(again.output).toContain("verify: done before");
  expect(again.output).toContain("published before");
  expect(digestsOf(at("dist/release/0.0.7-trial/published"))).toStrictEqual(before);
  expect(existsSync(at("dist/release/0.0.6-trial/github"))).toBe(false);
}, 300_000);

describe("docs/install.md", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/install.md"), "utf8");
  const blocks = new Map(
    [...text.matchAll(/^```sh (\w+)\n(.*?)^```$/gms)].map(([, name = "", code = ""]) => [name, code]),
  );
  let served: Awaited<ReturnType<typeof serve>>;
  let root = "";

  beforeAll(async () => {
    served = await serve([
      ["/releases/download/v0.0.7/", at(assets)],
      ["/", at("dist/release/0.0.7-trial/repositories")],
    ]);
  });
  afterAll(() => served.close());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "plakar-install-"));
  });
  afterEach(() => {
    leaveDebianRoot(root);
    rmSync(root, { recursive: true, force: true });
  });

  /** Does what a block says; `words` start the shell that it is for. */
  async function follow(
    name: string,
    words: readonly string[],
    before = "",
    below = (code: string): string => code,
  ): Promise<void> {
    const code = below(blocks.get(name) ?? "false # there is no such block");
    const env = {
      ...process.env,
      REPOSITORIES: served.url,
      DOWNLOADS: `${served.url}/releases`,
      VERSION: "0.0.7",
      ROOT: root,
    };
    const own = { PLAKAR_REPOSITORIES: served.url, PLAKAR_DOWNLOADS: `${served.url}/releases` };
    const { exitCode, stdout, stderr } = await $({
      ...{ nothrow: true, quiet: true, cwd: root, env: { ...env, ...own } },
    })`${[...words, "-c", `set -eu\n${before}\n${code}`]}`;
    expect({ exitCode, output: stdout + stderr }).toMatchObject({ exitCode: 0 });
  }

  const inRoot = (code: string): string =>
    code.replaceAll("file:///etc", `file://${root}/etc`).replaceAll(/([ >"])\/etc\//g, `$1${root}/etc/`);

  test("every block is tried here", () => {
    expect([...blocks.keys()].toSorted()).toStrictEqual(["apk", "apt", "archive", "dnf", "script"]);
    expect(text.match(/^```/gm)).toHaveLength(2 * blocks.size);
  });

  test.for(["apt", "script"])("%s, in a Debian 12", async (name, { skip }) => {
    const lacking = lacks("debootstrap", "chroot");
    skip(lacking !== undefined, lacking);
    await makeDebianRoot(root);
    await follow(name, ["/usr/sbin/chroot", root, "/bin/sh"]);
    await prove(startWithin(root, "/usr/bin/plakar"), "0.0.7");
  });

  test("dnf, into another root", async ({ skip }) => {
    const lacking = lacks("dnf", "rpmbuild", "busybox", "curl");
    skip(lacking !== undefined, lacking);
    await makeDnfRoot(root);
    for (const place of ["etc/pki/rpm-gpg", "etc/yum.repos.d"]) mkdirSync(join(root, place), { recursive: true });
    await follow("dnf", ["/bin/sh"], 'dnf() { command dnf --installroot "$ROOT" "$@"; }', inRoot);
    await prove(startWithin(root, "/usr/bin/plakar"), "0.0.7");
  });

  test("apk, into another root", async ({ skip }) => {
    const apk = process.env["APK"] ?? "";
    const lacking = apk === "" ? "needs an apk binary, which APK has to name" : lacks(apk, "wget", "busybox");
    skip(lacking !== undefined, lacking);
    makeBareRoot(root);
    execFileSync(apk, ["--root", root, "--repositories-file", "/dev/null", "--initdb", "add"], { stdio: "ignore" });
    mkdirSync(join(root, "etc/apk/keys"), { recursive: true });
    const key =
      Object.keys(digestsOf(at("dist/release/0.0.7-trial/repositories/keys"))).find((name) =>
        name.endsWith(".rsa.pub"),
      ) ?? "";
    await follow("apk", ["/bin/sh"], `KEY=${key}\napk() { "$APK" --root "$ROOT" "$@"; }`, inRoot);
    await prove(startWithin(root, "/usr/bin/plakar"), "0.0.7");
  });

  test("archive", async ({ skip }) => {
    const lacking =
      process.arch === "x64" ? lacks("curl", "gpgv", "sha256sum") : "names the archive of another machine";
    skip(lacking !== undefined, lacking);
    cpSync(at("dist/release/0.0.7-trial/repositories/keys/plakar.gpg"), join(root, "plakar.gpg"));
    await follow("archive", ["/bin/sh"]);
  });
});
