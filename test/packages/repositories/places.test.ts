import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cacheControl,
  directoryPlace,
  gitBranchPlace,
  type PackageFile,
  type Place,
  s3Place,
  trustIn,
  verifySections,
} from "../../../packaging/repositories/index.ts";
import { publish, settingsFor } from "../../support/repositories/published.ts";
import { credentials, type S3StandIn, serveS3 } from "../../support/repositories/s3-stand-in.ts";
import { kinds, makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, type TestKeys } from "../../support/repositories/test-keys.ts";

const now = 1_790_000_000;

let folder: string;
let keys: TestKeys;
let first: PackageFile[];
let second: PackageFile[];
let storage: S3StandIn;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-places-"));
  keys = await makeTestKeys(now);
  // a plus and a tilde in names are what addresses and signatures get wrong
  const versions = [{ version: "0.0.1-rc1+b1" }, { version: "0.0.2" }];
  const packages = makeSmallPackages(join(folder, "packages"), versions, keys, kinds.slice(0, 2));
  first = packages.filter(({ version }) => version.startsWith("0.0.1"));
  second = packages.filter(({ version }) => version.startsWith("0.0.2"));
  storage = await serveS3("bucket");
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const bucket = (prefix: string, endpoint = storage.endpoint): Place =>
  s3Place({ endpoint, bucket: "bucket", prefix, sessionToken: undefined, ...credentials });

async function branch(name: string, repository = bareRepository()): Promise<Place> {
  const workFolder = join(
    folder,
    `work-${createHash("sha256").update(`${name}${Math.random()}`).digest("hex").slice(0, 8)}`,
  );
  const author = { name: "Nobody", email: "nobody@example.org" };
  return gitBranchPlace({ repository, branch: name, workFolder, author, timeSeconds: now });
}

function bareRepository(): string {
  const repository = join(folder, "remote.git");
  execFileSync("git", ["init", "--quiet", "--bare", repository]);
  return repository;
}

/** Opens the same place anew, as another run does. */
const places: [name: string, open: (name: string) => Promise<Place>][] = [
  ["a directory", async (name) => directoryPlace(join(folder, name))],
  ["S3", async (name) => bucket(name)],
  ["a branch", async (name) => branch(name)],
];

describe.each(places)("%s", (_, open) => {
  const at = (hours: number): ReturnType<typeof settingsFor> =>
    settingsFor({ ...keys.signing, timeSeconds: now + hours * 3600 });

  async function problems(place: Place, hours: number): Promise<readonly string[]> {
    const sections = kinds.flatMap((kind) => kind.sectionsOf("stable", ["amd64", "arm64"]));
    return (await verifySections(place, { kinds, sections, trust: trustIn(keys.signing, now + hours * 3600) }))
      .problems;
  }

  test("takes what is published, adds to it, and deletes", async () => {
    await publish(await open("adding"), first, at(0));
    const { added } = await publish(await open("adding"), second, at(1));
    expect(added).toHaveLength(2);
    expect(await problems(await open("adding"), 1)).toStrictEqual([]);
    const place = await open("adding");
    await place.apply({ immutable: [], roots: [], deletions: ["publication.json"] });
    expect(await (await open("adding")).read("publication.json")).toBeUndefined();
    expect(await (await open("adding")).sizeOf("keys/plakar.asc")).toBeGreaterThan(0);
  });

  test("refuses the second of two who publish at once", async () => {
    await publish(await open("at-once"), first, at(0));
    const late = await open("at-once");
    await late.read("apt/dists/stable/InRelease");
    await publish(await open("at-once"), second, at(1));
    const root = { path: "apt/dists/stable/InRelease", content: Buffer.from("lost update") };
    await expect(late.apply({ immutable: [], roots: [root], deletions: [] })).rejects.toMatchObject({ code: "busy" });
    expect(await problems(await open("at-once"), 1)).toStrictEqual([]);
  });

  test("writes nothing when nothing changes", async () => {
    await publish(await open("again"), first, at(0));
    const { generation } = await publish(await open("again"), first, at(1));
    expect(generation).toBeUndefined();
  });
});

describe("a rehearsal", () => {
  const nothing = { immutable: [], roots: [], deletions: [] };
  const withFile = (sizeBytes: number): Parameters<Place["rehearse"]>[0] => ({
    ...nothing,
    immutable: [{ path: "apk/x86_64/a.apk", content: new Uint8Array(sizeBytes) }],
  });

  test("on S3 writes nothing, and finds who may not write and who knows no conditions", async () => {
    const puts: string[] = [];
    storage.intercept = (method, key) => void (method === "PUT" && puts.push(key));
    await bucket("rehearsed").rehearse(withFile(10));
    expect([puts, [...storage.objects.keys()].filter((key) => key.startsWith("rehearsed/"))]).toStrictEqual([
      ["rehearsed/.may-we-write"],
      [],
    ]);
    for (const status of [403, 501]) {
      storage.intercept = (method) => (method === "PUT" ? status : undefined);
      await expect(bucket("rehearsed").rehearse(nothing)).rejects.toMatchObject({ code: "unavailable" });
    }
    storage.intercept = (method, key) => (method === "PUT" ? (storage.objects.delete(key), 200) : undefined);
    await expect(bucket("rehearsed").rehearse(nothing)).rejects.toMatchObject({
      advice: expect.stringContaining("knows no conditional writes") as string,
    });
    storage.intercept = () => undefined;
  });

  test("of a branch finds what GitHub does not take, in numbers, before it stores anything", async () => {
    const place = await branch("pages");
    await expect(place.rehearse(withFile(1_000_000_001))).rejects.toMatchObject({
      code: "full",
      message: "1001 MB that are new and 0 MB that are there are more than the 1000 MB that GitHub Pages serves",
      advice: expect.stringContaining("--keep") as string,
    });
    await expect(place.rehearse(withFile(110_000_000))).rejects.toMatchObject({
      message: "apk/x86_64/a.apk has 110 MB, GitHub takes 105 MB",
    });
  });

  test("of a directory makes none", async () => {
    await directoryPlace(join(folder, "not/there")).rehearse(withFile(10));
    expect(existsSync(join(folder, "not"))).toBe(false);
    writeFileSync(join(folder, "file"), "");
    await expect(directoryPlace(join(folder, "file/x")).rehearse(nothing)).rejects.toMatchObject({
      message: expect.stringContaining("file is no folder") as string,
    });
  });
});

describe("S3", () => {
  test("gets each file with what a cache may do with it, roots last, the record at the very end", async () => {
    const order: string[] = [];
    storage.intercept = (method, key) => void (method === "PUT" && order.push(key.slice("headers/".length)));
    await publish(bucket("headers"), first, settingsFor(keys.signing));
    storage.intercept = () => undefined;
    for (const [key, { headers }] of [...storage.objects].filter(([name]) => name.startsWith("headers/")))
      expect([key, headers["cache-control"]]).toStrictEqual([key, cacheControl(key)]);
    const firstRoot = order.findIndex((path) => cacheControl(path) === "no-cache");
    expect(order.slice(firstRoot).filter((path) => cacheControl(path) !== "no-cache")).toStrictEqual([]);
    expect(order.at(-1)).toBe("publication.json");
    const position = (path: string): number => order.indexOf(path);
    expect(position("apt/dists/stable/Release")).toBeLessThan(position("apt/dists/stable/InRelease"));
    expect(position("yum/x86_64/repodata/repomd.xml.asc")).toBeLessThan(position("yum/x86_64/repodata/repomd.xml"));
  });

  test("gets a package again that somebody has changed there", async () => {
    await publish(bucket("changed"), first, settingsFor(keys.signing));
    const path = "changed/yum/x86_64/Packages/small-0.0.1~rc1+b1-1.x86_64.rpm";
    const { headers, content } = storage.objects.get(path) ?? { headers: {}, content: undefined };
    storage.objects.set(path, { headers, content: Buffer.from("something else") });
    const { mended } = await publish(bucket("changed"), first, settingsFor(keys.signing));
    expect(mended).toStrictEqual([path.slice("changed/".length)]);
    expect(storage.objects.get(path)?.content).toStrictEqual(content);
  });

  test("that fails at any write leaves what clients can install from, and the next run ends the same", async () => {
    await publish(bucket("whole"), first, settingsFor(keys.signing));
    const contents = (prefix: string): Map<string, string> =>
      new Map(
        [...storage.objects]
          .filter(([key]) => key.startsWith(`${prefix}/`))
          .map(([key, { content }]) => [key.slice(prefix.length), content.toString("base64")]),
      );
    const writes = contents("whole").size;
    const sections = kinds.slice(0, 2).flatMap((kind) => kind.sectionsOf("stable", ["amd64", "arm64"]));
    for (const failing of [...Array.from({ length: writes / 5 }, (_, index) => 1 + index * 5), writes]) {
      let count = 0;
      storage.intercept = (method) => (method === "PUT" && ++count === failing ? 400 : undefined);
      await expect(publish(bucket(`cut-${failing}`), first, settingsFor(keys.signing))).rejects.toMatchObject({
        code: "unavailable",
      });
      storage.intercept = () => undefined;
      const { problems } = await verifySections(bucket(`cut-${failing}`), {
        kinds,
        sections,
        trust: trustIn(keys.signing, now),
      });
      // an index that is not there yet, or waits for its second half, but none that leads astray
      expect(
        problems.filter((problem) => !/nothing is published there|signature is missing/.test(problem)),
      ).toStrictEqual([]);
      await publish(bucket(`cut-${failing}`), first, settingsFor(keys.signing));
      expect(contents(`cut-${failing}`)).toStrictEqual(contents("whole"));
    }
  });

  test("is retried when it is busy, and a write whose answer was lost is not a conflict", async () => {
    const failed = new Set<string>();
    storage.intercept = (method, key) => {
      if (method !== "PUT" || failed.has(key)) return undefined;
      failed.add(key);
      return 503;
    };
    await publish(bucket("busy"), first, settingsFor(keys.signing));
    storage.intercept = () => undefined;
    const place = bucket("busy");
    const content = Buffer.from("the same");
    await place.apply({ immutable: [{ path: "x", content }], roots: [], deletions: [] });
    await place.apply({ immutable: [{ path: "x", content }], roots: [], deletions: [] });
    await expect(
      place.apply({ immutable: [{ path: "x", content: Buffer.from("other") }], roots: [], deletions: [] }),
    ).rejects.toMatchObject({ code: "busy" });
  });

  test.each([
    ["does not answer", () => bucket("x", "http://127.0.0.1:1"), "does not answer"],
    [
      "refuses the credentials",
      () =>
        s3Place({
          endpoint: storage.endpoint,
          bucket: "bucket",
          prefix: "",
          sessionToken: undefined,
          ...credentials,
          secretAccessKey: "wrong",
        }),
      "403 SignatureDoesNotMatch",
    ],
  ])("that %s is an error with advice", async (_, open, message) => {
    await expect(publish(open(), first, settingsFor(keys.signing))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(message) as string,
      advice: expect.stringMatching(/./) as string,
    });
  });
});

describe("a branch", () => {
  test("is one commit without a parent, and keeps the files of others", async () => {
    const repository = bareRepository();
    const work = join(folder, "checkout");
    mkdirSync(work);
    writeFileSync(join(work, "CNAME"), "packages.example.org\n");
    const git = (...words: string[]): string => execFileSync("git", ["-C", work, ...words], { encoding: "utf8" });
    git("init", "--quiet");
    git("add", "CNAME");
    git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "first");
    git("push", "--quiet", repository, "HEAD:refs/heads/pages");
    await publish(await branch("pages"), first, settingsFor(keys.signing));
    await publish(await branch("pages"), second, settingsFor({ ...keys.signing, timeSeconds: now + 60 }));
    const bare = (...words: string[]): string =>
      execFileSync("git", ["--git-dir", repository, ...words], { encoding: "utf8" });
    expect(bare("rev-list", "--count", "pages").trim()).toBe("1");
    expect(bare("show", "pages:CNAME")).toBe("packages.example.org\n");
    expect(bare("show", "pages:.nojekyll")).toBe("");
    expect(bare("show", "--no-patch", "--format=%an %at", "pages").trim()).toBe(`Nobody ${now}`);
  });

  test("of a repository that does not answer is an error with advice", async () => {
    await expect(branch("pages", "http://127.0.0.1:1/nothing.git")).rejects.toMatchObject({
      code: "unavailable",
      advice: expect.stringContaining("network") as string,
    });
  });
});
