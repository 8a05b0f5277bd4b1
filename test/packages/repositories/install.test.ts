import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installScript } from "../../../packaging/install/index.ts";
import { directoryPlace, preparePublication } from "../../../packaging/repositories/index.ts";
import { suiteOfRelease } from "../../../scripts/repositories/suites.ts";
import { apkClient } from "../../support/repositories/apk-client.ts";
import { installedVersion, missingPrograms, run } from "../../support/repositories/client.ts";
import { type FileServer, serveFiles } from "../../support/repositories/file-server.ts";
import { settingsFor } from "../../support/repositories/published.ts";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys } from "../../support/repositories/test-keys.ts";

/** An hour ago: clients refuse what is dated in the future. */
const now = Math.floor(Date.now() / 1000) - 3600;
const version = "1.2.3-rc1";
const archive = `plakar_${version}_linux_amd64.tar.gz`;

let folder: string;
let server: FileServer;
let script: string;

/** What precedes a release, in repositories that have nothing but that. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-install-"));
  const keys = await makeTestKeys(now);
  const packages = makeSmallPackages(join(folder, "packages"), [{ version, name: "plakar" }], keys);
  const suite = suiteOfRelease(version);
  const published = join(folder, "published");
  const place = directoryPlace(published);
  const additions = packages.map((file) => ({ file, suites: [suite] }));
  const settings = settingsFor(keys.signing);
  await place.apply((await preparePublication(place, { additions, allowOlder: false }, settings)).changes);
  const keyName = keys.signing.apk[0]?.keyName ?? "";
  const digest = makeArchive(join(published, "download", `v${version}`, archive));
  server = await serveFiles(published);
  script = join(folder, "install.sh");
  const facts = { version, suite, repositories: server.url, downloads: server.url };
  const read = (name: string): Buffer => readFileSync(join(published, "keys", name));
  writeFileSync(
    script,
    installScript({
      ...facts,
      pgpKey: read("plakar.asc"),
      apkKey: { name: keyName, content: read(keyName) },
      archives: `${digest}  ${archive}\n`,
    }),
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function makeArchive(target: string): string {
  const inside = join(folder, "archive", archive.replace(".tar.gz", ""));
  mkdirSync(join(inside, "lib"), { recursive: true });
  mkdirSync(dirname(target), { recursive: true });
  for (const name of ["plakar", "lib/data"]) writeFileSync(join(inside, name), "");
  for (const path of [".", "lib"]) chmodSync(join(inside, path), 0o755);
  execFileSync("tar", ["-czf", target, "-C", dirname(inside), archive.replace(".tar.gz", "")]);
  return execFileSync("sha256sum", [target], { encoding: "utf8" }).slice(0, 64);
}

const install = (root: string, method: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof run> =>
  run("sh", ["-c", 'umask 077; exec sh "$0" "$@"', script, "--method", method, "--root", root], {
    ...process.env,
    ...env,
  });

describe("install.sh of what precedes a release", () => {
  test("has dnf install from its suite into a folder with any name", async (context) => {
    context.skip(process.getuid?.() !== 0, "needs to be root");
    const missing = missingPrograms("dnf", "rpm", "curl");
    context.skip(missing !== undefined, missing);
    const root = join(folder, "a folder, 100% ünusual");
    mkdirSync(root);
    const { output } = await install(root, "dnf");
    expect([output, await installedVersion(root, "plakar")]).toStrictEqual([output, version]);
    const repository = readFileSync(join(root, "etc/yum.repos.d/plakar.repo"), "utf8");
    expect(repository).toContain(`baseurl=${server.url}/yum/beta/$basearch\n`);
    expect(repository).toContain("gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-plakar\n");
    expect(server.requests).toContain("/yum/x86_64/Packages/plakar-1.2.3~rc1-1.x86_64.rpm");
  });

  test("has apk install from its suite", async (context) => {
    context.skip(process.getuid?.() !== 0, "needs to be root");
    context.skip(apkClient.missing !== undefined, apkClient.missing);
    const root = join(folder, "apk root");
    const programs = join(folder, "bin");
    const apk = process.env["APK"] ?? "";
    mkdirSync(root);
    mkdirSync(programs);
    execFileSync("ln", ["-s", apk, join(programs, "apk")]);
    execFileSync(apk, ["--root", root, "--repositories-file", "/dev/null", "--initdb", "add"], { stdio: "ignore" });
    const { output } = await install(root, "apk", { PATH: `${programs}:${process.env["PATH"] ?? ""}` });
    expect([output, await installedVersion(root, "plakar")]).toStrictEqual([output, version]);
  });

  test("names its suite to apt", async (context) => {
    context.skip(process.getuid?.() !== 0, "needs to be root");
    const root = join(folder, "apt");
    mkdirSync(root);
    await install(root, "apt"); // there is no apt in there
    const sources = readFileSync(join(root, "etc/apt/sources.list.d/plakar.sources"), "utf8");
    expect(sources).toContain("\nSuites: beta\n");
  });

  test("unpacks what everybody can enter, whatever the umask", async (context) => {
    const missing = missingPrograms("curl", "tar");
    context.skip(missing !== undefined, missing);
    context.skip(process.arch !== "x64" || process.platform !== "linux", "the archive is for Linux on x86-64");
    const root = join(folder, "unpacked");
    expect(await install(root, "archive")).toMatchObject({ status: 0 });
    const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
    const folders = paths.filter((path) => statSync(join(root, path)).isDirectory());
    expect(folders.map((path) => `${path} ${(statSync(join(root, path)).mode & 0o777).toString(8)}`)).toStrictEqual(
      folders.map((path) => `${path} 755`),
    );
    expect(folders).toContain("usr/local/lib/plakar/lib");
  });
});
