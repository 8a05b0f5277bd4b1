/** What a release says of itself: what is in it, where it came from, and what it is. */
import { basename, join } from "node:path";
import { createMessage, sign } from "openpgp";
import { writeSbom } from "../packages/write-sbom.ts";
import { checksumsOf } from "../support/checksums.ts";
import { digestOf } from "../support/digest.ts";
import { isBelow } from "../support/is-below.ts";
import { lockedPackages } from "../support/locked-packages.ts";
import { targets } from "../support/targets.ts";
import { writeWhole } from "../support/write-whole.ts";
import { assetsOf } from "./assets.ts";
import type { Release } from "./context.ts";
import { type Material, seal, statementOf } from "./provenance.ts";
import type { Outcome } from "./step.ts";

/** Of all the targets; each package step has written one of its own. */
export async function writeBillOfMaterials(release: Release): Promise<Outcome> {
  return { files: [writeSbom(release.packages, { ...release, only: undefined })] };
}

export async function writeProvenance(release: Release, made: readonly string[]): Promise<Outcome> {
  const { version, packages, keys } = release;
  const files = made.filter((path) => isBelow(packages, path)).toSorted();
  const statement = statementOf({
    version,
    builder: builder(),
    materials: [sources(release), ...bases(release)],
    subjects: files.map((path) => ({ name: basename(path), sha256: digestOf(path) })),
  });
  const key = keys.apk.privateKey.export({ type: "pkcs8", format: "pem" });
  const file = join(packages, `plakar_${version}.intoto.json`);
  writeWhole(file, `${JSON.stringify(seal(statement, key), null, 2)}\n`);
  return { files: [file] };
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
    const { version = "", integrity = "" } = lockedPackages()[`node_modules/${name}`] ?? {};
    const sha512 = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
    return { uri: `pkg:npm/${name}@${version}`, digest: { sha512 } };
  });
}

/** SHA256SUMS of what is on GitHub, with a signature that `gpg --verify` and `gpgv` understand. */
export async function signChecksums(release: Release): Promise<Outcome> {
  const { keys, timeSeconds } = release;
  const { folder, names } = assetsOf(release);
  const sums = checksumsOf(folder, names);
  const file = join(folder, "SHA256SUMS");
  writeWhole(file, sums);
  const signature = await sign({
    message: await createMessage({ text: sums, date: new Date(timeSeconds * 1000) }),
    signingKeys: keys.pgp,
    detached: true,
    date: new Date(timeSeconds * 1000),
    config: { nonDeterministicSignaturesViaNotation: false },
  });
  writeWhole(`${file}.asc`, signature);
  return { files: [file, `${file}.asc`] };
}
