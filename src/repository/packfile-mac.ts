import { type Mac, ResourceType, WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import { corrupted, equalBytes, type PlakarError, toHex } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Store } from "../store/contract.ts";
import type { MergedState } from "./merged-state.ts";
import { listPackfiles } from "./packfile-list.ts";

const PART_BYTES = 8 << 20;

interface StoredPackfile {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly id: string;
  readonly sizeBytes: number;
}

/** The MAC over all bytes of a packfile, read part by part; "" when it is right, else what is wrong. */
export async function packfileProblem(file: StoredPackfile, partBytes: number = PART_BYTES): Promise<string> {
  const { store, sealer, id, sizeBytes } = file;
  const end = sizeBytes - WRAPPER_TRAILER_BYTES;
  if (end < WRAPPER_HEADER_BYTES) return "it is too short";
  const mac = sealer.createMac();
  for (let offset = 0; offset < end; offset += partBytes) {
    mac.update(await store.get("packfiles", id, { offset, length: Math.min(partBytes, end - offset) }));
  }
  const trailer = await store.get("packfiles", id, { offset: end, length: WRAPPER_TRAILER_BYTES });
  return equalBytes(mac.digest(), trailer) ? "" : "its bytes are not those that were written";
}

interface WarrantParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly state: MergedState;
}

/**
 * Finds damage that may have hit a snapshot's header. It is the one blob that does not bear its MAC; where neither a cipher
 * nor a compressor covers it, its packfile must be read as a whole (docs/damage.md).
 */
export class HeaderWarrant {
  readonly #parts: WarrantParts;
  readonly #verdicts: Map<number, Promise<string>> = new Map();
  #sizes: Promise<(id: string) => number> | undefined;

  constructor(parts: WarrantParts) {
    this.#parts = parts;
  }

  /** The damage of the packfile that a header lies in; undefined when it is sound, or damage would show by itself. */
  async problemOf(id: Mac): Promise<PlakarError | undefined> {
    const { sealer, state } = this.#parts;
    const [place] = sealer.detectsDamage ? [] : state.readableLocations(ResourceType.snapshot, id);
    if (!place) return undefined;
    let verdict = this.#verdicts.get(place.pack);
    if (!verdict) this.#verdicts.set(place.pack, (verdict = this.#verdictOn(place.pack)));
    const problem = await verdict;
    if (problem === "") return undefined;
    const packfile = state.packs.idOf(place.pack);
    const message = `what snapshot ${toHex(id).slice(0, 8)} says of itself may be wrong: packfile ${packfile.slice(0, 8)} is damaged`;
    return corrupted("packfile-damaged", `${message}: ${problem}`, { packfile });
  }

  async #verdictOn(pack: number): Promise<string> {
    const { store, sealer, state } = this.#parts;
    this.#sizes ??= listPackfiles(store).then((list) => (id) => list.sizeOf(id) ?? 0);
    const id = state.packs.idOf(pack);
    return packfileProblem({ store, sealer, id, sizeBytes: (await this.#sizes)(id) });
  }
}
