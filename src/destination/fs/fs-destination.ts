import { chmodSync, linkSync, readdirSync, renameSync, rmSync } from "node:fs";
import {
  type ByteString,
  baseName,
  fromText,
  nativePath,
  type Patience,
  PlakarError,
  systemPatience,
  toFsPath,
  toWindowsName,
} from "../../foundation/index.ts";
import { absolutePath } from "../../system/index.ts";
import type { Destination, FileTarget, LeftOut, Overwrite, Placement, RestoreItem } from "../contract.ts";
import { blocked, outsideTarget } from "../failures.ts";
import { freeNameBeside, makeFile, makeWritable } from "./files.ts";
import { isSame, otherSpellings, whatIsExactlyAt } from "./identities.ts";
import { flagsOf, giveFlags } from "./inode-flags.ts";
import { leftOutOf } from "./left-out.ts";
import { makeLink } from "./links.ts";
import { attempt, making } from "./making.ts";
import { finishFileSync, finishLinkSync, finishNodeSync } from "./metadata.ts";
import { type MetadataPolicy, metadataPolicy } from "./metadata-policy.ts";
import { placementAt } from "./placement.ts";
import { parentOf, SafePaths, whatIsAt } from "./safe-path.ts";
import { hasSameMetadata } from "./same-metadata.ts";
import { makeSpecial } from "./special.ts";
import { TakenPlaces } from "./taken-places.ts";
import { openTarget } from "./target.ts";

export interface FsDestinationOptions {
  /** The target, as text; relative to the working directory. Links in it are followed, below it none is. */
  readonly directory: string;
  /** Leaves owner, mode and access lists as new files of this user have them. */
  readonly skipPermissions?: boolean;
  /** Absolute paths without links that nothing is written to or into: the store. */
  readonly protectedPaths?: readonly ByteString[];
  /** With files that another program holds. */
  readonly patience?: Patience;
}

/** A directory of this machine as a destination. */
export function openFsDestination(options: FsDestinationOptions): FsDestination {
  return new FsDestination(options);
}

/** Restores into a directory and never outside it (I-06). Its work is synchronous: a few calls an item. */
export class FsDestination implements Destination {
  readonly type = "fs";
  readonly location: string;
  /** For workers that call `finishFileSync` themselves. */
  readonly policy: MetadataPolicy;
  readonly #protectedPaths: readonly ByteString[];
  #paths: SafePaths | undefined;
  /** The target was made by this run, and has no metadata of its own yet. */
  #made = false;
  readonly #taken = new TakenPlaces();
  readonly #patience: Patience;

  constructor(options: FsDestinationOptions) {
    this.location = absolutePath(options.directory);
    this.policy = metadataPolicy(options);
    this.#protectedPaths = options.protectedPaths ?? [];
    this.#patience = options.patience ?? systemPatience();
  }

  async prepare({ dryRun }: { readonly dryRun: boolean } = { dryRun: false }): Promise<void> {
    const { real, made } = openTarget(this.location, { dryRun });
    this.#made = made;
    this.#paths = new SafePaths(real, this.#protectedPaths);
  }

  async placement(item: RestoreItem, overwrite: Overwrite): Promise<Placement> {
    return attempt(item, () => {
      // in a directory that this run has made there is nothing of before: not worth a look
      if (this.#safe.isFresh(parentOf(item.path))) return "create";
      const absolute = this.#find(item);
      if (absolute === undefined) return "create";
      if (item.hasTwin && item.path !== "") this.#taken.takeOver(item.path, absolute);
      return placementAt(absolute, item, overwrite);
    });
  }

  async createDirectory(item: RestoreItem): Promise<void> {
    await attempt(item, () => {
      const absolute = this.#safe.resolve(item.path);
      if (item.hasTwin) this.#taken.takeOver(item.path, absolute);
      this.#safe.makeDirectory(item.path);
      this.#take(absolute, item);
    });
  }

  /** What `createDirectory` would throw is thrown, and nothing is made. */
  async foreseeDirectory(item: RestoreItem): Promise<void> {
    await attempt(item, () => {
      const absolute = this.#find(item);
      if (absolute !== undefined && item.hasTwin && item.path !== "") this.#taken.takeOver(item.path, absolute);
      this.#safe.foreseeDirectory(item.path);
    });
  }

  async beginFile(item: RestoreItem, placement: Placement = "replace"): Promise<FileTarget> {
    return attempt(item, async () => {
      const absolute = this.#place(item);
      const fsPath = toFsPath(absolute);
      await this.#making(placement, absolute, item, () => makeFile(fsPath, item.info.sizeBytes));
      return { fsPath };
    });
  }

  async existingFile(item: RestoreItem): Promise<FileTarget & { readonly sizeBytes: number }> {
    return attempt(item, () => {
      const absolute = this.#place(item);
      return { fsPath: toFsPath(absolute), sizeBytes: whatIsAt(absolute)?.size ?? 0 };
    });
  }

  async beginUpdate(item: RestoreItem): Promise<void> {
    await attempt(item, () => makeWritable(this.#place(item), item));
  }

  async hasMetadata(item: RestoreItem): Promise<boolean> {
    return attempt(item, () => hasSameMetadata(this.#place(item), item, this.policy));
  }

  async finishFile(item: RestoreItem): Promise<readonly LeftOut[]> {
    return this.#finish(item);
  }

  async discardFile(item: RestoreItem): Promise<void> {
    await attempt(item, () => this.#patience.run(() => rmSync(toFsPath(this.#place(item)), { force: true })));
  }

  async setAside(item: RestoreItem): Promise<ByteString> {
    return attempt(item, async () => {
      const absolute = this.#place(item);
      const free = freeNameBeside(absolute);
      await this.#patience.run(() => renameSync(toFsPath(absolute), toFsPath(free)));
      return baseName(free);
    });
  }

  async createSymlink(item: RestoreItem, placement: Placement = "replace"): Promise<readonly LeftOut[]> {
    return attempt(item, async () => {
      const target = item.symlinkTarget ?? fromText("");
      if (target === "" || target.includes("\0")) throw outsideTarget(item.path, "the link has no valid target");
      const absolute = this.#place(item);
      if (placement !== "update") await this.#making(placement, absolute, item, () => makeLink(target, absolute, item));
      return finishLinkSync(absolute, item, this.policy);
    });
  }

  async createSpecial(item: RestoreItem, placement: Placement = "replace"): Promise<readonly LeftOut[]> {
    return attempt(item, async () => {
      const absolute = this.#place(item);
      if (placement !== "update") await this.#making(placement, absolute, item, () => makeSpecial(absolute, item));
      if (item.info.kind !== "fifo") return finishNodeSync(absolute, item, this.policy);
      return finishFileSync(toFsPath(absolute), item, this.policy);
    });
  }

  async createHardLink(item: RestoreItem, existingPath: ByteString, placement: Placement = "replace"): Promise<void> {
    await attempt(item, async () => {
      const existing = this.#safe.resolve(existingPath);
      const absolute = this.#place(item);
      if (absolute === existing) throw blocked(item.path, "it would be a link to itself");
      const first = whatIsExactlyAt(existing);
      if (!first || first.isDirectory()) throw blocked(item.path, "the file it is a link to was not restored");
      const there = placement === "create" ? undefined : whatIsExactlyAt(absolute);
      if (there && isSame(there, first)) return;
      await this.#making(placement, absolute, item, () => linkSync(toFsPath(existing), toFsPath(absolute)));
    });
  }

  async finishDirectory(item: RestoreItem): Promise<readonly LeftOut[]> {
    if (item.path === "") this.#made = false;
    // an immutable one that is as it should be would refuse to be made so again
    if (flagsOf(item) !== "" && (await this.#hasDirectoryMetadata(item))) return [];
    return this.#finish(item);
  }

  leavesOut(item: RestoreItem): readonly LeftOut[] {
    return leftOutOf(item, this.policy);
  }

  async finishFlags(item: RestoreItem): Promise<readonly LeftOut[]> {
    if (this.policy.skipPermissions) return [];
    return attempt(item, () => giveFlags(toFsPath(this.#safe.resolve(item.path)), item, this.policy));
  }

  async #hasDirectoryMetadata(item: RestoreItem): Promise<boolean> {
    return attempt(item, () => hasSameMetadata(this.#safe.resolve(item.path), item, this.policy));
  }

  /** Names in a directory of the target, in byte order, links not followed; empty when it is not there. */
  namesIn(directory: ByteString): readonly ByteString[] {
    const absolute = this.#safe.find(directory);
    const there = absolute === undefined ? undefined : whatIsAt(absolute);
    if (absolute === undefined || !there?.isDirectory()) return [];
    return readdirSync(toFsPath(absolute), { encoding: "latin1" }).toSorted() as ByteString[];
  }

  /** Of the names that a directory lists, those that it also gives to one of the `expected`, however that is written. */
  otherSpellings(
    directory: ByteString,
    listed: readonly ByteString[],
    expected: Iterable<ByteString>,
  ): ReadonlySet<ByteString> {
    return otherSpellings(this.#safe.resolve(directory), listed, expected);
  }

  /** The absolute path of an item, for what goes beyond the contract: nothing on the way to it is a link. */
  absolute(path: ByteString): ByteString {
    return this.#safe.resolve(path);
  }

  /**
   * Where a worker may make a file at which `placement` found nothing, with O_EXCL and by `finishDescriptorSync`; undefined
   * where that takes more: on Windows, for twins, and where something is wrong, which `beginFile` then says.
   */
  placeOfNewFile(item: RestoreItem): ByteString | undefined {
    if (process.platform === "win32" || item.hasTwin || item.path === "") return undefined;
    try {
      return this.#safe.resolve(item.path);
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    if (!this.#made) return;
    // no directory of the snapshot stood for the target: it is as any new one
    chmodSync(nativePath(this.location), 0o777 & ~this.policy.umask);
    this.#made = false;
  }

  /** A name of the snapshot as it stands in a directory of the target. */
  nameOnDisk(name: ByteString): ByteString {
    return process.platform === "win32" ? toWindowsName(name) : name;
  }

  get #safe(): SafePaths {
    if (this.#paths) return this.#paths;
    throw new PlakarError("destination-not-prepared", "the destination was used before prepare()", { kind: "bug" });
  }

  /** Where an item that is not a directory goes. */
  #place(item: RestoreItem): ByteString {
    if (item.path === "") throw blocked(item.path, "the target is a directory, and the item is none");
    return this.#safe.resolve(item.path);
  }

  async #making(placement: Placement, absolute: ByteString, item: RestoreItem, make: () => void): Promise<void> {
    await making({ placement, absolute, path: item.path, patience: this.#patience }, make);
    this.#take(absolute, item);
  }

  /** What some file systems may find under the name of another item is looked up again when that one's turn comes. */
  #take(absolute: ByteString, { path, hasTwin }: RestoreItem): void {
    if (hasTwin) this.#taken.take(path, absolute);
  }

  /** As `#place`, but makes nothing: undefined when a directory above is missing. */
  #find(item: RestoreItem): ByteString | undefined {
    if (item.path === "" && item.info.kind !== "directory") return this.#place(item);
    return this.#safe.find(item.path);
  }

  #finish(item: RestoreItem): Promise<readonly LeftOut[]> {
    return attempt(item, () => finishFileSync(toFsPath(this.#safe.resolve(item.path)), item, this.policy));
  }
}
