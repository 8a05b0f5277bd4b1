import { WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import { listPackfiles } from "./packfile-list.ts";
import type { Repository } from "./repository.ts";

/**
 * Which packs a backup may deduplicate against: one byte a pack, in shared memory for the workers. Trusted is what a state
 * knows, nobody removed or coloured, AND the store still lists at its full length: content that was lost is stored again.
 */
export async function trustedPacks(repository: Repository): Promise<Uint8Array<SharedArrayBuffer>> {
  const { state, store } = repository;
  const trusted = new Uint8Array(new SharedArrayBuffer(Math.max(1, state.packIds.length)));
  const packfiles = await listPackfiles(store);
  for (const [pack, id] of state.packIds.entries()) {
    if (!state.isReadable(pack) || state.colouredPacks.has(pack) || !packfiles.has(id)) continue;
    const size = packfiles.sizeOf(id);
    if (size !== undefined && size < (state.extents[pack] ?? 0) + WRAPPER_HEADER_BYTES + WRAPPER_TRAILER_BYTES) {
      repository.warn(`packfile ${id.slice(0, 8)} is shorter than it was: run check; its content is stored again`);
      continue;
    }
    trusted[pack] = 1;
  }
  return trusted;
}
