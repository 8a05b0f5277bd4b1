import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  defaultRetention,
  directoryPlace,
  type PackageFile,
  type Place,
  type Publication,
  type PublicationSettings,
  preparePublication,
  publicKeyFiles,
  type Signing,
  trustIn,
} from "../../../packaging/repositories/index.ts";
import { kinds } from "./small-packages.ts";

/** Settings with which the signers' own repositories are published. `retired` keys have signed before. */
export function settingsFor(signing: Signing, ...retired: readonly Signing[]): PublicationSettings {
  const all = [signing, ...retired].map((one) => trustIn(one, undefined));
  const trust = {
    openPgp: all.flatMap(({ openPgp }) => openPgp),
    apk: new Map(all.flatMap(({ apk }) => [...apk])),
    timeSeconds: undefined,
  };
  return { repositories: { kinds, architectures: ["amd64", "arm64"], trust }, signing, retention: defaultRetention };
}

/** Publishes to the stable suite. */
export async function publish(
  place: Place | string,
  packages: readonly PackageFile[],
  settings: PublicationSettings,
): Promise<Publication> {
  const there = typeof place === "string" ? directoryPlace(place) : place;
  const request = { additions: packages.map((file) => ({ file, suites: ["stable"] })), allowOlder: false };
  const publication = await preparePublication(there, request, settings);
  await there.apply(publication.changes);
  return publication;
}

/** The public keys in a directory, as a client that has fetched them. */
export async function writePublicKeys(folder: string, ...signings: readonly Signing[]): Promise<string> {
  for (const { path, content } of await publicKeyFiles(
    settingsFor(signings[0] as Signing, ...signings.slice(1)).repositories.trust,
  )) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return join(folder, "keys");
}
