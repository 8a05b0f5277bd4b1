import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import {
  type ByteString,
  joinPath,
  type Patience,
  parentPath,
  systemCode,
  systemPatience,
  toFsPath,
} from "../../foundation/index.ts";
import { isSame, whatIsExactlyAt } from "./identities.ts";

export interface RemoveTreeOptions {
  /** Count what would be removed, and change nothing. */
  readonly dryRun: boolean;
  /** Never removed, nor any directory above it: real, absolute paths. */
  readonly protectedPaths: readonly ByteString[];
  /** Whether an item stays, and with it the directories above it. */
  readonly isSpared: (path: ByteString, isDirectory: boolean) => boolean;
  /** What stays for a reason of its own; it is not counted. */
  readonly onKept: (path: ByteString, reason: string) => void;
  /** With files that another program holds. Default: what this system needs. */
  readonly patience?: Patience;
  /** What could not be removed. */
  readonly onFailure: (path: ByteString, error: unknown) => void;
}

/**
 * Removes an item and everything below it, without following links and without leaving its file system. Answers how many
 * items that were. What fails is told, and the rest goes on.
 */
export async function removeTree(absolute: ByteString, options: RemoveTreeOptions): Promise<number> {
  const above = lstatSync(toFsPath(parentPath(absolute)), { throwIfNoEntry: false });
  if (!above) return 0;
  const { removed } = await remove(absolute, above.dev, { patience: systemPatience(), ...options });
  return removed;
}

async function remove(
  absolute: ByteString,
  device: number,
  options: RemoveTreeOptions & { readonly patience: Patience },
): Promise<{ readonly removed: number; readonly gone: boolean }> {
  const { dryRun, isSpared, onKept, onFailure, patience } = options;
  try {
    const there = lstatSync(toFsPath(absolute));
    if (isProtected(absolute, there.isDirectory(), options)) {
      onKept(absolute, "it is the store itself");
      return { removed: 0, gone: false };
    }
    if (there.dev !== device) {
      onKept(absolute, "another file system is mounted there");
      return { removed: 0, gone: false };
    }
    if (isSpared(absolute, there.isDirectory())) return { removed: 0, gone: false };
    if (!there.isDirectory()) {
      if (!dryRun) await patience.run(() => unlinkSync(toFsPath(absolute)));
      return { removed: 1, gone: true };
    }
    let removed = 0;
    let empty = true;
    for (const name of namesIn(absolute, there.mode, dryRun)) {
      const below = await remove(joinPath(absolute, name), device, options);
      removed += below.removed;
      empty &&= below.gone;
    }
    if (!empty) return { removed, gone: false };
    if (!dryRun) await patience.run(() => rmdirSync(toFsPath(absolute)));
    return { removed: removed + 1, gone: true };
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    onFailure(absolute, error);
    return { removed: 0, gone: false };
  }
}

/** By what lies there: a directory that folds case, or is reached by another way, lists it under another name. */
function isProtected(absolute: ByteString, isDirectory: boolean, { protectedPaths }: RemoveTreeOptions): boolean {
  if (protectedPaths.includes(absolute)) return true;
  const there = isDirectory && protectedPaths.length > 0 ? whatIsExactlyAt(absolute) : undefined;
  if (!there) return false;
  return protectedPaths.map(whatIsExactlyAt).some((store) => store !== undefined && isSame(store, there));
}

/** What is to go must be listed and emptied, whatever its mode says to its owner. */
function namesIn(directory: ByteString, mode: number, dryRun: boolean): readonly ByteString[] {
  if (!dryRun && (mode & 0o700) !== 0o700) chmodSync(toFsPath(directory), 0o700);
  return readdirSync(toFsPath(directory), { encoding: "latin1" }).toSorted() as ByteString[];
}
