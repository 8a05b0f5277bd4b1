import type { SnapshotHeader, SnapshotId, StoreConfiguration } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { resolveTarget } from "../snapshot/index.ts";
import { listingOf } from "./list.ts";
import { tellOfUnnamed } from "./orphans.ts";
import { formatUuid } from "./store.ts";
import { openSoundSnapshots, tellDamage } from "./tell-damage.ts";

export interface StoreDescription {
  readonly location: string;
  readonly repositoryId: string;
  readonly version: number;
  readonly timestampNs: bigint;
  readonly packfile: StoreConfiguration["packfile"];
  readonly chunking: StoreConfiguration["chunking"];
  readonly hashing: StoreConfiguration["hashing"];
  readonly compression: StoreConfiguration["compression"];
  /** Parameters of the key derivation; never the salt, the canary or a key. */
  readonly encryption: {
    readonly subKeyAlgorithm: string;
    readonly dataAlgorithm: string;
    readonly chunkSize: number;
    readonly kdf: string;
    readonly parameters: Readonly<Record<string, number | string>>;
  } | null;
  readonly snapshots: number;
  readonly packfiles: number;
  readonly states: number;
  readonly storageBytes: number;
  readonly logicalBytes: number;
}

export async function describeStore(repository: Repository): Promise<StoreDescription> {
  await repository.load();
  const { configuration, store } = repository;
  const packfiles = await store.list("packfiles", { sizes: true });
  const states = await store.list("states", { sizes: true });
  const views = await openSoundSnapshots(repository);
  await tellOfUnnamed(repository, views.length);
  const sum = (sizes: readonly (number | undefined)[]): number =>
    sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
  return {
    location: store.location,
    repositoryId: formatUuid(configuration.repositoryId),
    version: configuration.version,
    timestampNs: configuration.timestampNs,
    packfile: configuration.packfile,
    chunking: configuration.chunking,
    hashing: configuration.hashing,
    compression: configuration.compression,
    encryption: describeEncryption(configuration),
    snapshots: views.length,
    packfiles: packfiles.length,
    states: states.length,
    storageBytes: sum([...packfiles, ...states].map(({ sizeBytes }) => sizeBytes)),
    logicalBytes: sum(views.map((view) => listingOf(view).sizeBytes)),
  };
}

function describeEncryption({ encryption }: StoreConfiguration): StoreDescription["encryption"] {
  if (!encryption) return null;
  const { kdf, subKeyAlgorithm, dataAlgorithm, chunkSize } = encryption;
  const parameters = { ...(kdf.argon2id ?? kdf.scrypt ?? kdf.pbkdf2) };
  return { subKeyAlgorithm, dataAlgorithm, chunkSize, kdf: kdf.algorithm, parameters };
}

export async function describeSnapshot(
  repository: Repository,
  target: string,
): Promise<{ id: SnapshotId; header: SnapshotHeader }> {
  await repository.load();
  const { view } = await resolveTarget(repository, target);
  return { id: view.id, header: view.header };
}

/** What could not be read when the snapshot was taken. */
export async function* snapshotErrors(
  repository: Repository,
  target: string,
): AsyncGenerator<{ path: ByteString; message: string }> {
  await repository.load();
  const { view } = await resolveTarget(repository, target);
  yield* view.failures((path, error) => tellDamage(repository, path, error));
}
