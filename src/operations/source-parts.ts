import { fromText, toBytes, toDisplay, toHex } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import type { HeaderFacts } from "../snapshot/index.ts";
import type { Source } from "../source/index.ts";

const PARTS_KEY = "Paths";
const MAX_PARTS_LENGTH = 4096;

/** Where only parts of the root were asked for: which. Snapshots of the whole root, and those of Go, lack it. */
export function partsContext({ sealer }: Repository, { root, paths }: Source): { key: string; value: string }[] {
  if (paths.length === 1 && paths[0] === root) return [];
  const all = JSON.stringify(paths.map(toDisplay));
  if (all.length <= MAX_PARTS_LENGTH) return [{ key: PARTS_KEY, value: all }];
  return [
    { key: PARTS_KEY, value: `${paths.length} paths, ${toHex(sealer.mac(toBytes(fromText(all)))).slice(0, 32)}` },
  ];
}

/** Whether a snapshot was asked for the same parts of its root as this source. */
export function hasSameParts(repository: Repository, header: HeaderFacts, source: Source): boolean {
  const [wanted] = partsContext(repository, source);
  return header.context?.find(({ key }) => key === PARTS_KEY)?.value === wanted?.value;
}
