import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  defaultRetention,
  directoryPlace,
  type PackageFile,
  preparePublication,
  prepareRollback,
  readRecord,
  type Signing,
  trustIn,
  verifySections,
} from "../../../packaging/repositories/index.ts";
import { publish, settingsFor } from "../../support/repositories/published.ts";
import { kinds, makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, signingTogether, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;
const daySeconds = 24 * 3600;

let folder: string;
let keys: TestKeys;
let otherKeys: TestKeys;
let packages: PackageFile[];
let root: string;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-publishing-"));
  keys = await makeTestKeys(now);
  otherKeys = await makeTestKeys(now);
  const versions = ["0.0.1", "0.0.2", "0.0.3", "0.0.10"].map((version) => ({ version }));
  const others = [
    { version: "0.0.1", variant: "!" },
    { version: "1.0.0", architecture: "all", name: "keyring" } as const,
  ];
  packages = makeSmallPackages(join(folder, "packages"), [...versions, ...others], keys);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  root = join(folder, `published-${count++}`);
});

function of(version: string, name = "small"): PackageFile[] {
  return packages.filter(
    (file) => file.name === name && file.version.startsWith(`${version}-`) && !file.fileName.includes("!"),
  );
}

const otherBytes = (): PackageFile[] => packages.filter(({ fileName }) => fileName.includes("!"));
const onDay = (day: number, signing: Signing = keys.signing): Signing => ({
  ...signing,
  timeSeconds: now + day * daySeconds,
});

/** Every file with its bytes. */
function contentsOf(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
  const files = paths.filter((path) => statSync(join(directory, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(directory, path)).toString("base64")]));
}

async function problemsOf(directory: string, signing: Signing): Promise<readonly string[]> {
  const sections = kinds.flatMap((kind) => kind.sectionsOf("stable", ["amd64", "arm64"]));
  const trust = trustIn(signing, signing.timeSeconds);
  return (await verifySections(directoryPlace(directory), { kinds, sections, trust })).problems;
}

async function publishedVersions(directory: string): Promise<string[]> {
  const versions: string[] = [];
  for (const kind of kinds) {
    for (const section of kind.sectionsOf("stable", ["amd64"])) {
      const published = await kind.readSection(directoryPlace(directory), section, trustIn(keys.signing, undefined));
      versions.push(...(published?.packages ?? []).map(({ name, version }) => `${kind.name} ${name} ${version}`));
    }
  }
  return versions;
}

describe("publishing", () => {
  test("the same again changes no byte", async () => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const before = contentsOf(root);
    const { changes, generation } = await publish(root, of("0.0.1"), settingsFor(onDay(3)));
    expect({ changes, generation }).toStrictEqual({
      changes: { immutable: [], roots: [], deletions: [] },
      generation: undefined,
    });
    expect(contentsOf(root)).toStrictEqual(before);
  });

  test("at the same times leads to the same bytes anywhere", async () => {
    for (const directory of [root, `${root}-again`]) {
      await publish(directory, of("0.0.1"), settingsFor(keys.signing));
      await publish(directory, of("0.0.2"), settingsFor(onDay(1)));
    }
    expect(contentsOf(`${root}-again`)).toStrictEqual(contentsOf(root));
  });

  test("adds to what is published, and reads no package of it", async () => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    await publish(root, [...of("0.0.2"), ...of("1.0.0", "keyring")], settingsFor(onDay(1)));
    const place = directoryPlace(root);
    const read: string[] = [];
    const watched = { ...place, read: (path: string) => (read.push(path), place.read(path)) };
    const { added } = await publish(watched, of("0.0.3"), settingsFor(onDay(2)));
    expect(added).toStrictEqual([
      "apt/pool/main/s/small/small_0.0.3-1_amd64.deb",
      "yum/x86_64/Packages/small-0.0.3-1.x86_64.rpm",
      "apk/x86_64/small-0.0.3-r0.apk",
    ]);
    expect(read.filter((path) => /0\.0\.[12]-.*\.(deb|rpm|apk)$/.test(path))).toStrictEqual([]);
    expect(await publishedVersions(root)).toStrictEqual([
      ...["keyring 1.0.0-1", "small 0.0.1-1", "small 0.0.2-1", "small 0.0.3-1"].map((name) => `apt ${name}`),
      ...["keyring 1.0.0-1", "small 0.0.1-1", "small 0.0.2-1", "small 0.0.3-1"].map((name) => `yum ${name}`),
      ...["keyring 1.0.0-r0", "small 0.0.1-r0", "small 0.0.2-r0", "small 0.0.3-r0"].map((name) => `apk ${name}`),
    ]);
    expect(await problemsOf(root, onDay(2))).toStrictEqual([]);
  });

  test("a package for any architecture goes to every one", async () => {
    await publish(root, of("1.0.0", "keyring"), settingsFor(keys.signing));
    const paths = [...contentsOf(root).keys()].filter((path) => /\.(deb|rpm|apk)$/.test(path));
    expect(paths).toStrictEqual([
      "apk/aarch64/keyring-1.0.0-r0.apk",
      "apk/x86_64/keyring-1.0.0-r0.apk",
      "apt/pool/main/k/keyring/keyring_1.0.0-1_all.deb",
      "yum/aarch64/Packages/keyring-1.0.0-1.noarch.rpm",
      "yum/x86_64/Packages/keyring-1.0.0-1.noarch.rpm",
    ]);
    const arm = readFileSync(join(root, "apt/dists/stable/main/binary-arm64/Packages"), "utf8");
    expect(arm).toContain("Package: keyring\n");
  });

  test.each([
    ["a version that is not newer", () => of("0.0.1"), "not-newer", "is not newer than 0.0.3"],
    ["other bytes under a version that is published", otherBytes, "conflict", "published already, with other bytes"],
  ])("refuses %s before anything is written", async (_, late, code, message) => {
    const first = code === "conflict" ? of("0.0.1") : of("0.0.3");
    await publish(root, first, settingsFor(keys.signing));
    const before = contentsOf(root);
    await expect(publish(root, late(), settingsFor(onDay(1)))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
      advice: expect.stringMatching(/./) as string,
    });
    expect(contentsOf(root)).toStrictEqual(before);
  });

  test("takes an older version where that is asked for", async () => {
    await publish(root, of("0.0.3"), settingsFor(keys.signing));
    const place = directoryPlace(root);
    const additions = of("0.0.1").map((file) => ({ file, suites: ["stable"] }));
    await place.apply(
      (await preparePublication(place, { additions, allowOlder: true }, settingsFor(onDay(1)))).changes,
    );
    expect(await publishedVersions(root)).toContain("apt small 0.0.1-1");
  });

  test("twice at one time leads to two states", async () => {
    const first = await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const second = await publish(root, of("0.0.2"), settingsFor(keys.signing));
    expect([first.generation, second.generation]).toStrictEqual(["20260921T141320Z", "20260921T141320Z-2"]);
    expect(await problemsOf(root, keys.signing)).toStrictEqual([]);
  });

  test("keeps suites apart", async () => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const place = directoryPlace(root);
    const additions = of("0.0.2").map((file) => ({ file, suites: ["beta"] }));
    const { changes } = await preparePublication(place, { additions, allowOlder: false }, settingsFor(onDay(1)));
    await place.apply(changes);
    expect(await publishedVersions(root)).toStrictEqual([
      "apt small 0.0.1-1",
      "yum small 0.0.1-1",
      "apk small 0.0.1-r0",
    ]);
    expect(readFileSync(join(root, "apt/dists/beta/InRelease"), "utf8")).toContain("\nSuite: beta\n");
    expect(existsSync(join(root, "yum/beta/x86_64/repodata/repomd.xml"))).toBe(true);
    expect(existsSync(join(root, "apk/beta/x86_64/small-0.0.2-r0.apk"))).toBe(true);
  });

  test("signs anew when half of the time is over, and not before", async () => {
    const lasting = (day: number): Signing => ({ ...onDay(day), validForSeconds: 10 * daySeconds });
    await publish(root, of("0.0.1"), settingsFor(lasting(0)));
    const paths = async (day: number): Promise<string[]> =>
      (await publish(root, [], settingsFor(lasting(day)))).changes.roots.map(({ path }) => path);
    expect(await paths(4)).toStrictEqual([]);
    expect(await paths(6)).toStrictEqual(
      expect.arrayContaining(["apt/dists/stable/InRelease", "yum/x86_64/repodata/repomd.xml"]),
    );
  });
});

describe("keys", () => {
  test("that did not sign what is published are refused before anything is written", async () => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const before = contentsOf(root);
    await expect(publish(root, of("0.0.2"), settingsFor(onDay(1, otherKeys.signing)))).rejects.toMatchObject({
      code: "key",
      message: expect.stringContaining("InRelease: signed by") as string,
      advice: expect.stringContaining("beside the old one first") as string,
    });
    expect(contentsOf(root)).toStrictEqual(before);
  });

  test("take turns by signing together for a while", async () => {
    const both = signingTogether(keys.signing, otherKeys.signing);
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    await publish(root, [], settingsFor(onDay(1, both)));
    expect(await problemsOf(root, onDay(1))).toStrictEqual([]);
    expect(await problemsOf(root, onDay(1, otherKeys.signing))).toStrictEqual([]);
    await publish(root, of("0.0.2"), settingsFor(onDay(2, otherKeys.signing), keys.signing));
    expect(await problemsOf(root, onDay(2, otherKeys.signing))).toStrictEqual([]);
    expect((await problemsOf(root, onDay(2))).length).toBe(5);
  });
});

describe("an rpm", () => {
  test("that dnf would not accept is refused", async () => {
    const signedByOthers = makeSmallPackages(
      join(folder, "others"),
      [{ version: "0.0.1" }],
      otherKeys,
      kinds.slice(1, 2),
    );
    await expect(publish(root, signedByOthers, settingsFor(keys.signing))).rejects.toMatchObject({
      code: "key",
      message: expect.stringMatching(
        /small_0\.0\.1_amd64\.rpm: signed by [0-9a-f]{16}, and none of the keys given$/,
      ) as string,
    });
    const unsigned = makeSmallPackages(join(folder, "unsigned"), [{ version: "0.0.1" }], undefined, kinds.slice(1, 2));
    await expect(publish(root, unsigned, settingsFor(keys.signing))).rejects.toMatchObject({
      code: "key",
      message: expect.stringContaining("it is not signed") as string,
    });
    expect(existsSync(root)).toBe(false);
  });
});

describe("retention", () => {
  const few = {
    ...defaultRetention,
    newestVersions: 1,
    ageSeconds: 30 * daySeconds,
    generations: 1,
    graceSeconds: 7 * daySeconds,
  };
  const settings = (day: number): ReturnType<typeof settingsFor> => ({ ...settingsFor(onDay(day)), retention: few });
  const debs = (): string[] => readdirSync(join(root, "apt/pool/main/s/small"));

  test("drops what is old and not the newest, and deletes it when clients have forgotten it", async () => {
    await publish(root, of("0.0.1"), settings(0));
    await publish(root, of("0.0.2"), settings(10));
    expect((await publish(root, of("0.0.10"), settings(29))).dropped).toStrictEqual([]);
    const { dropped, changes } = await publish(root, [], settings(35));
    expect(dropped.filter((path) => path.startsWith("apt"))).toStrictEqual([
      "apt/pool/main/s/small/small_0.0.1-1_amd64.deb",
    ]);
    expect(changes.deletions.filter((path) => path.endsWith(".deb"))).toStrictEqual([]);
    await publish(root, [], settings(39));
    expect(debs()).toHaveLength(3);
    await publish(root, [], settings(43));
    expect(debs()).toStrictEqual(["small_0.0.10-1_amd64.deb", "small_0.0.2-1_amd64.deb"]);
    expect(await problemsOf(root, onDay(43))).toStrictEqual([]);
  });

  test("keeps everything that an earlier state names which can be gone back to", async () => {
    const kept = { ...few, generations: 3, graceSeconds: 0 };
    const at = (day: number): ReturnType<typeof settingsFor> => ({ ...settingsFor(onDay(day)), retention: kept });
    await publish(root, of("0.0.1"), at(0));
    await publish(root, of("0.0.2"), at(10));
    await publish(root, [], at(40));
    expect(debs()).toHaveLength(2);
    const place = directoryPlace(root);
    const [, second] = (await readRecord(place)).generations;
    await place.apply((await prepareRollback(place, second?.id ?? "", at(41))).changes);
    expect(await publishedVersions(root)).toContain("apt small 0.0.1-1");
    expect(await problemsOf(root, onDay(41))).toStrictEqual([]);
  });

  test("deletes nothing that is not its own, and no index without reason", async () => {
    await publish(root, of("0.0.1"), settings(0));
    writeFileSync(join(root, "index.html"), "hello");
    for (const [day, version] of [
      [10, "0.0.2"],
      [20, "0.0.3"],
      [60, "0.0.10"],
    ] as const)
      await publish(root, of(version), settings(day));
    await publish(root, [], settings(70));
    await publish(root, [], settings(80));
    const left = [...contentsOf(root).keys()];
    expect(left).toContain("index.html");
    expect(left.filter((path) => path.endsWith("primary.xml.gz"))).toHaveLength(2);
    expect(await problemsOf(root, onDay(80))).toStrictEqual([]);
  });
});

describe("a record that somebody has changed", () => {
  test.each(["../../elsewhere", "/etc/passwd", "a//b", "./x"])("cannot have %s deleted", async (path) => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const record = JSON.parse(readFileSync(join(root, "publication.json"), "utf8")) as { unreferenced: object };
    writeFileSync(join(root, "publication.json"), JSON.stringify({ ...record, unreferenced: { [path]: 0 } }));
    await expect(publish(root, of("0.0.2"), settingsFor(onDay(1)))).rejects.toMatchObject({
      code: "damaged-repository",
      message: expect.stringContaining(path) as string,
    });
  });

  test("is not missed but for earlier states and ages", async () => {
    await publish(root, of("0.0.1"), settingsFor(keys.signing));
    rmSync(join(root, "publication.json"));
    const additions = of("0.0.2").map((file) => ({ file, suites: ["stable"] }));
    const place = directoryPlace(root);
    await place.apply(
      (await preparePublication(place, { additions, allowOlder: false }, settingsFor(onDay(1)))).changes,
    );
    expect(await publishedVersions(root)).toContain("apt small 0.0.1-1");
    expect(await problemsOf(root, onDay(1))).toStrictEqual([]);
  });
});

describe("going back", () => {
  test("to a state that is not kept is refused with the names of those that are", async () => {
    const { generation = "" } = await publish(root, of("0.0.1"), settingsFor(keys.signing));
    await expect(
      prepareRollback(directoryPlace(root), "20200101T000000Z", settingsFor(onDay(1))),
    ).rejects.toMatchObject({
      code: "input",
      advice: expect.stringContaining(generation) as string,
    });
  });

  test("to a state that somebody has changed is refused", async () => {
    const { generation = "" } = await publish(root, of("0.0.1"), settingsFor(keys.signing));
    await publish(root, of("0.0.2"), settingsFor(onDay(1)));
    const copy = join(root, "generations", generation, "apt/dists/stable/InRelease");
    writeFileSync(copy, readFileSync(copy, "utf8").replace("Suite: stable", "Suite: stabel"));
    await expect(prepareRollback(directoryPlace(root), generation, settingsFor(onDay(2)))).rejects.toMatchObject({
      code: "damaged-repository",
    });
  });

  test("and forth again leads to what was there", async () => {
    const first = await publish(root, of("0.0.1"), settingsFor(keys.signing));
    const second = await publish(root, of("0.0.2"), settingsFor(onDay(1)));
    const place = directoryPlace(root);
    const versions = await publishedVersions(root);
    await place.apply((await prepareRollback(place, first.generation ?? "", settingsFor(onDay(2)))).changes);
    expect(await publishedVersions(root)).toStrictEqual([
      "apt small 0.0.1-1",
      "yum small 0.0.1-1",
      "apk small 0.0.1-r0",
    ]);
    await place.apply((await prepareRollback(place, second.generation ?? "", settingsFor(onDay(3)))).changes);
    expect(await publishedVersions(root)).toStrictEqual(versions);
  });
});

describe("the verifier", () => {
  test("finds every file with another byte that clients would read", async () => {
    await publish(root, [...of("0.0.1"), ...of("1.0.0", "keyring")], settingsFor(keys.signing));
    const copy = `${root}-copy`;
    cpSync(root, copy, { recursive: true });
    // clients of ours read these by other names, or not at all
    const unread = /^(?:keys|generations)\/|publication\.json$|\/Release$|\/Packages(\.gz)?$/;
    const missed: string[] = [];
    for (const path of [...contentsOf(root).keys()].filter((file) => !unread.test(file))) {
      const content = readFileSync(join(root, path));
      if (content.length === 0) continue;
      for (const changed of [flip(content), content.subarray(0, content.length / 2), undefined]) {
        if (changed === undefined) rmSync(join(copy, path));
        else writeFileSync(join(copy, path), changed);
        if ((await problemsOf(copy, keys.signing)).length === 0) missed.push(`${path} ${changed?.length}`);
      }
      writeFileSync(join(copy, path), content);
    }
    expect(missed).toStrictEqual([]);
    expect(await problemsOf(copy, keys.signing)).toStrictEqual([]);
  });
});

function flip(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  const middle = Math.floor(content.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 4;
  return changed;
}

describe("a disk that is full", () => {
  test("keeps what was published", async (context) => {
    context.skip(process.getuid?.() !== 0, "needs root, to mount a small disk");
    const disk = join(folder, "disk");
    execFileSync("mkdir", [disk]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=18m", "tmpfs", disk]);
    try {
      await publish(disk, of("0.0.1"), settingsFor(keys.signing));
      writeFileSync(join(disk, "ballast"), Buffer.alloc(2_000_000));
      const before = contentsOf(disk);
      await expect(publish(disk, of("0.0.2"), settingsFor(onDay(1)))).rejects.toMatchObject({ code: "full" });
      expect(contentsOf(disk)).toStrictEqual(before);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});
