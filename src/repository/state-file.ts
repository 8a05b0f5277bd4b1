import { concatBytes, equalBytes, viewOf } from "../foundation/index.ts";
import type { Sealer } from "../sealing/index.ts";
import type { BlobBase } from "./blob-base.ts";
import type { BaseFacts } from "./blob-base-layout.ts";
import { BlobIndex } from "./blob-index.ts";
import { BlobTable } from "./blob-table.ts";
import { MergedState } from "./merged-state.ts";
import { PackTable } from "./pack-table.ts";

/*
 * A merged state as the cache has it, but for the base of its index, which it names. A keyed MAC over the whole finds damage.
 *
 *   8 magic | u32 head length | head (JSON) | columns of packs | removed records | records of the table | 32 MAC
 */
const MAGIC = Buffer.from("PLKSTAT4");
const HEAD_AT = 12;
const MAC_BYTES = 32;
const ID_BYTES = 32;

interface Head {
  readonly states: readonly string[];
  readonly packs: number;
  readonly colouredPacks: readonly (readonly [number, string])[];
  readonly colouredSnapshots: readonly string[];
  readonly uncolouredSnapshots: readonly string[];
  readonly headers: readonly [string, number[]][];
  readonly unknownEntries: number;
  readonly base: BaseFacts | null;
  readonly removed: number;
}

export function encodeMergedState(state: MergedState, sealer: Sealer): Uint8Array {
  const { ids, flags, extents, ends } = state.packs.columns;
  const removed = Uint32Array.from(state.blobs.removedRecords());
  const head: Head = {
    states: [...state.states],
    packs: flags.length,
    colouredPacks: [...state.colouredPacks].map(([pack, ns]) => [pack, ns.toString()]),
    colouredSnapshots: [...state.colouredSnapshots],
    uncolouredSnapshots: [...state.uncolouredSnapshots],
    headers: [...state.headers],
    unknownEntries: state.unknownEntries,
    base: state.blobs.base?.facts ?? null,
    removed: removed.length,
  };
  const json = Buffer.from(JSON.stringify(head));
  const headLength = new Uint8Array(4);
  viewOf(headLength).setUint32(0, json.length, true);
  const columns = [ids, flags, bytesOf(extents), bytesOf(ends), bytesOf(removed), state.blobs.table.recordBytes()];
  const content = concatBytes([MAGIC, headLength, json, ...columns]);
  return concatBytes([content, macOf(sealer, content)]);
}

/** `openBase` finds the base that is meant. Undefined when the file is anything but whole, or its base is not there. */
export function decodeMergedState(
  file: Uint8Array,
  sealer: Sealer,
  openBase: (facts: BaseFacts) => BlobBase | undefined,
): MergedState | undefined {
  if (file.length < HEAD_AT + MAC_BYTES || !equalBytes(file.subarray(0, MAGIC.length), MAGIC)) return undefined;
  const content = file.subarray(0, file.length - MAC_BYTES);
  if (!equalBytes(macOf(sealer, content), file.subarray(file.length - MAC_BYTES))) return undefined;
  const headEnd = HEAD_AT + viewOf(file).getUint32(8, true);
  const head = JSON.parse(Buffer.from(content.subarray(HEAD_AT, headEnd)).toString()) as Head;
  let at = headEnd;
  const take = (size: number): Uint8Array<ArrayBuffer> => {
    at += size;
    return new Uint8Array(content.subarray(at - size, at)); // a copy, which begins where doubles may
  };
  const packs = PackTable.fromColumns({
    ids: take(head.packs * ID_BYTES),
    flags: take(head.packs),
    extents: new Float64Array(take(head.packs * 8).buffer),
    ends: new Float64Array(take(head.packs * 8).buffer),
  });
  const removed = new Uint32Array(take(head.removed * 4).buffer);
  const base = head.base ? openBase(head.base) : undefined;
  if (head.base && !base) return undefined;
  const blobs = new BlobIndex(BlobTable.fromRecords(content.subarray(at)), base);
  for (const record of removed) blobs.removeRecord(record);
  return restoreState(head, packs, blobs);
}

function restoreState(head: Head, packs: PackTable, blobs: BlobIndex): MergedState {
  const state = new MergedState({ packs, blobs });
  for (const id of head.states) state.states.add(id);
  for (const [pack, ns] of head.colouredPacks) state.colouredPacks.set(pack, BigInt(ns));
  for (const id of head.colouredSnapshots) state.colouredSnapshots.add(id);
  for (const id of head.uncolouredSnapshots) state.uncolouredSnapshots.add(id);
  for (const [id, its] of head.headers) state.headers.set(id, its);
  state.unknownEntries = head.unknownEntries;
  return state;
}

function macOf(sealer: Sealer, content: Uint8Array): Uint8Array {
  const mac = sealer.createMac();
  mac.update(content);
  return mac.digest();
}

function bytesOf(column: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
