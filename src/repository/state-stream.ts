import {
  type Expectation,
  type Mac,
  StateParser,
  unwrap,
  unwrapUnchecked,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
} from "../format/index.ts";
import { concatBytes } from "../foundation/index.ts";
import type { Sealer, StreamingMac } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import { BlobSpill } from "./blob-spill.ts";
import type { IndexPlace } from "./index-place.ts";
import type { MergedState } from "./merged-state.ts";
import { StateMerging, type StateNature } from "./state-merging.ts";

/** What is fetched at once. */
const PART_BYTES = 4 << 20;
/** No sound state expands by more. */
const MAX_EXPANSION = 1100;

interface StreamedState {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly id: string;
  readonly sizeBytes: number;
  readonly expect: Expectation;
}

/**
 * Merges a state of any size part by part. Its MAC is known at its end only: until then the places of its blobs are kept
 * apart, and all else that it says is held back. Fails as `unwrap`, opening and reading a state do; then nothing of it counts.
 */
export async function mergeStreamed(
  state: MergedState,
  file: StreamedState,
  { directory }: IndexPlace,
): Promise<{ nature: StateNature; ownMac: Mac | undefined }> {
  const { store, sealer, id, sizeBytes, expect } = file;
  const bodyEnd = sizeBytes - WRAPPER_TRAILER_BYTES;
  const header = await store.get("states", id, { offset: 0, length: WRAPPER_HEADER_BYTES });
  const trailer = await store.get("states", id, { offset: bodyEnd, length: WRAPPER_TRAILER_BYTES });
  const wrapper = concatBytes([header, trailer]);
  const { type, version } = unwrapUnchecked(wrapper);
  const fileMac = sealer.createMac();
  fileMac.update(header);
  const body = bodyOf(file, fileMac);
  const spill = new BlobSpill(directory);
  try {
    const merging = new StateMerging(state, id, (...place) => spill.add(...place));
    let ownMac: Mac | undefined;
    if (type === expect.type && version <= expect.maxVersion)
      ownMac = await parse(file, body, merging, new StateParser(version, merging.visitor));
    else for await (const _ of body); // what is wrong with it is believed when its bytes are sound
    unwrap(wrapper, expect, () => fileMac.digest());
    state.blobs.adopt(spill);
    return { nature: merging.finish(), ownMac };
  } catch (error) {
    spill.close();
    throw error;
  }
}

/** Answers the MAC of the content where the state removes snapshots and nothing else: then it is its name. */
async function parse(
  { sealer, sizeBytes, expect }: StreamedState,
  body: AsyncIterable<Uint8Array>,
  merging: StateMerging,
  parser: StateParser,
): Promise<Mac | undefined> {
  const plainMac = sealer.createMac();
  const limits = { maxBytes: sizeBytes * MAX_EXPANSION + 65536, what: expect.what };
  for await (const part of sealer.openParts(body, limits)) {
    if (!merging.doesMore) plainMac.update(part);
    parser.add(part);
  }
  parser.finish();
  return merging.removesOnly ? plainMac.digest() : undefined;
}

async function* bodyOf({ store, id, sizeBytes }: StreamedState, mac: StreamingMac): AsyncGenerator<Uint8Array> {
  const end = sizeBytes - WRAPPER_TRAILER_BYTES;
  for (let offset = WRAPPER_HEADER_BYTES; offset < end; offset += PART_BYTES) {
    const part = await store.get("states", id, { offset, length: Math.min(PART_BYTES, end - offset) });
    mac.update(part);
    yield part;
  }
}
