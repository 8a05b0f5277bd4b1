import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageDigests } from "../../packaging/darwin/code-signature.ts";
import { fetchNode } from "../../scripts/fetch-node.ts";
import { digestOf, makePackages, missing, run } from "./support/made.ts";
import { expectWorking, makeRoot, rootsLack, within } from "./support/roots.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-foreign-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("packages for arm64", () => {
  test("hold programs that save and restore", (context) => {
    const lack = rootsLack("qemu-aarch64-static", "aarch64-linux-gnu-strip", "patchelf", "dpkg-deb", "rpm");
    context.skip(lack !== undefined, lack);
    const made = makePackages({ version: "0.0.8", target: "linux-arm64", to: join(folder, "arm64") });
    expect(made.map((file) => basename(file))).toStrictEqual([
      "plakar-0.0.8-r0.apk",
      "plakar-0.0.8-1.aarch64.rpm",
      "plakar_0.0.8_arm64.deb",
      "plakar_0.0.8_linux_arm64.tar.gz",
    ]);
    const [apk = "", rpm = "", deb = "", tarball = ""] = made;
    const root = makeRoot(join(folder, "root"));
    copyFileSync("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
    run("tar", "--extract", "--gzip", "--file", apk, "--directory", root, "usr", "etc");
    run("tar", "--extract", "--gzip", "--file", tarball, "--directory", root);
    const lib = "/plakar_0.0.8_linux_arm64/lib";
    const loader = [`${lib}/ld-linux-aarch64.so.1`, "--library-path", lib, "--argv0", "plakar", `${lib}/plakar.bin`];
    for (const program of [["/usr/bin/plakar"], loader]) {
      expect(within(root, "/qemu", ...program, "version")).toStrictEqual({ status: 0, output: "plakar 0.0.8\n" });
      expectWorking((...words) => within(root, "/qemu", ...program, ...words), root);
    }
    // deb and rpm hold one executable, which is that of the tarball
    run("dpkg-deb", "--extract", deb, join(folder, "deb"));
    expect(digestOf(join(folder, "deb/usr/bin/plakar"))).toBe(digestOf(join(root, lib, "plakar.bin")));
    expect(run("dpkg-deb", "--field", deb, "Architecture")).toBe("arm64\n");
    const digests = run("rpm", "--query", "--package", "--nosignature", "--queryformat", "[%{FILEDIGESTS}\n]", rpm);
    expect(digests).toContain(digestOf(join(root, lib, "plakar.bin")));
  });
});

describe("archives for macOS", () => {
  test.each(["darwin-amd64", "darwin-arm64"] as const)(
    "of %s hold a signed program, whose digests are computed as Apple's are",
    (target) => {
      // Apple's own signature of the Node that the program is made of, as it was before the injection
      const node = readFileSync(fetchNode(target).executable);
      const apple = directoryOf(node);
      expect(pageDigests(node.subarray(0, apple.codeLimit)).map((digest) => digest.toString("hex"))).toStrictEqual(
        apple.digests,
      );

      const [tarball = ""] = makePackages({ version: "0.0.8", target, to: join(folder, target) });
      mkdirSync(join(folder, "unpacked", target), { recursive: true });
      run("tar", "--extract", "--gzip", "--file", tarball, "--directory", join(folder, "unpacked", target));
      const name = basename(tarball).replace(".tar.gz", "");
      const program = readFileSync(join(folder, "unpacked", target, name, "plakar"));
      const ours = directoryOf(program);
      expect(pageDigests(program.subarray(0, ours.codeLimit)).map((digest) => digest.toString("hex"))).toStrictEqual(
        ours.digests,
      );
      expect(ours.identifier).toBe("plakar");
      expect(apple.identifier).toBe("node");
    },
  );
});

/** The CodeDirectory of a signed Mach-O file, after Apple's cs_blobs.h. */
function directoryOf(file: Buffer): { identifier: string; codeLimit: number; digests: string[] } {
  let at = 32;
  let blob: Buffer = Buffer.alloc(0);
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    if (file.readUInt32LE(at) === 0x1d) blob = file.subarray(file.readUInt32LE(at + 8));
    at += file.readUInt32LE(at + 4);
  }
  const directory = blob.subarray(blob.readUInt32BE(16));
  const hashOffset = directory.readUInt32BE(16);
  const identifier = directory.subarray(directory.readUInt32BE(20));
  return {
    identifier: identifier.toString("latin1", 0, identifier.indexOf(0)),
    codeLimit: directory.readUInt32BE(32),
    digests: Array.from({ length: directory.readUInt32BE(28) }, (_, page) =>
      directory.toString("hex", hashOffset + page * 32, hashOffset + (page + 1) * 32),
    ),
  };
}

describe("the archive for Windows", () => {
  test("holds the program, its licences and nothing that would be of another day", (context) => {
    const lacking = missing("python3");
    context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`);
    const [zip = ""] = makePackages({
      version: "0.0.8",
      target: "windows-amd64",
      only: ["zip"],
      to: join(folder, "windows"),
    });
    const script = `import json, sys, zipfile
print(json.dumps([[i.filename, i.date_time] for i in zipfile.ZipFile(sys.argv[1]).infolist()]))`;
    const listed = JSON.parse(run("python3", "-c", script, zip)) as [string, number[]][];
    const names = ["CHANGELOG.md", "LICENSE", "LICENSE.node.gz", "NOTICE", "plakar.exe"];
    expect(listed.map(([name]) => name)).toStrictEqual(names.map((name) => `plakar_0.0.8_windows_amd64/${name}`));
    for (const [, time] of listed) expect(time).toStrictEqual([2020, 9, 13, 12, 26, 40]);
    run("python3", "-m", "zipfile", "--extract", zip, join(folder, "unzipped"));
    const program = readFileSync(join(folder, "unzipped/plakar_0.0.8_windows_amd64/plakar.exe"));
    expect(program.toString("latin1", 0, 2)).toBe("MZ");
    expect(program.includes("plakar 0.0.8") || program.includes('"0.0.8"')).toBe(true);
    expect(spawnSync("python3", ["-m", "zipfile", "--test", zip]).status).toBe(0);
  });
});
