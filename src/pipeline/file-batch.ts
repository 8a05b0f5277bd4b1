import type { ByteString } from "../foundation/index.ts";
import type { SharedRing } from "./byte-ring.ts";
import type { FileBatch, FileToStore, StoredBatch, StoredFileContent } from "./protocol.ts";

/*
 * Files and what became of them on their way between threads. An object for each would be copied field by field, and be the
 * larger part of the cost of a small file: what travels is one array for each field.
 */

export function packFiles(files: readonly FileToStore[]): FileBatch {
  const sizes = new Float64Array(files.length);
  const modifiedNs = new BigInt64Array(files.length);
  const contents: [number, Uint8Array<ArrayBuffer> | SharedRing][] = [];
  const paths: ByteString[] = [];
  for (const [index, file] of files.entries()) {
    paths.push(file.path);
    sizes[index] = file.sizeBytes;
    modifiedNs[index] = file.modifiedNs;
    if (file.content !== undefined) contents.push([index, file.content]);
  }
  return { paths: paths.join("\0"), sizes, modifiedNs, contents };
}

export function unpackFiles({ paths, sizes, modifiedNs, contents }: FileBatch): FileToStore[] {
  const given = new Map(contents);
  return paths.split("\0").map((path, index) => {
    const content = given.get(index);
    return {
      path: path as ByteString,
      sizeBytes: sizes[index] as number,
      modifiedNs: modifiedNs[index] as bigint,
      ...(content !== undefined && { content }),
    };
  });
}

const MAC_BYTES = 32;

export function packResults(results: readonly StoredFileContent[]): StoredBatch {
  const count = results.length;
  const objects = new Uint8Array(count * MAC_BYTES);
  const contentTypes: string[] = [];
  const contentType = new Uint16Array(count);
  const entropy = new Float64Array(count);
  const chunks = new Uint32Array(count);
  const sizes = new Float64Array(count);
  const modifiedNs = new BigInt64Array(count);
  const changed: number[] = [];
  const failures: [number, NonNullable<StoredFileContent["failure"]>][] = [];
  for (const [index, result] of results.entries()) {
    objects.set(result.object, index * MAC_BYTES);
    let known = contentTypes.indexOf(result.contentType);
    if (known < 0) known = contentTypes.push(result.contentType) - 1;
    contentType[index] = known;
    entropy[index] = result.entropy;
    chunks[index] = result.chunks;
    sizes[index] = result.sizeBytes;
    modifiedNs[index] = result.modifiedNs;
    if (result.changed) changed.push(index);
    if (result.failure) failures.push([index, result.failure]);
  }
  return { objects, contentTypes, contentType, entropy, chunks, sizes, modifiedNs, changed, failures };
}

export function unpackResults(batch: StoredBatch): StoredFileContent[] {
  const { objects, contentTypes, contentType, entropy, chunks, sizes, modifiedNs } = batch;
  const changed = new Set(batch.changed);
  const failures = new Map(batch.failures);
  return Array.from(sizes, (sizeBytes, index) => {
    const failure = failures.get(index);
    return {
      object: objects.subarray(index * MAC_BYTES, (index + 1) * MAC_BYTES),
      contentType: contentTypes[contentType[index] as number] ?? "",
      entropy: entropy[index] as number,
      chunks: chunks[index] as number,
      sizeBytes,
      modifiedNs: modifiedNs[index] as bigint,
      changed: changed.has(index),
      ...(failure && { failure }),
    };
  });
}

/** What may be handed over instead of copied. */
export function buffersOf({ objects, entropy, sizes, modifiedNs }: StoredBatch): ArrayBuffer[] {
  return [objects.buffer, entropy.buffer, sizes.buffer, modifiedNs.buffer];
}
