import { decodePackFooter, decodePackIndex, type PackIndexEntry, unwrapUnchecked } from "../format/index.ts";
import { corrupted, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Repository } from "./repository.ts";

const RECORD_BYTES = 56;

/** A packfile's own index, found by its footer. States are what counts; this serves repair, `diag` and `check`. */
export async function readPackIndex(repository: Repository, packfile: string): Promise<PackIndexEntry[]> {
  const { body } = unwrapUnchecked(await repository.store.get("packfiles", packfile));
  return indexOfBody(repository.sealer, body, packfile);
}

function indexOfBody(sealer: Sealer, body: Uint8Array, packfile: string): PackIndexEntry[] {
  const what = `the index of packfile ${packfile.slice(0, 8)}`;
  const footerLength = body.length < 4 ? Number.POSITIVE_INFINITY : viewOf(body).getUint32(body.length - 4, true);
  const footerStart = body.length - 4 - footerLength;
  if (footerStart < 0) throw corrupted("packfile-damaged", `${what} cannot be found`, { packfile });
  const footer = decodePackFooter(
    sealer.open(body.subarray(footerStart, body.length - 4), { maxBytes: 1 << 12, what }),
  );
  if (footer.indexOffset > footerStart) throw corrupted("packfile-damaged", `${what} lies outside`, { packfile });
  const maxBytes = Math.min(1 << 30, footer.count * RECORD_BYTES + 64);
  return decodePackIndex(sealer.open(body.subarray(footer.indexOffset, footerStart), { maxBytes, what }));
}
