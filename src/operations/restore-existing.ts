import { type ByteString, fromBytes, fromLatin1 } from "../foundation/index.ts";
import type { WorkerPool } from "../pipeline/index.ts";
import type { OpenFile, PlannedPiece } from "./restore-ranges.ts";

/** What one request to a worker compares at most. */
const REQUEST_BYTES = 32 << 20;

/** Has workers read files and answers those pieces whose content is already where it belongs. */
export async function findSamePieces(pool: WorkerPool, pieces: readonly PlannedPiece[]): Promise<Set<PlannedPiece>> {
  const same = new Set<PlannedPiece>();
  const running: Promise<void>[] = [];
  for (const group of groupsOf(pieces)) {
    await pool.room();
    const compared = compareGroup(pool, group, same);
    compared.catch(() => undefined); // awaited below, unless there is never room again
    running.push(compared);
  }
  await Promise.all(running);
  return same;
}

async function compareGroup(pool: WorkerPool, group: readonly PlannedPiece[], same: Set<PlannedPiece>): Promise<void> {
  const files = [...new Set(group.map(({ file }) => file))];
  const numbers = new Map(files.map((file, number) => [file, number]));
  const answer = await pool.call({
    kind: "compare-pieces",
    files: files.map(({ fsPath }) => fsPath),
    pieces: group.map(({ file, chunk, fileOffset }) => ({
      file: numbers.get(file) as number,
      fileOffset,
      contentBytes: chunk.length,
      mac: chunk.mac,
    })),
  });
  if (answer.kind !== "compared-pieces") throw new Error(`a worker answered ${answer.kind}`);
  for (const [index, piece] of group.entries()) if (answer.same[index] === 1) same.add(piece);
}

function* groupsOf(pieces: readonly PlannedPiece[]): Generator<readonly PlannedPiece[]> {
  let group: PlannedPiece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    group.push(piece);
    bytes += piece.chunk.length;
    if (bytes < REQUEST_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

/** A destination's path as bytes. */
export function pathOf({ fsPath }: { readonly fsPath: string | Buffer }): ByteString {
  return typeof fsPath === "string" ? fromLatin1(fsPath) : fromBytes(fsPath);
}

/** What is still to be written of a file. */
export function missingPieces(file: OpenFile, same: ReadonlySet<PlannedPiece>): PlannedPiece[] {
  return file.pieces.filter((piece) => !same.has(piece));
}
