import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPrivateKey } from "openpgp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gnuArchitecture, makePackages, missing, project, releaseDay, run } from "./support/made.ts";
import { expectWorking, makeRoot, rootsLack, startFromOutside } from "./support/roots.ts";

const lacking = missing("rpm", "python3");
let folder: string;
let rpm: string;
let newer: string;
let publicKey: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-rpm-"));
  if (lacking.length > 0) return;
  [rpm = ""] = makePackages({ version: "0.0.5", only: ["rpm"], to: join(folder, "first") });
  [newer = ""] = makePackages({ version: "0.0.6", only: ["rpm"], to: join(folder, "newer") });
  const armoredKey = readFileSync(join(project, "dist/keys/throw-away.pgp"), "utf8");
  publicKey = join(folder, "key.asc");
  writeFileSync(publicKey, (await readPrivateKey({ armoredKey })).toPublic().armor());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A database of keys and packages, with the one key that is trusted. */
function trusting(name: string): string[] {
  const database = join(folder, name);
  mkdirSync(database);
  run("rpm", "--dbpath", database, "--import", publicKey);
  return ["--dbpath", database];
}

function query(format: string): string {
  return run("rpm", "--query", "--package", "--nosignature", "--queryformat", format, rpm);
}

describe("the RPM package", () => {
  beforeEach((context) => context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`));

  test("is named, dated and described as the release is", () => {
    expect(rpm.endsWith(`/plakar-0.0.5-1.${gnuArchitecture}.rpm`)).toBe(true);
    expect(query("%{NAME} %{VERSION} %{RELEASE} %{LICENSE} %{BUILDHOST}")).toBe("plakar 0.0.5 1 ISC reproducible");
    expect(query("%{BUILDTIME:day} %{SUMMARY}")).toContain("Sep 13 2020 Deduplicating, encrypted, immutable backups");
    expect(query("[%{FILEMTIMES:day}\n]").trim().split("\n")).toSatisfy((days: string[]) => new Set(days).size === 1);
    expect(query("[%{CHANGELOGTIME:day} %{CHANGELOGTEXT}]")).toContain("2020 - Version 0.0.5.");
    expect(releaseDay).toBe("2020-09-13");
  });

  test("asks for every library that the executable is linked to, in the newest version of its symbols", (context) => {
    context.skip(missing("readelf").length > 0, "needs readelf, which this machine has not");
    const needs = run("readelf", "--version-info", "--wide", process.execPath).split("Version needs section").at(-1);
    const libraries = (needs ?? "").split(/File: /).slice(1);
    const required = query("[%{REQUIRENAME}\n]");
    for (const library of libraries) {
      const name = library.split(/\s/)[0] ?? "";
      if (/^(ld-linux|libdl|libpthread)/.test(name)) continue; // parts of glibc, as libc is
      const versions = [...library.matchAll(/Name: (\S+)/g)].map(([, version = ""]) => version);
      const highest = versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
      const named = highest.some((version) => required.includes(`${name}(${version})(64bit)\n`));
      expect({ name, named, required }).toStrictEqual({ name, named: true, required });
    }
    expect(libraries.length).toBeGreaterThan(4);
  });

  test("marks manual pages and licences as what they are", () => {
    const flags = query("[%{FILEFLAGS:fflags} %{FILENAMES}\n]");
    expect(flags).toContain("d /usr/share/man/man1/plakar.1.gz\n");
    expect(flags).toContain("l /usr/share/licenses/plakar/LICENSE\n");
    expect(flags).toContain(" /usr/lib/systemd/system/plakar-check@.timer\n");
  });

  test("bears a signature of its header that rpm accepts from the key, and from no other", () => {
    const accepted = run("rpm", ...trusting("known"), "--checksig", "--verbose", rpm);
    expect(accepted).toMatch(/Header V4 RSA\/SHA512 Signature, key ID [0-9a-f]+: OK/);
    expect(accepted).toContain("Payload SHA256 digest: OK");
    const unknown = spawnSync("rpm", ["--dbpath", join(folder, "unknown"), "--checksig", "--verbose", rpm]);
    expect(unknown.status).not.toBe(0);
    expect(unknown.stdout.toString()).toContain("NOKEY");
  });

  test.each([
    ["header", -30_000],
    ["payload", 30_000],
  ])("is refused when a byte of its %s is another", (part, offset) => {
    const content = readFileSync(rpm);
    const payload = content.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])); // where zstd begins
    const at = part === "header" ? Math.max(payload + offset, 3000) : payload + offset;
    content[at] = (content[at] ?? 0) ^ 1;
    const tampered = join(folder, `${part}.rpm`);
    writeFileSync(tampered, content);
    const { status } = spawnSync("rpm", [...trusting(`tampered-${part}`), "--checksig", tampered]);
    expect(status).not.toBe(0);
  });

  test("has nothing that rpmlint calls an error", (context) => {
    context.skip(missing("rpmlint").length > 0, "needs rpmlint, which this machine has not");
    const configuration = join(project, "packaging/rpm/rpmlint.toml");
    const { stdout, stderr } = spawnSync("rpmlint", ["--config", configuration, rpm], { encoding: "utf8" });
    expect(stdout + stderr).toContain("1 packages and 0 specfiles checked; 0 errors");
  });
});

describe("rpm", () => {
  beforeEach((context) => {
    const lack = rootsLack("rpm");
    context.skip(lack !== undefined, lack);
  });

  test("installs, upgrades, downgrades and removes it, and what the user has stays", () => {
    const root = makeRoot(join(folder, "root"));
    run("rpm", "--root", root, "--initdb");
    run("rpm", "--root", root, "--import", publicKey);
    const install = (...words: string[]): string =>
      run("rpm", "--root", root, "--nodeps", "--define", "_pkgverify_level all", ...words);
    const plakar = startFromOutside(root, join(folder, "home"));
    const expectVersion = (version: string): void => {
      expect(plakar("version").output).toBe(`plakar ${version}\n`);
      expectWorking(plakar, root);
      expect(run("rpm", "--root", root, "--verify", "--nodeps", "plakar")).toBe("");
    };

    install("--install", rpm);
    expectVersion("0.0.5");
    writeFileSync(join(root, "etc/plakar/mine.conf"), "PLAKAR_REPOSITORY=/srv\n");
    install("--upgrade", newer);
    expectVersion("0.0.6");
    install("--upgrade", "--oldpackage", rpm);
    expectVersion("0.0.5");
    install("--erase", "plakar");
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);
    expect(existsSync(join(root, "usr/share/man/man1/plakar.1.gz"))).toBe(false);
    expect(readFileSync(join(root, "etc/plakar/mine.conf"), "utf8")).toBe("PLAKAR_REPOSITORY=/srv\n");
  });
});
