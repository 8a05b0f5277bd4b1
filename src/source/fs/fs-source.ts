import { lstatSync } from "node:fs";
import {
  type ByteString,
  baseName,
  isAboveDrives,
  type PlakarError,
  toDisplay,
  toFsPath,
} from "../../foundation/index.ts";
import { forgetAccountNames, statItem } from "../../system/index.ts";
import type { Source, SourceDirectory, SourceFailure, SourceItem } from "../contract.ts";
import { sourceDenied, sourceMissing } from "./failures.ts";
import type { FsSourceOptions } from "./options.ts";
import { itemInfo, readItem } from "./read-item.ts";
import { directoriesAbove, type Selection, select } from "./selection.ts";
import { FsWalk } from "./walk.ts";
import { directoryAboveDrives } from "./windows-item.ts";

/**
 * Opens directories, files, or several of both as a source. Links in the given paths are resolved; below them none is
 * followed. One directory is the root itself; else the root is the nearest directory above everything given, and only
 * what was given is in it. Throws `source-missing` (kind missing) or `source-denied` (kind denied).
 */
export async function openFsSource(options: FsSourceOptions): Promise<Source> {
  forgetAccountNames();
  return new FsSource(select(options.paths, isDirectory), options);
}

function isDirectory(path: ByteString): boolean {
  // one that vanished meanwhile is reported by the walk
  return lstatSync(toFsPath(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

class FsSource implements Source {
  readonly type = "fs";
  readonly origin: string;
  readonly root: ByteString;
  readonly paths: readonly ByteString[];
  readonly #selection: Selection;
  readonly #options: FsSourceOptions;

  constructor(selection: Selection, options: FsSourceOptions) {
    this.origin = options.hostName;
    this.root = selection.root;
    this.paths = selection.paths;
    this.#selection = selection;
    this.#options = options;
  }

  async ancestors(): Promise<readonly SourceItem[]> {
    return directoriesAbove(this.root).map(ancestor);
  }

  async *walk(signal?: AbortSignal): AsyncGenerator<SourceDirectory> {
    const read = readItem(this.root, baseName(this.root), this.#options.extendedAttributes ?? true);
    if (!read.item) throw rootFailed(this.root, read.failure);
    const walk = new FsWalk(this.#selection, this.#options, signal);
    for await (const directory of walk.directories(read.item)) {
      const first = directory.item === read.item && read.failure;
      yield first ? { ...directory, failures: [read.failure, ...directory.failures] } : directory;
    }
  }

  async close(): Promise<void> {
    // nothing stays open between two directories
  }
}

/** A directory above the root: without account names and attributes, as the Go implementation records it. */
function ancestor(path: ByteString): SourceItem {
  if (process.platform === "win32" && isAboveDrives(path)) return { path, info: directoryAboveDrives(baseName(path)) };
  const info = lstatSync(toFsPath(path), { throwIfNoEntry: false }) && itemInfo(baseName(path), statItem(path), false);
  if (!info) throw sourceMissing(toDisplay(path));
  return { path, info };
}

function rootFailed(root: ByteString, failure: SourceFailure | undefined): PlakarError {
  const there = lstatSync(toFsPath(root), { throwIfNoEntry: false });
  return there ? sourceDenied(toDisplay(root), failure?.message ?? "") : sourceMissing(toDisplay(root));
}
