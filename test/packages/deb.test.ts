import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, makePackages, missing, releaseDay, run } from "./support/made.ts";
import { expectWorking, makeRoot, rootsLack, startFromOutside } from "./support/roots.ts";

const lacking = missing("dpkg", "dpkg-deb", "python3");
let folder: string;
let deb: string;
let newer: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-deb-"));
  if (lacking.length > 0) return;
  [deb = ""] = makePackages({ version: "0.0.7-rc.1", only: ["deb"], to: join(folder, "first") });
  [newer = ""] = makePackages({ version: "0.0.7", only: ["deb"], to: join(folder, "newer") });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the Debian package", () => {
  beforeEach((context) => context.skip(lacking.length > 0, `needs ${lacking.join(", ")}, which this machine has not`));

  test("is named, versioned and dated as the release is", () => {
    expect(run("dpkg-deb", "--show", "--showformat=${Package} ${Version}", deb)).toBe("plakar 0.0.7~rc.1-1");
    const times = run("dpkg-deb", "--contents", deb).matchAll(/ (\d{4}-\d\d-\d\d) /g);
    expect([...new Set([...times].map(([, day]) => day))]).toStrictEqual([releaseDay]);
  });

  test("depends on every library that the executable is linked to", (context) => {
    context.skip(missing("readelf").length > 0, "needs readelf, which this machine has not");
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

  test("brings manual pages, completions, units and licences", () => {
    const root = join(folder, "unpacked");
    run("dpkg-deb", "--extract", deb, root);
    const text = (path: string): string => readFileSync(join(root, path), "utf8");
    const page = (name: string): string =>
      gunzipSync(readFileSync(join(root, `usr/share/man/man1/${name}.1.gz`))).toString();
    expect(page("plakar")).toContain("plakar 0.0.7-rc.1");
    for (const line of run(join(root, "usr/bin/plakar"), "help", "-json").trimEnd().split("\n")) {
      const { name, summary } = JSON.parse(line) as { name: string; summary: string };
      expect(page(`plakar-${name}`)).toContain(`plakar\\-${name} \\- ${summary.replaceAll("-", "\\-")}`);
      expect(page("plakar")).toContain(`\\fBplakar\\-${name}\\fR(1)`);
      expect(text("usr/share/bash-completion/completions/plakar")).toContain(`\n    ${name})\n`);
      expect(text("usr/share/zsh/vendor-completions/_plakar")).toContain(`'${name}:${summary}'`);
      expect(text("usr/share/fish/vendor_completions.d/plakar.fish")).toContain(`-a ${name} `);
    }
    const changelog = gunzipSync(readFileSync(join(root, "usr/share/doc/plakar/changelog.Debian.gz"))).toString();
    expect(changelog).toMatch(/^plakar \(0\.0\.7~rc\.1-1\) /);
    expect(text("usr/share/doc/plakar/copyright")).toContain("License: ISC");
    expect(text("usr/share/doc/plakar/NOTICE")).toContain("jsdiff");
    expect(gunzipSync(readFileSync(join(root, "usr/share/doc/plakar/LICENSE.node.gz"))).toString()).toContain(
      "Node.js",
    );
    expect(text("lib/systemd/system/plakar-backup@.service")).toContain("ExecStart=/usr/bin/plakar backup ");
  });

  test("has units that systemd understands", (context) => {
    context.skip(missing("systemd-analyze").length > 0, "needs systemd-analyze, which this machine has not");
    const root = join(folder, "units");
    run("dpkg-deb", "--extract", deb, root);
    const units = ["backup", "check"].flatMap((job) => [`plakar-${job}@.service`, `plakar-${job}@.timer`]);
    const paths = units.map((unit) => join(root, "lib/systemd/system", unit));
    const options = { encoding: "utf8", env: { ...process.env, SYSTEMD_LOG_LEVEL: "warning" } } as const;
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], options);
    // the program is not installed on this machine; nothing else may be said
    expect(stderr.split("\n").filter((line) => line !== "" && !line.includes("/usr/bin/plakar"))).toStrictEqual([]);
  });

  test("has the same bytes when it is made again, elsewhere and for somebody else", () => {
    const env = { TZ: "Pacific/Auckland", LANG: "tr_TR.UTF-8", HOME: folder, USER: "somebody" };
    const [again = ""] = makePackages({ version: "0.0.7-rc.1", only: ["deb"], to: join(folder, "again"), env });
    expect(digestOf(again)).toBe(digestOf(deb));
  });
});

describe("dpkg", () => {
  beforeEach((context) => {
    const lack = rootsLack("dpkg");
    context.skip(lack !== undefined, lack);
  });

  test("installs, upgrades, downgrades, removes and purges it, and what the user has stays", () => {
    const root = makeRoot(join(folder, "root"));
    mkdirSync(join(root, "var/lib/dpkg/updates"), { recursive: true });
    const dpkg = (...words: string[]): string => {
      const options = ["--root", root, "--force-depends", "--force-downgrade", "--log", join(folder, "log")];
      return run("dpkg", ...options, ...words);
    };
    const plakar = startFromOutside(root, join(folder, "home"));
    const expectVersion = (version: string): void => {
      expect(plakar("version").output).toBe(`plakar ${version}\n`);
      expectWorking(plakar, root);
    };

    dpkg("--install", deb);
    expectVersion("0.0.7-rc.1");
    writeFileSync(join(root, "etc/plakar/mine.conf"), "PLAKAR_REPOSITORY=/srv\n");
    dpkg("--install", newer);
    expectVersion("0.0.7");
    dpkg("--install", deb);
    expectVersion("0.0.7-rc.1");
    dpkg("--remove", "plakar");
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);
    dpkg("--install", newer);
    expectVersion("0.0.7");

    const wants = join(root, "etc/systemd/system/timers.target.wants");
    mkdirSync(wants, { recursive: true });
    writeFileSync(join(wants, "plakar-backup@mine.timer"), "");
    writeFileSync(join(wants, "other.timer"), "");
    dpkg("--purge", "plakar");
    // the instance that was turned on is gone with the program; the configuration is the user's
    const left = run("find", root, "-name", "*plakar*", "-o", "-name", "*.conf", "-o", "-name", "*.timer").trim();
    const expected = ["etc/plakar", "etc/plakar/mine.conf", "etc/systemd/system/timers.target.wants/other.timer"];
    expect(left.split("\n").toSorted()).toStrictEqual(expected.map((path) => join(root, path)));
  });
});
