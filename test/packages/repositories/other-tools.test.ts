import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPrograms } from "../../support/repositories/client.ts";
import { publish, settingsFor, writePublicKeys } from "../../support/repositories/published.ts";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, signingTogether, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;

/** What indexes have to say more than names of. */
const settings = {
  description: "prints <its> version & more\nwith further lines",
  homepage: "https://example.org/?a=1&b=2",
  vendor: "Nobody",
  epoch: "2",
  recommends: ["large"],
  suggests: ["larger"],
  conflicts: ["other"],
  replaces: ["elder"],
  provides: ["printer"],
  scripts: { postinstall: join(import.meta.dirname, "../../support/repositories/do-nothing.sh") },
  overrides: { rpm: { depends: ["lib >= 1.2", "lib2 = 3:4-5", "sh"] }, deb: { depends: ["lib (>= 1.2)"] } },
};

let folder: string;
let root: string;
let keys: TestKeys;
let trusted: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-other-tools-"));
  root = join(folder, "published");
  keys = await makeTestKeys(now);
  const both = signingTogether(keys.signing, (await makeTestKeys(now)).signing);
  const packages = makeSmallPackages(
    join(folder, "packages"),
    [{ version: "0.0.1" }, { version: "0.0.2", settings }, { version: "1.0.0", architecture: "all", name: "keyring" }],
    keys,
  );
  await publish(root, packages, settingsFor(both));
  trusted = await writePublicKeys(folder, both);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a check of apk's repositories that shares no code with ours", () => {
  const script = join(import.meta.dirname, "../../support/repositories/check-apk-repository.py");
  const missing = missingPrograms("python3", "openssl");
  const check = (repository: string): string => {
    const names = readdirSync(trusted).filter((name) => name.endsWith(".rsa.pub"));
    return execFileSync("python3", [script, repository, ...names.map((name) => join(trusted, name))], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  };

  test("finds index, signatures, packages and digests in order", (context) => {
    context.skip(missing !== undefined, missing);
    expect(check(join(root, "apk/x86_64"))).toBe("keyring 1.0.0-r0\nsmall 0.0.1-r0\nsmall 0.0.2-r0\n");
    expect(check(join(root, "apk/aarch64"))).toBe("keyring 1.0.0-r0\n");
  });

  test.for(["APKINDEX.tar.gz", "small-0.0.1-r0.apk"])("finds a changed %s", (name, context) => {
    context.skip(missing !== undefined, missing);
    const copy = join(folder, `changed-${name}`);
    cpSync(join(root, "apk/x86_64"), copy, { recursive: true });
    const content = readFileSync(join(copy, name));
    content[content.length - 40] = (content[content.length - 40] ?? 0) ^ 1;
    writeFileSync(join(copy, name), content);
    expect(() => check(copy)).toThrow("Command failed");
  });
});

describe("createrepo_c", () => {
  test("says the same of the same packages", (context) => {
    const missing = missingPrograms("createrepo_c");
    context.skip(missing !== undefined, missing);
    const repository = join(folder, "createrepo");
    mkdirSync(repository);
    cpSync(join(root, "yum/x86_64/Packages"), join(repository, "Packages"), { recursive: true });
    const built = Date.parse("2026-01-01T00:00:00Z") / 1000;
    for (const name of readdirSync(join(repository, "Packages")))
      utimesSync(join(repository, "Packages", name), built, built);
    execFileSync("createrepo_c", ["--quiet", "--no-database", repository], { stdio: "ignore" });
    for (const kind of ["primary", "filelists", "other"])
      expect(packagesIn(join(root, "yum/x86_64"), kind)).toStrictEqual(packagesIn(repository, kind));
  });
});

/** The packages of one index as sorted texts, without the spaces between elements and the order of attributes. */
function packagesIn(repository: string, kind: string): string[] {
  const repodata = join(repository, "repodata");
  const name = readdirSync(repodata).find((file) => file.endsWith(`-${kind}.xml.gz`)) ?? "";
  const xml = gunzipSync(readFileSync(join(repodata, name))).toString();
  const packages = xml.match(/<package [\s\S]*?<\/package>/g) ?? [];
  return packages.map(normalize).toSorted();
}

function normalize(xml: string): string {
  return xml
    .replaceAll(/>\s+</g, "><")
    .replaceAll(/<([\w:]+)((?:\s+\w+="[^"]*")+)\s*(\/?)>/g, (_, name: string, attributes: string, end: string) => {
      const sorted = (attributes.match(/\w+="[^"]*"/g) ?? []).toSorted();
      return `<${[name, ...sorted].join(" ")}${end}>`;
    })
    .replaceAll(/<([\w:]+)([^>]*)><\/\1>/g, "<$1$2/>");
}

describe("apt-ftparchive", () => {
  test("says the same of the same packages", (context) => {
    const missing = missingPrograms("apt-ftparchive");
    context.skip(missing !== undefined, missing);
    const answer = execFileSync("apt-ftparchive", ["packages", "pool"], { cwd: join(root, "apt"), encoding: "utf8" });
    const ours = readFileSync(join(root, "apt/dists/stable/main/binary-amd64/Packages"), "utf8");
    expect(fieldsOf(ours)).toStrictEqual(fieldsOf(answer));
  });
});

/** What both list, by package. */
function fieldsOf(packages: string): string[] {
  const names = /^(Package|Version|Architecture|Maintainer|Filename|Size|SHA256|Description|Installed-Size|Depends): /;
  return packages
    .split(/\n\n+/)
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) =>
      paragraph
        .split("\n")
        .filter((line) => names.test(line))
        .toSorted()
        .join("\n"),
    )
    .toSorted();
}
