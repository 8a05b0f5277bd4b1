import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GithubReleases, type ReleaseContent } from "../../../scripts/release/github.ts";
import { type Fault, GithubStandIn } from "../../../scripts/release/github-stand-in.ts";
import { temporaryDirectories } from "../../unit/system/temporary.ts";

const temporary = temporaryDirectories();
let folder = "";
let content: ReleaseContent;
let github: GithubStandIn;
const waits: number[] = [];

async function open(...faults: Fault[]): Promise<GithubReleases> {
  github = new GithubStandIn(join(folder, "github"), faults);
  const baseUrl = await github.start();
  const pause = async (ms: number): Promise<void> => void waits.push(ms);
  return new GithubReleases({ repository: "some/one", token: "t", baseUrl, say: () => undefined, pause });
}

beforeEach(() => {
  folder = temporary();
  waits.length = 0;
  mkdirSync(join(folder, "files"));
  const files = ["a.deb", "b.tar.gz", "SHA256SUMS"].map((name) => join(folder, "files", name));
  for (const [at, file] of files.entries()) writeFileSync(file, Buffer.alloc(1 << (8 + 6 * at), at));
  content = { tag: "v1.2.3", commit: "0".repeat(40), notes: "What is new.", files };
});
afterEach(() => github.stop());

function uploads(): number {
  return github.requests.filter((request) => request.startsWith("POST") && request.endsWith("/assets")).length;
}

/** One release of the tag, with exactly the files, by name and digest. */
function expectWhole(draft: boolean): void {
  expect(github.releases).toHaveLength(1);
  const [release] = github.releases;
  expect(release).toMatchObject({ tag_name: "v1.2.3", draft, body: "What is new." });
  expect(release?.assets.map(({ name, state }) => `${name} ${state}`).toSorted()).toStrictEqual([
    "SHA256SUMS uploaded",
    "a.deb uploaded",
    "b.tar.gz uploaded",
  ]);
}

test("a draft is filled, then shown, and a second time nothing is sent", async () => {
  const releases = await open();
  expect(await releases.prepare(content)).toBe("drafted");
  expectWhole(true);
  expect(await releases.publishedTags()).toStrictEqual([]);
  expect(await releases.prepare(content)).toBe("drafted");
  expect(uploads()).toBe(3);
  await releases.publish(content);
  expectWhole(false);
  expect(await releases.publishedTags()).toStrictEqual(["v1.2.3"]);
  expect(await releases.prepare(content)).toBe("published before");
  await releases.publish(content);
  expect(uploads()).toBe(3);
});

describe("whatever fails on the way, it ends the same", () => {
  const upload = /^POST .*\/assets$/;
  test.each<[string, Fault[]]>([
    ["a gateway that is bad, which leaves a name taken", [{ on: upload, kind: "502", times: 2 }]],
    ["uploads that are cut off", [{ on: upload, kind: "cut", times: 2 }]],
    ["an upload that arrived, whose answer did not", [{ on: upload, kind: "lost", times: 1 }]],
    ["a limit of the rate", [{ on: /^GET/, kind: "rate-limit", times: 2 }]],
    ["a draft that was made, whose answer was lost", [{ on: /^POST .*\/releases$/, kind: "lost", times: 1 }]],
    ["publishing that fails", [{ on: /^PATCH/, kind: "502", times: 3 }]],
    ["publishing whose answer is lost", [{ on: /^PATCH/, kind: "lost", times: 1 }]],
  ])("%s", async (_, faults) => {
    const releases = await open(...faults);
    await releases.prepare(content);
    expectWhole(true);
    await releases.publish(content);
    expectWhole(false);
    expect(github.faultsLeft).toBe(0);
  });

  test("and where it fails too often, the next run goes on from there", async () => {
    const releases = await open({ on: /assets$/, kind: "cut", times: 6 });
    await expect(releases.prepare({ ...content })).rejects.toThrow(/fetch|hang|aborted|other side/i);
    await github.stop();
    const again = await open();
    await again.prepare(content);
    expectWhole(true);
  });

  test("a limit is waited for as long as the server says", async () => {
    const releases = await open({ on: /^GET/, kind: "rate-limit", times: 1 });
    await releases.publishedTags();
    expect(waits).toStrictEqual([1000]);
  });
});

test("files that changed since are sent anew, and what does not belong to the release is removed", async () => {
  const releases = await open();
  const extra = join(folder, "files", "extra");
  writeFileSync(extra, "x");
  await releases.prepare({ ...content, files: [...content.files, extra] });
  writeFileSync(content.files[0] as string, "other bytes");
  await releases.prepare(content);
  expectWhole(true);
  expect(uploads()).toBe(5);
});

test("of several drafts of a tag one is left", async () => {
  const releases = await open();
  for (let times = 0; times < 3; times++)
    await fetch(`${github.address}/repos/some/one/releases`, {
      method: "POST",
      body: JSON.stringify({ tag_name: "v1.2.3", draft: true }),
    });
  await releases.prepare(content);
  expectWhole(true);
});

test("a published release is never changed: one with other bytes is refused", async () => {
  const releases = await open();
  await releases.prepare(content);
  await releases.publish(content);
  writeFileSync(content.files[0] as string, "other bytes");
  await expect(releases.prepare(content)).rejects.toThrow(/a\.deb.*release another version/s);
  await expect(releases.publish(content)).rejects.toThrow(/a\.deb/);
  expect(uploads()).toBe(3);
});

test("more releases than one page holds are all seen", async () => {
  const releases = await open();
  for (let at = 0; at < 130; at++)
    await fetch(`${github.address}/repos/some/one/releases`, {
      method: "POST",
      body: JSON.stringify({ tag_name: `v0.0.${at}`, draft: false }),
    });
  expect(await releases.publishedTags()).toHaveLength(130);
});
