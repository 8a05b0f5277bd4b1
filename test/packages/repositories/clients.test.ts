import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  directoryPlace,
  type PackageFile,
  preparePublication,
  prepareRollback,
  type Signing,
} from "../../../packaging/repositories/index.ts";
import { apkClient } from "../../support/repositories/apk-client.ts";
import { aptClient } from "../../support/repositories/apt-client.ts";
import { type Client, installedVersion } from "../../support/repositories/client.ts";
import { dnfClient } from "../../support/repositories/dnf-client.ts";
import { type FileServer, serveFiles } from "../../support/repositories/file-server.ts";
import { publish, settingsFor, writePublicKeys } from "../../support/repositories/published.ts";
import { makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, signingTogether, type TestKeys } from "../../support/repositories/test-keys.ts";

const hourSeconds = 3600;
/** An hour ago: clients refuse what is dated in the future. */
const now = Math.floor(Date.now() / 1000) - hourSeconds;

let folder: string;
let keys: TestKeys;
let otherKeys: TestKeys;
let first: PackageFile[];
let second: PackageFile[];
let server: FileServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-clients-"));
  keys = await makeTestKeys(now);
  otherKeys = await makeTestKeys(now);
  const packages = makeSmallPackages(join(folder, "packages"), [{ version: "0.0.1" }, { version: "0.0.2" }], keys);
  first = packages.filter(({ version }) => version.startsWith("0.0.1"));
  second = packages.filter(({ version }) => version.startsWith("0.0.2"));
  server = await serveFiles(folder);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  server.tamper = (_, content) => content;
});

describe.each([aptClient, dnfClient, apkClient])("a client of $kind", ({ kind, missing, make }) => {
  let published: string;
  let root: string;
  let client: Client;
  let count = 0;

  const at = (signing: Signing, hours: number): Signing => ({
    ...signing,
    timeSeconds: signing.timeSeconds + hours * hourSeconds,
  });

  async function makeClient(...trusted: readonly Signing[]): Promise<Client> {
    root = join(folder, `${kind}-root-${count++}`);
    mkdirSync(root);
    const trustedKeys = await writePublicKeys(join(root, "trusted"), ...trusted);
    return make({ root, url: server.url, keys: trustedKeys });
  }

  beforeEach(async (context) => {
    context.skip(missing !== undefined, missing);
    published = join(folder, `${kind}-published-${count++}`);
    server.root = published;
    client = await makeClient(keys.signing);
  });

  test("installs, upgrades, downgrades, removes and purges", async () => {
    await publish(published, first, settingsFor(at(keys.signing, -2)));
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBe("0.0.1");
    expect(await client.check("small")).toMatchObject({ status: 0 });
    await publish(published, second, settingsFor(at(keys.signing, -1)));
    await client.refresh();
    await client.upgrade();
    expect(await installedVersion(root)).toBe("0.0.2");
    await client.downgrade("small", "0.0.1");
    expect(await installedVersion(root)).toBe("0.0.1");
    await client.remove("small");
    expect(await installedVersion(root)).toBeUndefined();
    await client.install("small", "0.0.2");
    expect(await installedVersion(root)).toBe("0.0.2");
    await client.purge("small");
    expect(existsSync(join(root, "etc/small.conf"))).toBe(false);
  });

  test("installs nothing of a package that somebody has changed", async () => {
    await publish(published, first, settingsFor(keys.signing));
    server.tamper = (path, content) => (/\.(deb|rpm|apk)$/.test(path) ? withOtherByte(content) : content);
    await client.refresh();
    const { output } = await client.install("small");
    expect(server.requests.some((path) => /small.*\.(deb|rpm|apk)$/.test(path))).toBe(true);
    expect({ installed: await installedVersion(root), output }).toMatchObject({ installed: undefined });
  });

  test.each([
    ["a root", /(InRelease|repomd\.xml|APKINDEX\.tar\.gz)$/],
    ["an index", /(by-hash\/.*|Packages.*|primary\.xml\.gz|APKINDEX\.tar\.gz)$/],
  ])("installs nothing by way of %s that somebody has changed", async (_, changed) => {
    await publish(published, first, settingsFor(keys.signing));
    let tampered = 0;
    server.tamper = (path, content) => {
      if (!changed.test(path)) return content;
      tampered++;
      return withOtherByte(content);
    };
    await client.refresh();
    await client.install("small");
    expect(tampered).toBeGreaterThan(0);
    expect(await installedVersion(root)).toBeUndefined();
  });

  test("installs nothing that another key has signed", async () => {
    await publish(published, first, settingsFor(otherKeys.signing, keys.signing));
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBeUndefined();
  });

  test("installs nothing that has expired", async (context) => {
    context.skip(kind === "apk", "apk's index has no date");
    await publish(published, first, settingsFor({ ...at(keys.signing, -48), validForSeconds: 24 * hourSeconds }));
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBeUndefined();
    await publish(published, [], settingsFor({ ...keys.signing, validForSeconds: 24 * hourSeconds }));
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBe("0.0.1");
  });

  test("does not go back when an older state is played to it", async () => {
    await publish(published, first, settingsFor(at(keys.signing, -2)));
    const old = `${published}-old`;
    cpSync(published, old, { recursive: true });
    await publish(published, second, settingsFor(at(keys.signing, -1)));
    await client.refresh();
    await client.install("small");
    server.root = old;
    await client.refresh();
    await client.upgrade();
    expect(await installedVersion(root)).toBe("0.0.2");
  });

  test("refuses an older state when it has seen a newer one", async (context) => {
    context.skip(kind !== "apt", "only apt compares the dates of indexes");
    await publish(published, first, settingsFor(at(keys.signing, -2)));
    const old = `${published}-old`;
    cpSync(published, old, { recursive: true });
    await publish(published, second, settingsFor(at(keys.signing, -1)));
    await client.refresh();
    server.root = old;
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBeUndefined();
  });

  test("installs what two suites share, from the one place where it lies", async (context) => {
    context.skip(kind !== "yum", "apt's pool is shared by all suites, apk wants each package beside its index");
    const additions = first.map((file) => ({ file, suites: ["stable", "0.0"] }));
    const place = directoryPlace(published);
    const publication = await preparePublication(place, { additions, allowOlder: false }, settingsFor(keys.signing));
    await place.apply(publication.changes);
    expect(existsSync(join(published, "yum/0.0/x86_64/Packages"))).toBe(false);
    const trustedKeys = await writePublicKeys(join(root, "trusted"), keys.signing);
    client = make({ root, url: server.url, keys: trustedKeys, suite: "0.0" });
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBe("0.0.1");
    expect(server.requests).toContain("/yum/0.0/x86_64/repodata/repomd.xml");
  });

  test("goes back to an earlier state that was published again", async () => {
    const { generation = "" } = await publish(published, first, settingsFor(at(keys.signing, -2)));
    await publish(published, second, settingsFor(at(keys.signing, -1)));
    await client.refresh();
    const place = directoryPlace(published);
    await place.apply((await prepareRollback(place, generation, settingsFor(keys.signing))).changes);
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBe("0.0.1");
  });

  test("follows from one key to the next", async () => {
    const both = signingTogether(keys.signing, otherKeys.signing);
    await publish(published, first, settingsFor(at(keys.signing, -3)));
    await publish(published, [], settingsFor(at(both, -2)));
    for (const trusted of [keys.signing, otherKeys.signing]) {
      client = await makeClient(trusted, keys.signing);
      await client.refresh();
      await client.install("small");
      expect(await installedVersion(root)).toBe("0.0.1");
    }
    await publish(published, [], settingsFor(at(otherKeys.signing, -1)));
    client = await makeClient(keys.signing);
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBeUndefined();
  });
});

/** In the middle, where it is neither magic nor padding. */
function withOtherByte(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  const middle = Math.floor(content.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}
