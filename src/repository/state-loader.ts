import { PTAR_STATE_ID, ResourceType, STATE_VERSION, unwrap } from "../format/index.ts";
import { corrupted, isPlakarError, mapBounded, messageOf, PlakarError, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import { MergedState, type StateNature } from "./merged-state.ts";
import type { StateCache } from "./state-cache.ts";

const PARALLEL_READS = 8;
const MAX_STATE_BYTES = 2 ** 31 - 1;

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

/**
 * The union of all states in the store. The store's own list decides: a cache that knows a state which is no longer there
 * is thrown away. A damaged state fails the whole, because with a part of the index "nothing to do" and "lost" look the
 * same; only `check` goes on with the rest.
 */
export async function loadState(
  parts: LoaderParts,
  cache: StateCache | undefined,
  { onDamage, onMisplaced }: StateProblems,
): Promise<MergedState> {
  const listed = (await parts.store.list("states")).map(({ id }) => id);
  let state = (await cache?.load()) ?? new MergedState();
  const present = new Set(listed);
  if ([...state.states].some((id) => !present.has(id))) {
    cache?.discard();
    state = new MergedState();
  }
  const merged = state;
  let isWhole = true;
  const unknown = listed.filter((id) => !merged.states.has(id));
  await mapBounded(unknown, PARALLEL_READS, async (id) => {
    try {
      const decoded = await readStateFile(parts, id);
      const nature = merged.merge(id, decoded.plain, decoded.version);
      const misplaced = misplacement(parts, id, decoded.plain, nature);
      if (!misplaced) return;
      isWhole = false;
      onMisplaced(id, misplaced);
    } catch (error) {
      if (!onDamage || !isPlakarError(error)) throw error;
      onDamage(id, error);
    }
  });
  merged.settle();
  if (unknown.length > 0 && isWhole) cache?.save(merged); // else the next run would not be told

  return merged;
}

/**
 * A state's own MAC does not cover its name. One that adds packfiles names itself with each (kloset-format section 6), one
 * that only removes snapshots is named by the MAC of its content; the states of Go's maintenance bear names by chance.
 */
function misplacement(
  { sealer }: LoaderParts,
  id: string,
  plain: Uint8Array,
  { said, removesOnly }: StateNature,
): PlakarError | undefined {
  if (id === PTAR_STATE_ID) return undefined; // a .ptar file does not keep the name of its state
  const own = removesOnly ? [toHex(sealer.mac(plain))] : [...said];
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
  const what = `state ${id.slice(0, 8)}`;
  try {
    const bytes = await parts.store.get("states", id);
    const expect = { type: ResourceType.state, maxVersion: STATE_VERSION, what };
    const { version, body } = unwrap(bytes, expect, (content) => parts.sealer.mac(content));
    const maxBytes = Math.min(MAX_STATE_BYTES, body.length * 1100 + 65536);
    return { version, plain: parts.sealer.open(body, { maxBytes, what }) };
  } catch (error) {
    if (isPlakarError(error, "newer") || isPlakarError(error, "unavailable")) throw error;
    if (error instanceof PlakarError && error.kind !== "corrupted" && error.kind !== "missing") throw error;
    throw corrupted("state-damaged", `${what} is damaged: ${messageOf(error)}`, { state: id }, error);
  }
}
