/** What a release says of itself: what is in it, where it came from, and what it is. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createMessage, sign } from "openpgp";
import { fetchRuntime } from "../../packaging/runtime/index.ts";
import { digestOf } from "../support/digest.ts";
import { architectureOf, targets } from "../support/targets.ts";
import { assetsOf } from "./assets.ts";
import { checksumsOf } from "./checksums.ts";
import type { Release } from "./context.ts";
import { type Material, seal, statementOf } from "./provenance.ts";
import { type BundleContents, type LockedPackage, sbomOf } from "./sbom.ts";
import type { Outcome } from "./step.ts";

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export async function writeSbom(release: Release): Promise<Outcome> {
  const { version, timeSeconds, packages } = release;
  const [target = "linux-amd64"] = release.targets;
  const bundle = readJson(join("build/packages", version, target, "metafile.json")) as BundleContents;
  const sbom = sbomOf({
    ...{ version, timeSeconds, bundle, locked: lock().packages },
    bases: release.targets.map((each) => targets[each].npmPackage),
    baseParts: process.versions, // the same version on every system
    compiledFrom: ["assemblyscript"],
    libraries: librariesOf(release),
  });
  return written(join(packages, `plakar_${version}.cdx.json`), sbom);
}

/** Debian's libraries in the archives and the apk, as the offer of their sources lists them. */
function librariesOf({ targets: all }: Release): { name: string; version: string }[] {
  const linux = all.find((target) => target.startsWith("linux-"));
  if (linux === undefined) return [];
  const offer = readFileSync(join(fetchRuntime(architectureOf(linux), ".cache").folder, "SOURCES"), "utf8");
  const lines = offer.matchAll(/^ {2}(\S+) (\S+) \(\w+\): source package/gm);
  return [...lines].map(([, name = "", version = ""]) => ({ name, version }));
}

export async function writeProvenance(release: Release): Promise<Outcome> {
  const { version, packages, keys } = release;
  const files = globSync("**/*", { cwd: packages, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/SHA256SUMS|intoto/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const statement = statementOf({
    version,
    builder: builder(),
    materials: [sources(release), ...bases(release)],
    subjects: files.map((file) => ({ name: basename(file), sha256: digestOf(file) })),
  });
  const key = keys.apk.privateKey.export({ type: "pkcs8", format: "pem" });
  return written(join(packages, `plakar_${version}.intoto.json`), seal(statement, key));
}

/** The run of the workflow, so that anybody can look at it; elsewhere only that it was no workflow. */
function builder(): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return run === undefined ? "urn:plakar:release:by-hand" : `${server}/${repository}/actions/runs/${run}`;
}

function sources({ commit, addresses }: Release): Material {
  const repository = addresses.downloads.replace(/\/releases$/, "");
  return { uri: `git+${repository}`, digest: { gitCommit: commit } };
}

function bases({ targets: all }: Release): Material[] {
  return all.map((target) => {
    const name = targets[target].npmPackage;
    const { version = "", integrity = "" } = lock().packages[`node_modules/${name}`] ?? {};
    const sha512 = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
    return { uri: `pkg:npm/${name}@${version}`, digest: { sha512 } };
  });
}

/** SHA256SUMS of what is on GitHub, with a signature that `gpg --verify` and `gpgv` understand. */
export async function signChecksums(release: Release): Promise<Outcome> {
  const { folder, keys, timeSeconds } = release;
  const sums = checksumsOf(assetsOf(release));
  const file = join(folder, "assets", "SHA256SUMS");
  writeFileSync(file, sums);
  const signature = await sign({
    message: await createMessage({ text: sums, date: new Date(timeSeconds * 1000) }),
    signingKeys: keys.pgp,
    detached: true,
    date: new Date(timeSeconds * 1000),
    config: { nonDeterministicSignaturesViaNotation: false },
  });
  writeFileSync(`${file}.asc`, signature);
  return { files: [file, `${file}.asc`] };
}

function lock(): Lock {
  return readJson("package-lock.json") as Lock;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

function written(file: string, content: object): Outcome {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return { files: [file] };
}
