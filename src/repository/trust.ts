import { PlakarError } from "../foundation/index.ts";
import { listPackfiles } from "./packfile-list.ts";
import type { Repository } from "./repository.ts";

const NAMED = 3;

/**
 * Which packs a backup may deduplicate against: one byte a pack, in shared memory for the workers. Trusted is what a state
 * knows, nobody removed or coloured, AND the store still lists at its full length: content that was lost is stored again. `distrusted` are beginnings of the ids of
 * packfiles that check called damaged; flipped bytes cannot be seen without reading all.
 */
export async function trustedPacks(
  repository: Repository,
  distrusted: readonly string[] = [],
): Promise<Uint8Array<SharedArrayBuffer>> {
  const { state, store } = repository;
  const doubted = new Set(distrusted.map((prefix) => packBeginning(repository, prefix)));
  const trusted = new Uint8Array(new SharedArrayBuffer(Math.max(1, state.packIds.length)));
  const packfiles = await listPackfiles(store);
  const lost: string[] = [];
  for (const [pack, id] of state.packIds.entries()) {
    if (!state.isReadable(pack) || state.colouredPacks.has(pack)) continue;
    const size = packfiles.sizeOf(id);
    const isShort = size !== undefined && size < state.leastSizeOf(pack);
    if (!packfiles.has(id)) lost.push(`${id.slice(0, 8)} is missing`);
    else if (isShort) lost.push(`${id.slice(0, 8)} is shorter than it was`);
    else if (!doubted.has(pack)) trusted[pack] = 1;
  }
  if (lost.length > 0) repository.warn(`${listed(lost)}: run check; what this backup needs of it is stored again`);
  return trusted;
}

function listed(lost: readonly string[]): string {
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : "";
  return `packfile ${lost.slice(0, NAMED).join(", ")}${more}`;
}

/** The one packfile of the states whose id begins so. */
function packBeginning({ state, location }: Repository, prefix: string): number {
  const wanted = prefix.toLowerCase();
  const found = [...state.packIds.keys()].filter(
    (pack) => wanted !== "" && state.isReadable(pack) && state.packIds[pack]?.startsWith(wanted),
  );
  const [pack] = found;
  if (pack !== undefined && found.length === 1) return pack;
  const several = found.length > 1;
  const message = several
    ? `${prefix} begins the ids of ${found.length} packfiles`
    : `no packfile ${prefix} is known in ${location}`;
  throw new PlakarError(several ? "packfile-ambiguous" : "packfile-not-found", message, {
    kind: several ? "input" : "missing",
    advice: several ? "Give more digits." : "Give the digits that check shows behind the word packfile.",
  });
}
