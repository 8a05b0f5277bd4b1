import type { RestoreItem } from "../destination/index.ts";
import { type ChunkRef, ResourceType } from "../format/index.ts";
import { type ByteString, corrupted, toDisplay } from "../foundation/index.ts";
import { type BlobLocation, missingBlob, type Repository } from "../repository/index.ts";

/** One request to the store: neighbours are read together, with at most this much unused between them. */
const RANGE_BYTES = 8 << 20;
const GAP_BYTES = 64 << 10;

/** A file on its way: finished when its last piece is written. */
export interface OpenFile {
  readonly item: RestoreItem;
  /** Absolute; known once the file was begun. */
  fsPath: ByteString;
  /** Everything the file consists of. */
  readonly pieces: readonly PlannedPiece[];
  /** Whether something was there before, which is mended in place. */
  inPlace: boolean;
  /** Whether there is anything to write to it, and it was made ready for that. */
  begun: boolean;
  writtenBytes: number;
  waiting: number;
  planned: boolean;
  /** A worker makes it in one go. */
  simple: boolean;
  failure: unknown;
}

export interface PlannedPiece {
  readonly file: OpenFile;
  readonly chunk: ChunkRef;
  readonly fileOffset: number;
  /** Places not yet tried; the first is the one in use. */
  readonly locations: readonly BlobLocation[];
}

/** What a file of a size consists of, by its chunks. `from`: its path in the snapshot, for messages. */
export function piecesOf(
  { reader }: Repository,
  file: OpenFile,
  chunks: readonly ChunkRef[],
  { from, sizeBytes }: { readonly from: ByteString; readonly sizeBytes: number },
): PlannedPiece[] {
  const pieces: PlannedPiece[] = [];
  let at = 0;
  for (const chunk of chunks) {
    const locations = reader.locate(ResourceType.chunk, chunk.mac);
    if (locations.length === 0) throw missingBlob(ResourceType.chunk, chunk.mac, `a part of ${toDisplay(from)}`);
    if (chunk.length > 0) pieces.push({ file, chunk, fileOffset: at, locations });
    at += chunk.length;
  }
  if (at === sizeBytes) return pieces;
  throw corrupted("size-mismatch", `${toDisplay(from)} has ${at} bytes of content where its entry says ${sizeBytes}`);
}

/** Pieces by place, neighbours together. */
export function coalesce(pieces: readonly PlannedPiece[]): PlannedPiece[][] {
  const sorted = pieces.toSorted((a, b) => placeOf(a).pack - placeOf(b).pack || placeOf(a).offset - placeOf(b).offset);
  const ranges: PlannedPiece[][] = [];
  let start = 0;
  let end = 0;
  let pack = -1;
  for (const piece of sorted) {
    const { pack: piecePack, offset, length } = placeOf(piece);
    const last = ranges.at(-1);
    if (last && piecePack === pack && offset <= end + GAP_BYTES && offset + length - start <= RANGE_BYTES)
      last.push(piece);
    else {
      ranges.push([piece]);
      start = offset;
      pack = piecePack;
      end = 0;
    }
    end = Math.max(end, offset + length);
  }
  return ranges;
}

/** Where a range lies in its packfile. */
export function extentOf(range: readonly PlannedPiece[]): { readonly start: number; readonly length: number } {
  const start = Math.min(...range.map((piece) => placeOf(piece).offset));
  const end = Math.max(...range.map((piece) => placeOf(piece).offset + placeOf(piece).length));
  return { start, length: end - start };
}

export function placeOf({ locations }: PlannedPiece): BlobLocation {
  return locations[0] as BlobLocation;
}
