import { spawnSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isSigned, readAlpinePackage } from "./support/alpine.ts";
import { gnuArchitecture, makePackages, missing, project, releaseDay, run } from "./support/made.ts";
import { expectWorking, makeRoot, rootsLack, within } from "./support/roots.ts";

const lacking = missing("apt-get", "dpkg-deb", "patchelf", "python3");
let folder: string;
let apk: string;
let newer: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-apk-"));
  if (lacking.length > 0) return;
  [apk = ""] = makePackages({ version: "0.0.3-rc.1", only: ["apk"], to: join(folder, "first") });
  [newer = ""] = makePackages({ version: "0.0.3", only: ["apk"], to: join(folder, "newer") });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package for Alpine", () => {
  beforeEach((context) => context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`));

  test("is named as a repository is asked for it, and as the release is", () => {
    expect(apk.endsWith(`/${gnuArchitecture}/plakar-0.0.3_rc1-r0.apk`)).toBe(true);
    const { information } = readAlpinePackage(readFileSync(apk));
    expect(information.get("pkgver")).toBe("0.0.3_rc1-r0");
    expect(information.get("arch")).toBe(gnuArchitecture);
    expect(information.get("pkgdesc")).toBe("deduplicating, encrypted, immutable backups");
    expect(information.has("depend")).toBe(false);
    const days = run("tar", "--list", "--verbose", "--gzip", "--file", apk, "usr").matchAll(/ (\d{4}-\d\d-\d\d) /g);
    expect([...new Set([...days].map(([, day]) => day))]).toStrictEqual([releaseDay]);
  });

  test("is signed with the key, over control data that hold the digest of the rest", () => {
    const read = readAlpinePackage(readFileSync(apk));
    const key = createPrivateKey(readFileSync(join(project, "dist/keys/throw-away.rsa")));
    expect(isSigned(read, key)).toBe(true);
    expect(isSigned(read, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)).toBe(false);
    expect(read.information.get("datahash")).toBe(createHash("sha256").update(read.data).digest("hex"));
    const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
    const id = createHash("sha256").update(publicKey).digest("hex").slice(0, 8);
    expect(read.keyName).toBe(`plakar-${id}.rsa.pub`);
  });

  test("brings licences and the place of the sources for the libraries that it contains", () => {
    const root = join(folder, "unpacked");
    mkdirSync(root);
    run("tar", "--extract", "--gzip", "--file", apk, "--directory", root, "usr/share", "etc");
    const text = (path: string): string => readFileSync(join(root, path), "utf8");
    const licenses = "usr/share/licenses/plakar/libraries";
    expect(text(`${licenses}/LICENSE.LGPL-2.1`)).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
    expect(text(`${licenses}/LICENSE.gcc-12-base`)).toContain("RUNTIME LIBRARY EXCEPTION");
    expect(text(`${licenses}/SOURCES`)).toMatch(/libc6 2\.36-\S+ \(\w+\): source package glibc 2\.36-/);
    expect(spawnSync("sh", ["-n", join(root, "etc/init.d/plakar-backup")]).status).toBe(0);
  });
});

describe("in a root with nothing but a shell", () => {
  beforeEach((context) => {
    const lack = lacking.length > 0 ? `needs ${lacking.join(", ")}, which this machine has not` : rootsLack();
    context.skip(lack !== undefined, lack);
  });

  test("what the package contains starts, and saves and restores", () => {
    const root = makeRoot(join(folder, "bare"));
    run("tar", "--extract", "--gzip", "--file", newer, "--directory", root, "usr", "etc");
    expect(within(root, "/usr/bin/plakar", "version")).toStrictEqual({ status: 0, output: "plakar 0.0.3\n" });
    expectWorking((...words) => within(root, "/usr/bin/plakar", ...words), root);
  });
});

describe("apk", () => {
  const client = process.env["APK"] ?? "";
  beforeEach((context) => {
    context.skip(client === "", "needs APK to name an apk-tools 2 or 3");
    const lack = rootsLack();
    context.skip(lack !== undefined, lack);
  });

  test("installs, upgrades, downgrades and removes it, and takes it from no unknown key", () => {
    const root = makeRoot(join(folder, "alpine"));
    const keys = join(folder, "keys");
    mkdirSync(keys);
    const apkTool = (...words: string[]): { status: number | null; output: string } => {
      const options = [
        "--root",
        root,
        "--arch",
        gnuArchitecture,
        "--keys-dir",
        keys,
        "--no-network",
        "--repositories-file",
        "/dev/null",
      ];
      const { status, stdout, stderr } = spawnSync(client, [...words.slice(0, 1), ...options, ...words.slice(1)], {
        encoding: "utf8",
      });
      return { status, output: stdout + stderr };
    };
    const expectVersion = (version: string): void => {
      expect(within(root, "/usr/bin/plakar", "version").output).toBe(`plakar ${version}\n`);
      expectWorking((...words) => within(root, "/usr/bin/plakar", ...words), root);
    };

    expect(apkTool("add", "--initdb")).toMatchObject({ status: 0 });
    expect(apkTool("add", apk).output).toContain("UNTRUSTED");
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);

    const key = createPrivateKey(readFileSync(join(project, "dist/keys/throw-away.rsa")));
    const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" });
    writeFileSync(join(keys, readAlpinePackage(readFileSync(apk)).keyName), publicKey);
    expect(apkTool("add", apk)).toMatchObject({ status: 0 });
    expectVersion("0.0.3-rc.1");
    writeFileSync(join(root, "etc/plakar/mine.conf"), "PLAKAR_REPOSITORY=/srv\n");
    expect(apkTool("add", newer)).toMatchObject({ status: 0 });
    expectVersion("0.0.3");
    expect(apkTool("add", apk)).toMatchObject({ status: 0 });
    expectVersion("0.0.3-rc.1");
    expect(apkTool("del", "plakar")).toMatchObject({ status: 0 });
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);
    expect(readFileSync(join(root, "etc/plakar/mine.conf"), "utf8")).toBe("PLAKAR_REPOSITORY=/srv\n");
  });
});
