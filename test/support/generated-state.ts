import { asMac, ResourceType, type SnapshotId, StateWriter, V1_0_0 } from "../../src/format/index.ts";
import { SeededRandom, toHex } from "../../src/foundation/index.ts";
import { type Repository, storeState } from "../../src/repository/index.ts";

const BLOBS_IN_PACK = 1024;
const BLOB_BYTES = 60_000;
const RANDOM_BYTES = 1 << 20;

export interface GeneratedBlobs {
  readonly seed: number;
  readonly count: number;
  /** Of the snapshot that the state would be of. */
  readonly id: SnapshotId;
}

export interface GeneratedBlob {
  readonly mac: Uint8Array;
  readonly packfile: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** The same blobs for the same seed, with nothing behind them in the store. */
export function* blobsOf({ seed, count }: Pick<GeneratedBlobs, "seed" | "count">): Generator<GeneratedBlob> {
  const random = new SeededRandom(seed);
  let packfile: Uint8Array = new Uint8Array(32);
  let macs: Uint8Array = new Uint8Array();
  for (let number = 0; number < count; number++) {
    if (number % BLOBS_IN_PACK === 0) packfile = random.bytes(32);
    const at = (number * 32) % RANDOM_BYTES;
    if (at === 0) macs = random.bytes(RANDOM_BYTES);
    const offset = (number % BLOBS_IN_PACK) * BLOB_BYTES;
    yield { mac: macs.subarray(at, at + 32), packfile, offset, length: BLOB_BYTES };
  }
}

/** Stores one state that names so many blobs. */
export async function storeGenerated(repository: Repository, { id, ...rest }: GeneratedBlobs): Promise<void> {
  const state = new StateWriter();
  const packs = new Set<Uint8Array>();
  for (const { mac, packfile, offset, length } of blobsOf(rest)) {
    packs.add(packfile);
    state.location({ type: ResourceType.chunk, version: V1_0_0, mac, packfile, offset, length, flags: 0 });
  }
  for (const packfile of packs) state.packfile({ packfile, state: Buffer.from(id, "hex"), timestampNs: 1n });
  await storeState(repository, id, state);
}

/** How many of the blobs (each `step`th) the index answers with their one true place; throws when it answers anything else. */
export function countFound({ state }: Repository, blobs: Pick<GeneratedBlobs, "seed" | "count">, step = 1): number {
  let found = 0;
  let number = 0;
  for (const { mac, packfile, offset, length } of blobsOf(blobs)) {
    if (number++ % step !== 0) continue;
    const places = state.readableLocations(ResourceType.chunk, asMac(mac));
    if (places.length > 1) throw new Error(`blob ${number} is answered ${places.length} times`);
    const [place] = places;
    if (!place) continue;
    found++;
    const isTrue =
      state.packs.idOf(place.pack) === toHex(packfile) && place.offset === offset && place.length === length;
    if (!isTrue) throw new Error(`blob ${number} is answered at a wrong place`);
  }
  return found;
}
