import { WRAPPER_HEADER_BYTES, WRAPPER_TRAILER_BYTES } from "../format/index.ts";
import { listPackfiles } from "./packfile-list.ts";
import type { Repository } from "./repository.ts";

const NAMED = 3;

/**
 * Which packs a backup may deduplicate against: one byte a pack, in shared memory for the workers. Trusted is what a state
 * knows, nobody removed or coloured, AND the store still lists at its full length: content that was lost is stored again.
 */
export async function trustedPacks(repository: Repository): Promise<Uint8Array<SharedArrayBuffer>> {
  const { state, store } = repository;
  const trusted = new Uint8Array(new SharedArrayBuffer(Math.max(1, state.packIds.length)));
  const packfiles = await listPackfiles(store);
  const lost: string[] = [];
  for (const [pack, id] of state.packIds.entries()) {
    if (!state.isReadable(pack) || state.colouredPacks.has(pack)) continue;
    const size = packfiles.sizeOf(id);
    const isShort =
      size !== undefined && size < (state.extents[pack] ?? 0) + WRAPPER_HEADER_BYTES + WRAPPER_TRAILER_BYTES;
    if (!packfiles.has(id)) lost.push(`${id.slice(0, 8)} is missing`);
    else if (isShort) lost.push(`${id.slice(0, 8)} is shorter than it was`);
    else trusted[pack] = 1;
  }
  if (lost.length > 0) repository.warn(`${listed(lost)}: run check; what this backup needs of it is stored again`);
  return trusted;
}

function listed(lost: readonly string[]): string {
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : "";
  return `packfile ${lost.slice(0, NAMED).join(", ")}${more}`;
}
