import { type ByteString, isPlakarError, PlakarError, toDisplay } from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import { type WalkedItem, walkBelow } from "./walk.ts";

export const digestNames = ["SHA256", "BLAKE3", "SHA512", "SHA1", "MD5"] as const;
export type DigestName = (typeof digestNames)[number];

export interface FileDigest {
  readonly path: ByteString;
  readonly digest: Uint8Array;
  readonly sizeBytes: number;
}

/**
 * Digests of a file, or of all files below a directory; symbolic links are not followed. A file that is damaged is told to
 * the repository and has no digest. Fails with `not-a-file` (kind input) for a link or a special file.
 */
export async function* digestFiles(
  repository: Repository,
  target: string,
  options: { readonly algorithm: DigestName; readonly signal?: AbortSignal },
): AsyncGenerator<FileDigest> {
  await repository.load();
  const { view, path } = await resolveTarget(repository, target);
  const start = path ?? view.root;
  const entry = await view.entry(start);
  const { kind } = itemOf(start, entry).info;
  if (kind === "directory") {
    for await (const item of walkBelow(repository, view, start, options)) {
      if (item.info.kind === "file") yield* digestOf(repository, view, item, options.algorithm);
    }
    return;
  }
  if (kind !== "file") {
    throw new PlakarError("not-a-file", `${toDisplay(start)} is a ${kind}, which has no content`, { kind: "input" });
  }
  yield* digestOf(repository, view, { path: start, entry }, options.algorithm);
}

async function* digestOf(
  repository: Repository,
  view: SnapshotView,
  { path, entry }: Pick<WalkedItem, "path" | "entry">,
  algorithm: DigestName,
): AsyncGenerator<FileDigest> {
  const what = toDisplay(path);
  const digest = repository.sealer.createDigest(algorithm);
  let sizeBytes = 0;
  try {
    for await (const part of view.content(await view.object(entry.object, what), what)) {
      digest.update(part);
      sizeBytes += part.length;
    }
  } catch (error) {
    digest.digest();
    if (!isPlakarError(error, "corrupted")) throw error;
    repository.parts.onDamage(error);
    return;
  }
  yield { path, digest: digest.digest(), sizeBytes };
}
