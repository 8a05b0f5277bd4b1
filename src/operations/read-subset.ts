import { type Random, viewOf } from "../foundation/index.ts";
import type { ReadSubset } from "./check-contract.ts";

/** A packfile that could be read. */
export interface ReadablePack {
  readonly pack: number;
  readonly id: string;
  readonly sizeBytes: number;
}

/**
 * Which packfiles a subset takes. By chance at least one, whatever its size, so that no run reads nothing; part n of m takes
 * those whose first 32 bits leave n - 1 when divided by m, whatever else the store holds by then.
 */
export function selectPacks(packs: readonly ReadablePack[], subset: ReadSubset, random: Random): ReadablePack[] {
  if (subset.kind === "part") {
    return packs.filter(({ id }) => Number.parseInt(id.slice(0, 8), 16) % subset.parts === subset.part - 1);
  }
  const all = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const wanted = subset.kind === "share" ? subset.share * all : subset.bytes;
  const chosen: ReadablePack[] = [];
  let bytes = 0;
  for (const pack of shuffled(packs, random)) {
    if (bytes >= wanted) break;
    chosen.push(pack);
    bytes += pack.sizeBytes;
  }
  return chosen;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  const words = viewOf(random.bytes(order.length * 4));
  for (let last = order.length - 1; last > 0; last--) {
    const other = words.getUint32(last * 4, true) % (last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
