import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, makePackages, missing, project, run } from "./support/made.ts";

const lacking = missing("apt-get", "dpkg-deb", "patchelf", "python3", "xz");
let folder: string;
let first: Record<string, string>;

function digests(to: string): Record<string, string> {
  const files = globSync("**/*.*", { cwd: to }).filter((file) => statSync(join(to, file)).isFile());
  return Object.fromEntries(files.toSorted().map((file) => [file, digestOf(join(to, file))]));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-repeat-"));
  if (lacking.length > 0) return;
  makePackages({ version: "0.0.13", target: "linux-amd64", to: join(folder, "first"), whole: true });
  first = digests(join(folder, "first"));
}, 1_800_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("all packages of a target", () => {
  beforeEach((context) => context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`));

  test("are of the promised names and sizes, and their checksums are right", () => {
    const to = join(folder, "first");
    const names = [
      "plakar-0.0.13-1.x86_64.rpm",
      "plakar_0.0.13_amd64.deb",
      "plakar_0.0.13_linux_amd64.tar.gz",
      "x86_64/plakar-0.0.13-r0.apk",
    ];
    expect(Object.keys(first)).toStrictEqual(names);
    const lines = names.map((name) => `${first[name]}  ${name}\n`);
    expect(readFileSync(join(to, "SHA256SUMS"), "utf8")).toBe(lines.join(""));
    const megabytes = (file: string): number => statSync(file).size / 1e6;
    expect(megabytes(join(to, "plakar_0.0.13_amd64.deb"))).toBeLessThan(36);
    mkdirSync(join(folder, "unpacked"));
    run("dpkg-deb", "--extract", join(to, "plakar_0.0.13_amd64.deb"), join(folder, "unpacked"));
    expect(megabytes(join(folder, "unpacked/usr/bin/plakar"))).toBeLessThan(120);
  });

  test("have the same bytes, signatures included, when everything is made again", () => {
    // what is kept from one build to the next is made anew as well
    rmSync(join(project, "build/bases"), { recursive: true, force: true });
    const env = { TZ: "Pacific/Auckland", LANG: "tr_TR.UTF-8", USER: "somebody" };
    makePackages({ version: "0.0.13", target: "linux-amd64", to: join(folder, "second"), whole: true, env });
    expect(digests(join(folder, "second"))).toStrictEqual(first);
  });

  test("are whole or not there when the script is killed, and the next run ends as one that was not", async () => {
    const to = join(folder, "killed");
    const words = ["--target", "linux-amd64", "--version", "0.0.13", "--to", to];
    for (const milliseconds of [2000, 8000, 20_000, 45_000]) {
      const env = { ...process.env, SOURCE_DATE_EPOCH: "1600000000" };
      const script = [join(project, "scripts/package.ts"), ...words];
      const child = spawn(process.execPath, script, { cwd: project, env, stdio: "ignore", detached: true });
      await Promise.race([sleep(milliseconds), once(child, "exit")]);
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      const finished = globSync("**/*.{deb,rpm,apk,tar.gz}", { cwd: to });
      for (const file of finished)
        expect({ file, digest: digestOf(join(to, file)) }).toStrictEqual({ file, digest: first[file] });
    }
    makePackages({ version: "0.0.13", target: "linux-amd64", to, whole: true });
    expect(digests(to)).toStrictEqual(first);
    expect(globSync("**/*", { cwd: to }).filter((file) => basename(file).includes("unfinished"))).toStrictEqual([]);
  });
});
