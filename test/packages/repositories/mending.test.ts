import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  directoryPlace,
  keepVersions,
  type PackageFile,
  type PublicationSettings,
  preparePublication,
  prepareRollback,
  type Signing,
  trustIn,
  verifySections,
} from "../../../packaging/repositories/index.ts";
import { publish, settingsFor } from "../../support/repositories/published.ts";
import { kinds, makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;
const daySeconds = 24 * 3600;

let folder: string;
let keys: TestKeys;
let packages: PackageFile[];
let root: string;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-mending-"));
  keys = await makeTestKeys(now);
  const versions = ["0.0.1", "0.0.2", "0.0.3"].map((version) => ({ version }));
  packages = makeSmallPackages(join(folder, "packages"), versions, keys);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  root = join(folder, `published-${count++}`);
});

const of = (version: string): PackageFile[] => packages.filter((file) => file.version.startsWith(`${version}-`));
const onDay = (day: number, more: Partial<Signing> = {}): Signing => ({
  ...keys.signing,
  timeSeconds: now + day * daySeconds,
  ...more,
});
const settings = (day: number, more: Partial<Signing> = {}): PublicationSettings => settingsFor(onDay(day, more));
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");
const inRelease = (): string => textOf("apt/dists/stable/InRelease");

async function problems(timeSeconds: number): Promise<readonly string[]> {
  const sections = kinds.flatMap((kind) => kind.sectionsOf("stable", ["amd64", "arm64"]));
  const trust = trustIn(keys.signing, timeSeconds);
  return (await verifySections(directoryPlace(root), { kinds, sections, trust })).problems;
}

const roots: readonly (readonly string[])[] = [
  ["apt/dists/stable/InRelease"],
  ["yum/x86_64/repodata/repomd.xml", "yum/x86_64/repodata/repomd.xml.asc"],
  ["yum/aarch64/repodata/repomd.xml"],
  ["apk/x86_64/APKINDEX.tar.gz"],
];

describe("a root that has vanished", () => {
  test.each(roots)("%s is not made anew with fewer packages, and comes back as its advice says", async (...paths) => {
    await publish(root, of("0.0.1"), settings(0));
    await publish(root, of("0.0.2"), settings(1));
    for (const path of paths.filter((each) => typeof each === "string")) rmSync(join(root, path));
    const refused = publish(root, of("0.0.3"), settings(2));
    await expect(refused).rejects.toMatchObject({
      code: "damaged-repository",
      message: expect.stringContaining("vanished") as string,
      advice: expect.stringMatching(/--rollback 20260922T141320Z/) as string,
    });
    const place = directoryPlace(root);
    await place.apply((await prepareRollback(place, "20260922T141320Z", settings(2))).changes);
    expect(await problems(now + 2 * daySeconds)).toStrictEqual([]);
    await publish(root, of("0.0.3"), settings(3));
    const index = textOf("apt/dists/stable/main/binary-amd64/Packages");
    expect(index.match(/^Version: .*$/gm)).toStrictEqual(["Version: 0.0.1-1", "Version: 0.0.2-1", "Version: 0.0.3-1"]);
  });
});

describe("a root that somebody has damaged", () => {
  test("is replaced by the packages of an earlier state", async () => {
    const first = await publish(root, of("0.0.1"), settings(0));
    await publish(root, of("0.0.2"), settings(1));
    writeFileSync(join(root, "yum/x86_64/repodata/repomd.xml"), "nothing");
    writeFileSync(join(root, "apt/dists/stable/InRelease"), "nothing");
    const place = directoryPlace(root);
    await place.apply((await prepareRollback(place, first.generation ?? "", settings(0))).changes);
    expect(await problems(now + daySeconds)).toStrictEqual([]);
    expect(inRelease()).toContain("\nDate: Tue, 22 Sep 2026 14:13:20 UTC\n"); // no older than what clients may have
  });
});

describe("what is signed", () => {
  test("is dated no earlier than what it replaces, whatever the release's own time", async () => {
    await publish(root, of("0.0.1"), settings(0, { validForSeconds: 30 * daySeconds }));
    await publish(root, [], settings(16, { validForSeconds: 30 * daySeconds }));
    const renewed = /\nDate: .*/.exec(inRelease())?.[0];
    await publish(root, of("0.0.2"), settings(10));
    expect(/\nDate: .*/.exec(inRelease())?.[0]).toBe(renewed);
    expect(inRelease()).toContain("\nValid-Until: Fri, 06 Nov 2026 14:13:20 UTC\n");
    expect(await problems(now + 16 * daySeconds)).toStrictEqual([]);
    const { changes } = await publish(root, of("0.0.2"), settings(10));
    expect(changes).toStrictEqual({ immutable: [], roots: [], deletions: [] });
  });

  test("by a key that has ended by then is refused", async () => {
    await publish(root, of("0.0.1"), settings(20));
    const openPgp = keys.signing.openPgp.map((signer) => ({ ...signer, expiresSeconds: now + 10 * daySeconds }));
    await expect(publish(root, of("0.0.2"), settings(0, { openPgp }))).rejects.toMatchObject({ code: "key" });
  });

  test("lasts as long as what it replaces did, unless something else is said", async () => {
    const lasting = (): boolean => inRelease().includes("\nValid-Until: ");
    await publish(root, of("0.0.1"), settings(0, { validForSeconds: 30 * daySeconds }));
    await publish(root, of("0.0.2"), settings(1));
    expect(inRelease()).toContain("\nValid-Until: Thu, 22 Oct 2026 14:13:20 UTC\n");
    expect(await problems(now + 32 * daySeconds)).not.toStrictEqual([]);
    await publish(root, of("0.0.3"), settings(2, { validForSeconds: 0 }));
    expect(lasting()).toBe(false);
    await publish(root, [], settings(3));
    expect(lasting()).toBe(false);
    expect(await problems(now + 300 * daySeconds)).toStrictEqual([]);
  });
});

describe("a package that is gone or has other bytes", () => {
  test.each(["apt/pool/main/s/small/small_0.0.1-1_amd64.deb", "apk/x86_64/small-0.0.1-r0.apk"])(
    "%s is mended by publishing the same file again",
    async (path) => {
      await publish(root, [...of("0.0.1")], settings(0));
      await publish(root, [...of("0.0.2")], settings(1));
      for (const damage of [
        () => rmSync(join(root, path)),
        () => writeFileSync(join(root, path), "short"),
        () => writeFileSync(join(root, path), Buffer.alloc(statSync(join(root, path)).size)),
      ]) {
        damage();
        const { mended, generation } = await publish(root, of("0.0.1"), settings(2));
        expect({ mended, generation }).toStrictEqual({ mended: [path], generation: undefined });
        expect(await problems(now + 2 * daySeconds)).toStrictEqual([]);
      }
    },
  );
});

describe("a package of another suite", () => {
  test("stays where it was, if it was published under another path", async () => {
    const [file] = of("0.0.1").filter(({ kind }) => kind === "yum");
    if (file === undefined) throw new Error("there is no rpm");
    const beside = (href: string): PackageFile => ({
      ...file,
      indexIn: (section) => {
        const indexed = file.indexIn(section);
        const records = indexed?.records.map((record) => record.replace(/href="[^"]*"/, `href="${href}"`)) ?? [];
        return indexed && { ...indexed, path: `${section.folder}/${href}`, records };
      },
    });
    await publish(root, [beside("own/small.rpm")], settings(0));
    const { changes } = await publish(root, [file], settings(1));
    expect(changes).toStrictEqual({ immutable: [], roots: [], deletions: [] });
  });

  test("is not replaced by other bytes under the same name", async () => {
    await publish(root, of("0.0.1"), settings(0));
    const other = makeSmallPackages(join(folder, "others"), [{ version: "0.0.1", variant: "!" }], keys);
    for (const file of other.filter(({ kind }) => kind !== "apk")) {
      const request = { additions: [{ file, suites: ["beta"] }], allowOlder: false };
      await expect(preparePublication(directoryPlace(root), request, settings(1))).rejects.toMatchObject({
        code: "conflict",
      });
    }
  });
});

describe("a package that is gone, and that nobody has any more", () => {
  test("is left out by going back, as the advice says", async () => {
    await publish(root, of("0.0.1"), settings(0));
    const { generation = "" } = await publish(root, of("0.0.2"), settings(1));
    rmSync(join(root, "yum/x86_64/Packages/small-0.0.1-1.x86_64.rpm"));
    await expect(publish(root, of("0.0.3"), settings(2))).rejects.toMatchObject({
      code: "damaged-repository",
      advice: expect.stringContaining("last state, which leaves out what is gone") as string,
    });
    const place = directoryPlace(root);
    const { changes, gone, dropped } = await prepareRollback(place, generation, settings(2));
    await place.apply(changes);
    expect({ gone, dropped }).toStrictEqual({
      gone: ["yum/x86_64/Packages/small-0.0.1-1.x86_64.rpm"],
      dropped: ["yum/x86_64/Packages/small-0.0.1-1.x86_64.rpm"],
    });
    await publish(root, of("0.0.3"), settings(3));
    expect(await problems(now + 3 * daySeconds)).toStrictEqual([]);
  });
});

describe("keeping few versions", () => {
  test("drops the others at once, and deletes them though earlier states name them", async () => {
    const few = (day: number): PublicationSettings => ({ ...settings(day), retention: keepVersions(1) });
    await publish(root, of("0.0.1"), settings(0));
    const { dropped } = await publish(root, of("0.0.2"), few(1));
    expect(dropped).toHaveLength(3);
    await publish(root, of("0.0.3"), few(3));
    expect(readdirSync(join(root, "apt/pool/main/s/small"))).not.toContain("small_0.0.1-1_amd64.deb");
    expect(await problems(now + 3 * daySeconds)).toStrictEqual([]);
  });

  test("drops them from the suites of their lines, too, and takes none that would go at once", async () => {
    const few = (day: number): PublicationSettings => ({ ...settings(day), retention: keepVersions(1) });
    const place = directoryPlace(root);
    const publishTo = async (suites: string[], version: string, day: number): Promise<void> => {
      const additions = of(version).map((file) => ({ file, suites }));
      await place.apply((await preparePublication(place, { additions, allowOlder: true }, few(day))).changes);
    };
    await publishTo(["stable", "old"], "0.0.2", 0);
    await publishTo(["stable", "new"], "0.0.3", 1);
    const [ofOld, ofNew] = ["old", "new"].map((suite) => textOf(`apt/dists/${suite}/main/binary-amd64/Packages`));
    expect([ofOld, ofNew]).toStrictEqual(["", expect.stringContaining("Version: 0.0.3-1") as string]);
    await expect(publishTo(["old"], "0.0.1", 2)).rejects.toMatchObject({ code: "not-newer" });
  });
});

describe("a directory", () => {
  test("is readable by web servers whatever the umask", async () => {
    const before = process.umask(0o077);
    try {
      await publish(root, of("0.0.1"), settings(0));
    } finally {
      process.umask(before);
    }
    const entries = [".", ...readdirSync(root, { recursive: true, encoding: "utf8" })];
    const modes = entries.map((path) => {
      const state = statSync(join(root, path));
      return `${state.isDirectory()} ${(state.mode & 0o777).toString(8)}`;
    });
    expect([...new Set(modes)].toSorted()).toStrictEqual(["false 644", "true 755"]);
  });
});
