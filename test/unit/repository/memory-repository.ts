import { asMac, type Mac, ResourceType, type SnapshotId } from "../../../src/format/index.ts";
import { type Clock, FakeClock, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import {
  createRepository,
  openRepository,
  type Repository,
  RepositoryWriter,
  trustedPacks,
} from "../../../src/repository/index.ts";
import type { Store } from "../../../src/store/contract.ts";
import { createMemoryStore } from "../../../src/store/index.ts";

const random = new SeededRandom(20_261_126);

/** A memory store with a plaintext repository in it, or an encrypted one where a passphrase is given. */
export async function memoryStore(passphrase: string | null = null): Promise<Store> {
  const store = createMemoryStore();
  await createIn(store, passphrase);
  return store;
}

export async function createIn(store: Store, passphrase: string | null): Promise<void> {
  await createRepository({
    store,
    passphrase: passphrase === null ? null : Buffer.from(passphrase),
    hashing: "BLAKE3",
    compression: "LZ4",
    kdf: "default",
    clock: new FakeClock(),
    random,
  });
}

export interface Opening {
  readonly passphrase?: string;
  readonly clock?: Clock;
  readonly cacheDirectory?: string;
  readonly warnings?: string[];
}

export function open(store: Store, opening: Opening = {}): Promise<Repository> {
  return openRepository({
    store,
    passphrase: async () => Buffer.from(opening.passphrase ?? ""),
    clock: opening.clock ?? new FakeClock(),
    random,
    hostName: "test-host",
    cacheDirectory: opening.cacheDirectory,
    onWarning: (message) => opening.warnings?.push(message),
    onDamage: ({ message }) => opening.warnings?.push(message),
  });
}

export function newSnapshotId(): SnapshotId {
  return toHex(random.bytes(32)) as SnapshotId;
}

export interface Written {
  readonly id: SnapshotId;
  readonly blobs: readonly { readonly mac: Mac; readonly plain: Uint8Array }[];
}

/** Commits some chunks, and something under the type of a header so that the snapshot is visible. */
export async function write(repository: Repository, contents: readonly Uint8Array[]): Promise<Written> {
  await repository.load();
  const id = newSnapshotId();
  const writer = new RepositoryWriter(repository, { snapshot: id, padding: false }, await trustedPacks(repository));
  const blobs = contents.map((plain) => ({ plain, mac: writer.put(ResourceType.chunk, plain) }));
  writer.putUnder(ResourceType.snapshot, asMac(Buffer.from(id, "hex")), Buffer.from("no real header"));
  await writer.commit();
  return { id, blobs };
}

export function content(seed: number, sizeBytes: number): Uint8Array {
  return new SeededRandom(seed).bytes(sizeBytes);
}
