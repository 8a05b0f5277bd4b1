/* `release -- diff A B`, as a person calls it, on packages that real tools have made. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { missing, project } from "../support/made.ts";

const folder = mkdtempSync(join(tmpdir(), "plakar-compare-"));
const lacking = missing("dpkg-deb", "rpm", "tar", "python3");

interface Deb {
  readonly version: string;
  readonly depends: string;
  readonly files: Readonly<Record<string, string>>;
  readonly postinst?: string;
}

function makeDeb(to: string, { version, depends, files, postinst }: Deb): void {
  const tree = join(folder, `tree-${version}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(tree, path, ".."), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  const fields = [
    ...["Package: plakar", `Version: ${version}`, "Architecture: amd64", "Maintainer: a <a@example.org>"],
    ...[`Depends: ${depends}`, "Description: a"],
  ];
  writeFileSync(join(tree, "DEBIAN/control"), `${fields.join("\n")}\n`);
  if (postinst !== undefined) {
    writeFileSync(join(tree, "DEBIAN/postinst"), postinst);
    chmodSync(join(tree, "DEBIAN/postinst"), 0o755);
  }
  mkdirSync(to, { recursive: true });
  const options = ["--root-owner-group", "--build", tree, join(to, `plakar_${version}_amd64.deb`)];
  execFileSync("dpkg-deb", options, { stdio: "ignore" });
}

function compare(a: string, b: string): { status: number | null; stdout: string; stderr: string } {
  const words = [join(project, "scripts/release.ts"), "diff", a, b];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: project, encoding: "utf8" });
  return { status, stdout, stderr };
}

beforeAll(() => {
  if (lacking.length > 0) return;
  makeDeb(join(folder, "a"), {
    ...{ version: "0.0.1", depends: "libc6" },
    files: { "usr/bin/plakar": "one", "etc/gone": "x", "etc/equal-size": "aaaa", "usr/same": "same" },
  });
  makeDeb(join(folder, "b"), {
    ...{ version: "0.0.2", depends: "libc6, libatomic1" },
    files: { "usr/bin/plakar": "two and more", "etc/new": "y", "etc/equal-size": "bbbb", "usr/same": "same" },
    postinst: "#!/bin/sh\nexit 0\n",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("files, sizes, dependencies and scripts of a deb are told, and nothing that is the same", (context) => {
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  const { status, stdout } = compare(join(folder, "a"), join(folder, "b"));
  expect(status).toBe(0);
  const lines = stdout.split("\n").map((line) => line.trim());
  expect(lines[0]).toMatch(/^plakar_V_amd64\.deb: \d+ -> \d+ bytes \([+-]\d+\.\d %\)$/);
  expect(lines).toContain("depends libc6 -> libc6, libatomic1");
  expect(lines).toContainEqual(expect.stringMatching(/^\+ file \.\/etc\/new -rw-r--r-- root\/root 1 [0-9a-f]{16}$/));
  expect(lines).toContainEqual(expect.stringMatching(/^- file \.\/etc\/gone /));
  expect(lines).toContainEqual(
    expect.stringMatching(/^file \.\/etc\/equal-size (.* 4) [0-9a-f]{16} -> \1 [0-9a-f]{16}$/),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^file \.\/usr\/bin\/plakar .* 3 \w+ -> .* 12 \w+$/));
  expect(stdout).toMatch(/^ *\+ script postinst [0-9a-f]{16}$/m);
  expect(stdout).not.toContain("same");
});

test("the same packages differ in nothing, and a package that one lacks is told", (context) => {
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  expect(compare(join(folder, "a"), join(folder, "a"))).toMatchObject({ status: 0, stdout: "" });
  mkdirSync(join(folder, "c"));
  execFileSync("tar", ["-czf", join(folder, "c/plakar_0.0.2_linux_amd64.tar.gz"), "-C", folder, "b"]);
  const { stdout } = compare(join(folder, "a"), join(folder, "c"));
  expect(stdout).toBe("- plakar_V_amd64.deb\n+ plakar_V_linux_amd64.tar.gz\n");
});

test("packages of every kind are read", (context) => {
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  const make = (to: string, variant: string): string => {
    const parts = join(folder, `${to}-parts`);
    makeSmallPackages(parts, [{ version: "0.0.1", variant }], undefined);
    mkdirSync(join(folder, to));
    for (const path of globSync(join(parts, "**/*.{deb,rpm,apk}")))
      copyFileSync(path, join(folder, to, basename(path)));
    return join(folder, to);
  };
  const { status, stdout } = compare(make("d", ""), make("e", "-and-more"));
  expect(status).toBe(0);
  expect(stdout.match(/^ *file \S*usr\/bin\/small .* -> /gm)).toHaveLength(3);
  expect(stdout).not.toContain("small.conf");
});

test("packages of other architectures are others, whatever the version is called", (context) => {
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  const lay = (to: string, names: readonly string[]): string => {
    mkdirSync(join(folder, to));
    for (const name of names) copyFileSync(join(folder, "a/plakar_0.0.1_amd64.deb"), join(folder, to, name));
    return join(folder, to);
  };
  const names = (version: string): string[] => ["amd64", "arm64"].map((each) => `plakar_${version}_${each}.deb`);
  expect(compare(lay("f", names("0.0.1")), lay("g", names("0.0.2~rc.1")))).toMatchObject({ status: 0, stdout: "" });
  const both = lay("h", [...names("0.0.1"), ...names("0.0.2")]);
  const { status, stderr } = compare(both, both);
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("name a folder of one version"),
  });
});

test("a package that is cut short is named", (context) => {
  context.skip(lacking.length > 0, `needs ${lacking.join(", ")}`);
  mkdirSync(join(folder, "cut"));
  const name = "plakar_0.0.1_amd64.deb";
  writeFileSync(join(folder, "cut", name), readFileSync(join(folder, "a", name)).subarray(0, 300));
  const { status, stderr } = compare(join(folder, "a"), join(folder, "cut"));
  expect({ status, stderr }).toStrictEqual({
    status: 1,
    stderr: `release: ${join(folder, "cut", name)} cannot be read: it is no package of its kind, or cut short\n`,
  });
});

test("a folder without packages is refused", () => {
  mkdirSync(join(folder, "empty"));
  const { status, stderr } = compare(join(folder, "empty"), join(folder, "empty"));
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("there are no packages in") });
});
