import type { Repository } from "./repository.ts";

const WRAPPER_BYTES = 16 + 32;

/**
 * Which packs a backup may deduplicate against: one byte a pack, in shared memory for the workers. Trusted is what a state
 * knows, nobody removed or coloured, AND the store still lists at its full length: content that was lost is stored again.
 */
export async function trustedPacks(repository: Repository): Promise<Uint8Array<SharedArrayBuffer>> {
  const { state, store } = repository;
  const trusted = new Uint8Array(new SharedArrayBuffer(Math.max(1, state.packIds.length)));
  const sizes = new Map<string, number | undefined>();
  for (const { id, sizeBytes } of await store.list("packfiles", { sizes: true })) sizes.set(id, sizeBytes);
  for (const [pack, id] of state.packIds.entries()) {
    if (!state.isReadable(pack) || state.colouredPacks.has(pack) || !sizes.has(id)) continue;
    const size = sizes.get(id);
    if (size !== undefined && size < (state.extents[pack] ?? 0) + WRAPPER_BYTES) {
      repository.warn(`packfile ${id.slice(0, 8)} is shorter than it was: run check; its content is stored again`);
      continue;
    }
    trusted[pack] = 1;
  }
  return trusted;
}
