import { type Expectation, type Mac, PTAR_STATE_ID, ResourceType, STATE_VERSION, unwrap } from "../format/index.ts";
import { corrupted, isPlakarError, mapBounded, messageOf, PlakarError, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import { compactIfLarge, type IndexPlace, spillIfLarge } from "./index-place.ts";
import { MergedState } from "./merged-state.ts";
import type { StateCache } from "./state-cache.ts";
import type { StateNature } from "./state-merging.ts";
import { mergeStreamed } from "./state-stream.ts";

const PARALLEL_READS = 8;
const MAX_STATE_BYTES = 2 ** 31 - 1;
/** Larger states are read part by part: of eight small ones at once none is held for long. */
const WHOLE_UP_TO_BYTES = 2 << 20;

interface LoaderParts {
  readonly store: Store;
  readonly sealer: Sealer;
}

export interface StateProblems {
  /** A state that cannot be read is left out. Without this it fails the whole. */
  readonly onDamage?: (stateId: string, error: PlakarError) => void;
  /** A state that is sound, but lies under the name of another: which may be lost. */
  readonly onMisplaced: (stateId: string, error: PlakarError) => void;
}

export interface LoadOptions extends StateProblems {
  readonly cache?: StateCache | undefined;
  readonly place: IndexPlace;
}

/**
 * The union of all states in the store. The store's own list decides: a cache that knows a state which is no longer there
 * is thrown away. A damaged state fails the whole, because with a part of the index "nothing to do" and "lost" look the
 * same; only `check` goes on with the rest.
 */
export async function loadState(parts: LoaderParts, options: LoadOptions): Promise<MergedState> {
  const { cache } = options;
  const listed = (await parts.store.list("states")).map(({ id }) => id);
  const cached = await cache?.load();
  const present = new Set(listed);
  if (cached && [...cached.states].every((id) => present.has(id))) {
    try {
      return await mergeAll(parts, listed, cached, options);
    } catch (error) {
      if (!(error instanceof PlakarError) || error.code !== "cache-damaged") throw error;
    }
  }
  if (cached) {
    cached.blobs.close();
    cache?.discard();
  }
  return await mergeAll(parts, listed, new MergedState(), options);
}

/** Merges what is listed and not yet in `merged`. */
async function mergeAll(
  parts: LoaderParts,
  listed: readonly string[],
  merged: MergedState,
  { cache, place, onDamage, onMisplaced }: LoadOptions,
): Promise<MergedState> {
  const unknown = listed.filter((id) => !merged.states.has(id));
  if (unknown.length === 0) return merged;
  const sizes = await sizesOf(parts.store, unknown);
  const isLarge = (id: string): boolean => (sizes.get(id) ?? 0) > WHOLE_UP_TO_BYTES;
  let isWhole = true;
  const mergeOne = async (id: string): Promise<void> => {
    try {
      const misplaced = await (isLarge(id)
        ? mergeLarge(parts, merged, { id, sizeBytes: sizes.get(id) as number, place })
        : mergeSmall(parts, merged, id));
      spillIfLarge(merged.blobs, place);
      if (!misplaced) return;
      isWhole = false; // else the next run would not be told
      onMisplaced(id, misplaced);
    } catch (error) {
      if (!onDamage || !isPlakarError(error)) throw error;
      onDamage(id, error);
      isWhole = false;
    }
  };
  await mapBounded(
    unknown.filter((id) => !isLarge(id)),
    PARALLEL_READS,
    mergeOne,
  );
  // one at a time, for each takes some memory
  for (const id of unknown.filter(isLarge)) await mergeOne(id);
  const built = compactIfLarge(merged.blobs, place);
  merged.settle();
  if (cache && isWhole) cache.save(merged, built?.file);
  else built?.file?.unlink();
  return merged;
}

async function sizesOf(store: Store, ids: readonly string[]): Promise<Map<string, number>> {
  const wanted = new Set(ids);
  const sizes = new Map<string, number>();
  for (const { id, sizeBytes } of await store.list("states", { sizes: true }))
    if (wanted.has(id) && sizeBytes !== undefined) sizes.set(id, sizeBytes);
  return sizes;
}

async function mergeSmall(parts: LoaderParts, merged: MergedState, id: string): Promise<PlakarError | undefined> {
  const { plain, version } = await readStateFile(parts, id);
  const nature = merged.merge(id, plain, version);
  return misplacement(id, nature, () => parts.sealer.mac(plain));
}

/** A state that is not held in memory as a whole. */
async function mergeLarge(
  { store, sealer }: LoaderParts,
  merged: MergedState,
  { id, sizeBytes, place }: { readonly id: string; readonly sizeBytes: number; readonly place: IndexPlace },
): Promise<PlakarError | undefined> {
  try {
    const file = { store, sealer, id, sizeBytes, expect: expectationOf(id) };
    const { nature, ownMac } = await mergeStreamed(merged, file, place);
    return misplacement(id, nature, () => ownMac as Mac);
  } catch (error) {
    throw asStateDamage(id, error);
  }
}

/**
 * A state's own MAC does not cover its name. One that adds packfiles names itself with each (kloset-format section 6), one
 * that only removes snapshots is named by the MAC of its content; the states of Go's maintenance bear names by chance.
 */
function misplacement(id: string, { said, removesOnly }: StateNature, mac: () => Mac): PlakarError | undefined {
  if (id === PTAR_STATE_ID) return undefined; // a .ptar file does not keep the name of its state
  const own = removesOnly ? [toHex(mac())] : [...said];
  if (own.length === 0) return undefined;
  if (own.includes(id)) return undefined;
  const what = own.map((each) => each.slice(0, 8)).join(", ");
  const message = `state ${id.slice(0, 8)} is not what was stored under its name, but state ${what}`;
  return new PlakarError("state-misplaced", message, {
    kind: "corrupted",
    details: { state: id },
    advice: "The snapshots and packfiles that it listed may be lost from the index: run check.",
  });
}

/** One state file, verified and opened. Fails with kind `corrupted` naming the state, or `newer`. */
export async function readStateFile(parts: LoaderParts, id: string): Promise<{ plain: Uint8Array; version: number }> {
  try {
    const bytes = await parts.store.get("states", id);
    const expect = expectationOf(id);
    const { version, body } = unwrap(bytes, expect, (content) => parts.sealer.mac(content));
    const maxBytes = Math.min(MAX_STATE_BYTES, body.length * 1100 + 65536);
    return { version, plain: parts.sealer.open(body, { maxBytes, what: expect.what }) };
  } catch (error) {
    throw asStateDamage(id, error);
  }
}

function expectationOf(id: string): Expectation {
  return { type: ResourceType.state, maxVersion: STATE_VERSION, what: `state ${id.slice(0, 8)}` };
}

/** What reading a state failed with, as what it means for the state. */
function asStateDamage(id: string, error: unknown): unknown {
  if (isPlakarError(error, "newer") || isPlakarError(error, "unavailable")) return error;
  if (error instanceof PlakarError && error.kind !== "corrupted" && error.kind !== "missing") return error;
  const what = expectationOf(id).what;
  return corrupted("state-damaged", `${what} is damaged: ${messageOf(error)}`, { state: id }, error);
}
