import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrivateKey, readPrivateKeys, reformatKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyringNames } from "../../../packaging/keyring.ts";
import { makeKeyrings } from "../../../packaging/make-keyring.ts";
import { findNfpm } from "../../../packaging/nfpm-wrapper/index.ts";
import { type PackageFile, readOpenPgpSigners, type Signing } from "../../../packaging/repositories/index.ts";
import { apkClient } from "../../support/repositories/apk-client.ts";
import { aptClient } from "../../support/repositories/apt-client.ts";
import { installedVersion } from "../../support/repositories/client.ts";
import { dnfClient } from "../../support/repositories/dnf-client.ts";
import { type FileServer, serveFiles } from "../../support/repositories/file-server.ts";
import { publish, settingsFor, writePublicKeys } from "../../support/repositories/published.ts";
import { kinds, makeSmallPackages } from "../../support/repositories/small-packages.ts";
import { makeTestKeys, signingTogether, type TestKeys } from "../../support/repositories/test-keys.ts";

const hourSeconds = 3600;
const now = Math.floor(Date.now() / 1000) - hourSeconds;

let folder: string;
let server: FileServer;
let oldKeys: TestKeys;
let newKeys: TestKeys;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-keyring-"));
  server = await serveFiles(folder);
  oldKeys = await makeTestKeys(now, "2025-03-01");
  newKeys = await makeTestKeys(now, "2026-02-03");
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
const keyringsOf = (signing: Signing): Promise<PackageFile[]> =>
  makeKeyrings(signing, { kinds, nfpm: findNfpm(".cache"), parts: join(folder, `keyring-${count++}`) });

const formats = { apt: "deb", yum: "rpm", apk: "apk" } as const;
const together = (): Signing => signingTogether(newKeys.signing, oldKeys.signing);

test("keyring packages have the same bytes whenever they are made, and versions that grow from key to key", async () => {
  const [first, again] = [
    await keyringsOf(oldKeys.signing),
    await keyringsOf({ ...oldKeys.signing, timeSeconds: now + 1 }),
  ];
  expect(again.map(({ content }) => Buffer.from(content))).toStrictEqual(
    first.map(({ content }) => Buffer.from(content)),
  );
  const versions: string[] = [];
  for (const signing of [oldKeys.signing, together(), newKeys.signing])
    versions.push((await keyringsOf(signing))[0]?.version ?? "");
  expect(versions).toStrictEqual(["2025.301.1-1", "2026.203.0-1", "2026.203.1-1"]);
  expect(versions.toSorted(kinds[0]?.compareVersions)).toStrictEqual(versions);
});

test("a key that was prolonged comes in a keyring of a later version", async () => {
  const [key] = await readPrivateKeys({ armoredKeys: oldKeys.openPgpPrivate });
  const { privateKey } = await reformatKey({
    privateKey: key as PrivateKey,
    userIDs: [{ name: "Test key" }],
    keyExpirationTime: 20 * 365 * 24 * 3600,
    date: new Date("2025-11-12T01:02:03Z"),
    format: "armored",
  });
  const openPgp = await readOpenPgpSigners(privateKey, { passphrase: undefined, timeSeconds: now });
  const [deb] = await keyringsOf({ ...oldKeys.signing, openPgp });
  expect(deb?.version).toBe("2025.1112.125-1");
});

describe.each([aptClient, dnfClient, apkClient])("the keyring of $kind", ({ kind, missing, make }) => {
  test("carries a client from one key to the next by upgrades alone", async (context) => {
    context.skip(missing !== undefined, missing);
    const published = join(folder, `${kind}-published`);
    const root = join(folder, `${kind}-root`);
    server.root = published;
    mkdirSync(root);
    const at = (signing: Signing, hours: number): Signing => ({ ...signing, timeSeconds: now + hours * hourSeconds });
    const name = keyringNames[formats[kind]];

    await publish(published, await keyringsOf(oldKeys.signing), settingsFor(at(oldKeys.signing, -3)));
    const trusted = await writePublicKeys(join(root, "trusted"), oldKeys.signing);
    const client = make({ root, url: server.url, keys: trusted });
    await client.refresh();
    await client.install(name);
    const before = installedKeys(root);
    expect(before).not.toBe("");

    await publish(published, await keyringsOf(together()), settingsFor(at(together(), -2)));
    await client.refresh();
    await client.upgrade();
    expect(installedKeys(root)).not.toBe(before);

    const small = makeSmallPackages(join(folder, `${kind}-small`), [{ version: "0.0.1" }], newKeys);
    const last = [...small, ...(await keyringsOf(newKeys.signing))];
    await publish(published, last, settingsFor(at(newKeys.signing, -1)));
    await client.refresh();
    await client.install("small");
    expect(await installedVersion(root)).toBe("0.0.1");
  });
});

/** The files of keys that the package brings, whatever the system. */
function installedKeys(root: string): string {
  const folders = ["usr/share/keyrings", "etc/pki/rpm-gpg", "etc/apk/keys"].map((path) => join(root, path));
  const files = folders
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  return files.map((path) => readFileSync(path, "base64")).join("\n");
}
