/** Plakar itself, by way of the repositories, in the hands of the real package managers. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findNfpm } from "../../../packaging/nfpm-wrapper/index.ts";
import { type PackageFile, type Signing, yum } from "../../../packaging/repositories/index.ts";
import { findSigningKeys } from "../../../packaging/signing-keys.ts";
import { apkClient } from "../../support/repositories/apk-client.ts";
import type { Client, ClientSetting } from "../../support/repositories/client.ts";
import { debianLacks, makeDebianClient } from "../../support/repositories/debian-client.ts";
import { dnfClient } from "../../support/repositories/dnf-client.ts";
import { type FileServer, serveFiles } from "../../support/repositories/file-server.ts";
import { publish, settingsFor, writePublicKeys } from "../../support/repositories/published.ts";
import { kinds } from "../../support/repositories/small-packages.ts";
import { makePackages, project } from "../support/made.ts";
import { expectWorking, makeRoot, rootsLack, within } from "../support/roots.ts";

const hourSeconds = 3600;
const now = Math.floor(Date.now() / 1000) - hourSeconds;

let folder: string;
let signing: Signing;
let server: FileServer;
let first: PackageFile[];
let second: PackageFile[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plakar-real-packages-"));
  first = makeVersion("0.0.1");
  second = makeVersion("0.0.2");
  // the keys that the script has signed the packages with
  const { signers } = await findSigningKeys(join(project, "dist/keys"), now, () => undefined);
  signing = { ...signers, timeSeconds: now, validForSeconds: undefined };
  server = await serveFiles(folder);
}, 600_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function makeVersion(version: string): PackageFile[] {
  const paths = makePackages({ version, only: ["deb", "rpm", "apk"], to: join(folder, "packages", version) });
  return paths.flatMap((path) => {
    const kind = kinds.find(({ extension }) => path.endsWith(extension));
    return kind === undefined ? [] : [kind.readPackage(basename(path), readFileSync(path))];
  });
}

/** What a distribution of rpms has in its glibc and libstdc++: the libraries of Debian, under the names that rpm asks for. */
function makeSystemLibraries(): PackageFile {
  const [rpm] = first.filter(({ kind }) => kind === "yum");
  const file = join(folder, "plakar.rpm");
  writeFileSync(file, rpm?.content ?? "");
  const needs = execFileSync("rpm", ["--query", "--package", "--requires", file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const libraries = needs.split("\n").flatMap((line) => /^(lib.*\.so\.\d+)\(/.exec(line)?.[1] ?? []);
  const runtime = join(project, ".cache/runtime-debian-12-amd64");
  const contents = ["ld-linux-x86-64.so.2", "libdl.so.2", "libpthread.so.0", ...libraries].map((name) => ({
    src: join(runtime, name),
    dst: `${name.startsWith("ld-") ? "/lib64" : "/usr/lib"}/${name}`, // where Debian's loader looks
  }));
  const configuration = join(folder, "system.json");
  const provides = needs.split("\n").filter((line) => line.startsWith("lib"));
  const maintainer = "Nobody <nobody@example.org>";
  const key = join(folder, "key.asc");
  writeFileSync(key, readFileSync(join(project, "dist/keys/throw-away.pgp")));
  const rpmSettings = { buildhost: "localhost", signature: { key_file: key } };
  const description = {
    name: "system",
    version: "1.0.0",
    release: "1",
    arch: "amd64",
    maintainer,
    description: "libraries",
  };
  writeFileSync(configuration, JSON.stringify({ ...description, provides, contents, rpm: rpmSettings }));
  const target = join(folder, "system.rpm");
  const words = ["package", "--config", configuration, "--packager", "rpm", "--target", target];
  execFileSync(findNfpm(".cache"), words, { stdio: "ignore" });
  return yum().readPackage("system.rpm", readFileSync(target));
}

interface RealClient {
  readonly name: string;
  readonly lacks: () => string | undefined;
  readonly make: (setting: ClientSetting) => Client;
  readonly beside: () => PackageFile[];
}

const inSmallRoot =
  (make: (setting: ClientSetting) => Client) =>
  (setting: ClientSetting): Client => {
    makeRoot(setting.root);
    return make(setting);
  };

const clients: RealClient[] = [
  { name: "apt in a Debian of its own", lacks: debianLacks, make: makeDebianClient, beside: () => [] },
  {
    name: "dnf into a root of its own",
    lacks: () => dnfClient.missing ?? rootsLack(),
    make: inSmallRoot(dnfClient.make),
    beside: () => [makeSystemLibraries()],
  },
  {
    name: "apk in a root of its own",
    lacks: () => apkClient.missing ?? rootsLack(),
    make: inSmallRoot(apkClient.make),
    beside: () => [],
  },
];

describe.each(clients)("$name", ({ name, lacks, make, beside }) => {
  test("installs, upgrades, downgrades, removes and purges plakar, which works each time; stores stay", async (context) => {
    const lack = lacks();
    context.skip(lack !== undefined, lack);
    const own = join(folder, name.split(" ")[0] ?? ""); // debootstrap stumbles over spaces
    const published = join(own, "published");
    const root = join(own, "root");
    mkdirSync(root, { recursive: true });
    server.root = published;
    const keys = await writePublicKeys(own, signing);
    const client = make({ root, url: server.url, keys });
    const plakar = (...words: string[]): ReturnType<typeof within> => within(root, "/usr/bin/plakar", ...words);
    const expectVersion = (version: string): void => {
      expect(plakar("version")).toStrictEqual({ status: 0, output: `plakar ${version}\n` });
      expectWorking(plakar, root);
    };

    await publish(published, [...first, ...beside()], settingsFor({ ...signing, timeSeconds: now - hourSeconds }));
    await client.refresh();
    const { output } = await client.install("plakar");
    expect(existsSync(join(root, "usr/bin/plakar")), output).toBe(true);
    expectVersion("0.0.1");
    expect(plakar("at", "/kept", "create").status).toBe(0);

    await publish(published, second, settingsFor(signing));
    await client.refresh();
    await client.upgrade();
    expectVersion("0.0.2");
    await client.downgrade("plakar", "0.0.1");
    expectVersion("0.0.1");
    await client.remove("plakar");
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);
    await client.install("plakar", "0.0.2");
    expectVersion("0.0.2");
    await client.purge("plakar");
    expect(existsSync(join(root, "usr/bin/plakar"))).toBe(false);
    expect(existsSync(join(root, "kept/CONFIG"))).toBe(true);
  });
});
