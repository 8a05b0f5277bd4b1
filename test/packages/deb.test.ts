import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..");
const version = "0.0.7-rc.1";
const missing = ["dpkg", "dpkg-deb", "python3"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);

let folder: string;
let deb: string;

function makePackage(name: string): string {
  const to = join(folder, name);
  // another time than the last commit's, so that it cannot come from there by chance
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1600000000" };
  const script = [join(project, "scripts/package.ts"), "--only", "deb", "--version", version, "--to", to];
  execFileSync(process.execPath, script, { cwd: project, env, stdio: ["ignore", "ignore", "inherit"] });
  return join(to, `plakar_${version}_${process.arch === "x64" ? "amd64" : process.arch}.deb`);
}

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-deb-"));
  if (missing.length === 0) deb = makePackage("first");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the Debian package", () => {
  beforeEach((context) => context.skip(missing.length > 0, `needs ${missing.join(", ")}, which this machine has not`));

  test("is named, versioned and dated as the release is", () => {
    expect(run("dpkg-deb", "--show", "--showformat=${Package} ${Version}", deb)).toBe("plakar 0.0.7~rc.1");
    const times = run("dpkg-deb", "--contents", deb).matchAll(/ (\d{4}-\d\d-\d\d) /g);
    expect([...new Set([...times].map(([, day]) => day))]).toStrictEqual(["2020-09-13"]);
  });

  test("depends on every library that the executable is linked to", (context) => {
    context.skip(spawnSync("readelf", ["--version"]).status !== 0, "needs readelf, which this machine has not");
    const owners: Record<string, string> = {
      "libatomic.so.1": "libatomic1",
      "libstdc++.so.6": "libstdc++6",
      "libgcc_s.so.1": "libgcc-s1",
    };
    const dynamic = run("readelf", "--dynamic", process.execPath);
    const libraries = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library = ""]) => library);
    const needed = libraries.map((library) => owners[library] ?? "libc6");
    const depends = run("dpkg-deb", "--field", deb, "Depends").trim().split(", ");
    expect(new Set(depends.map((dependency) => dependency.split(" ")[0]))).toStrictEqual(new Set(needed));
  });

  test("installs into an empty root, runs there, and leaves nothing behind", () => {
    const root = join(folder, "root");
    mkdirSync(join(root, "var/lib/dpkg/updates"), { recursive: true });
    const dpkg = [
      "--root",
      root,
      "--force-not-root",
      "--force-depends",
      "--force-bad-path",
      "--log",
      join(folder, "log"),
    ];
    run("dpkg", ...dpkg, "--install", deb);
    expect(run(join(root, "usr/bin/plakar"), "version")).toContain(version);
    const page = (name: string): string =>
      gunzipSync(readFileSync(join(root, `usr/share/man/man1/${name}.1.gz`))).toString();
    expect(page("plakar")).toContain(`plakar ${version}`);
    for (const line of run(join(root, "usr/bin/plakar"), "help", "-json").trimEnd().split("\n")) {
      const { name, summary } = JSON.parse(line) as { name: string; summary: string };
      expect(page(`plakar-${name}`)).toContain(`plakar\\-${name} \\- ${summary.replaceAll("-", "\\-")}`);
      expect(page("plakar")).toContain(`\\fBplakar\\-${name}\\fR(1)`);
    }
    const changelog = gunzipSync(readFileSync(join(root, "usr/share/doc/plakar/changelog.gz"))).toString();
    expect(changelog).toMatch(/^plakar \(0\.0\.7~rc\.1\) /);
    expect(readFileSync(join(root, "usr/share/doc/plakar/copyright"), "utf8")).toContain("License: ISC");
    run("dpkg", ...dpkg, "--purge", "plakar");
    expect(run("find", root, "-name", "*plakar*")).toBe("");
  });

  test("has the same bytes when it is made again", () => {
    const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
    expect(digest(makePackage("second"))).toBe(digest(deb));
  });
});

describe("the packaging script", () => {
  test.each([
    ["a kind that is not made yet", ["--only", "rpm"], 'no packages of kind "rpm" are made yet; there is: deb'],
    ["a foreign target", ["--target", "plan9-mips"], 'packages for "plan9-mips" are not made on this machine yet'],
    ["a version that is none", ["--version", "newest"], '"newest" is not a version'],
    ["an unknown option", ["--fast"], "Unknown option '--fast'"],
  ])("refuses %s with exit code 2", (_, options, message) => {
    const script = join(project, "scripts/package.ts");
    const { status, stderr } = spawnSync(process.execPath, [script, ...options], { cwd: project, encoding: "utf8" });
    expect({ status, stderr }).toStrictEqual({ status: 2, stderr: expect.stringContaining(message) });
  });
});
