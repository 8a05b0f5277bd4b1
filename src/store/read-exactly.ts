import type { ByteRange } from "./contract.ts";
import type { ReadableFile } from "./file-system.ts";

/** What `get` answers at once; packfiles have 64 MiB unless somebody chose otherwise. */
export const MAX_READ_BYTES: number = 4 * 2 ** 30;

/**
 * The range where a file of `sizeBytes` has all of it, else what `short` answers is thrown. Ranges come from the contents
 * of stores, so they are compared before anything is allocated. Without a range: the whole file.
 */
export function rangeWithin(range: ByteRange | undefined, sizeBytes: number, short: () => Error): ByteRange {
  if (range === undefined) return { offset: 0, length: sizeBytes };
  const { offset, length } = range;
  const sound = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sound || offset + length > sizeBytes) throw short();
  return range;
}

/** Reads all of a range; throws what `short` answers when the file ends before. */
export async function readExactly(
  file: ReadableFile,
  { offset, length }: ByteRange,
  short: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  // not zeroed first: every byte of it is read, or nothing is answered
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let done = 0;
  while (done < length) {
    const count = await file.read(bytes.subarray(done), offset + done);
    if (count === 0) throw short();
    done += count;
  }
  return bytes;
}
