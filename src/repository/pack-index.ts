import {
  decodePackFooter,
  decodePackIndex,
  type PackFooter,
  type PackIndexEntry,
  unwrapUnchecked,
  WRAPPER_HEADER_BYTES,
  WRAPPER_TRAILER_BYTES,
} from "../format/index.ts";
import { corrupted, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { Repository } from "./repository.ts";

const RECORD_BYTES = 56;
/** More than any sealed footer. */
const FOOTER_READ_BYTES = 16 << 10;

/** A packfile's own index, found by its footer. States are what counts; this serves repair, `diag` and `check`. */
export async function readPackIndex(repository: Repository, packfile: string): Promise<PackIndexEntry[]> {
  const { body } = unwrapUnchecked(await repository.store.get("packfiles", packfile));
  return indexOfBody(repository.sealer, body, packfile);
}

/** The same from the packfile's end alone, of whose `sizeBytes` no more than about a hundredth is read. */
export async function readPackIndexAtEnd(
  repository: Repository,
  packfile: string,
  sizeBytes: number,
): Promise<PackIndexEntry[]> {
  const endBytes = sizeBytes - WRAPPER_TRAILER_BYTES;
  const first = Math.max(WRAPPER_HEADER_BYTES, endBytes - FOOTER_READ_BYTES);
  if (endBytes <= first) throw corrupted("packfile-damaged", `packfile ${packfile.slice(0, 8)} is empty`, { packfile });
  const { sealer, store } = repository;
  const tail = await store.get("packfiles", packfile, { offset: first, length: endBytes - first });
  const { footer, footerStart } = footerOfTail(sealer, tail, packfile);
  const [start, end] = [WRAPPER_HEADER_BYTES + footer.indexOffset, first + footerStart];
  if (start > end)
    throw corrupted("packfile-damaged", `the index of ${packfile.slice(0, 8)} lies outside`, { packfile });
  const index =
    start >= first
      ? tail.subarray(start - first, footerStart)
      : await store.get("packfiles", packfile, { offset: start, length: end - start });
  return openIndex(sealer, index, footer.count, packfile);
}

function indexOfBody(sealer: Sealer, body: Uint8Array, packfile: string): PackIndexEntry[] {
  const { footer, footerStart } = footerOfTail(sealer, body, packfile);
  if (footer.indexOffset > footerStart)
    throw corrupted("packfile-damaged", `the index of packfile ${packfile.slice(0, 8)} lies outside`, { packfile });
  return openIndex(sealer, body.subarray(footer.indexOffset, footerStart), footer.count, packfile);
}

/** The sealed footer stands before its own length, which is last. */
function footerOfTail(
  sealer: Sealer,
  body: Uint8Array,
  packfile: string,
): { readonly footer: PackFooter; readonly footerStart: number } {
  const what = `the index of packfile ${packfile.slice(0, 8)}`;
  const footerLength = body.length < 4 ? Number.POSITIVE_INFINITY : viewOf(body).getUint32(body.length - 4, true);
  const footerStart = body.length - 4 - footerLength;
  if (footerStart < 0) throw corrupted("packfile-damaged", `${what} cannot be found`, { packfile });
  const footer = decodePackFooter(
    sealer.open(body.subarray(footerStart, body.length - 4), { maxBytes: 1 << 12, what }),
  );
  return { footer, footerStart };
}

function openIndex(sealer: Sealer, sealed: Uint8Array, count: number, packfile: string): PackIndexEntry[] {
  const maxBytes = Math.min(1 << 30, count * RECORD_BYTES + 64);
  return decodePackIndex(sealer.open(sealed, { maxBytes, what: `the index of packfile ${packfile.slice(0, 8)}` }));
}
