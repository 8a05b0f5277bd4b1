import {
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { dirname } from "node:path";
import {
  type ByteString,
  fromLatin1,
  fromText,
  makeDirectories,
  nativePath,
  PlakarError,
  systemCode,
  toBytes,
  toDisplay,
  toFsPath,
} from "../../foundation/index.ts";
import { absolutePath, mkfifo } from "../../system/index.ts";
import type { Destination, FileTarget, LeftOut, RestoreItem } from "../contract.ts";
import { blocked, ofSystemError, outsideTarget, restoreFailure } from "../failures.ts";
import { finishFileSync, finishLinkSync } from "./metadata.ts";
import { type MetadataPolicy, metadataPolicy } from "./metadata-policy.ts";
import { PRIVATE_DIRECTORY, SafePaths, whatIsAt } from "./safe-path.ts";

export interface FsDestinationOptions {
  /** The target, as text; relative to the working directory. Links in it are followed, below it none is. */
  readonly directory: string;
  /** Leaves owner, mode and access lists as new files of this user have them. */
  readonly skipPermissions?: boolean;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const PRIVATE_FILE = 0o600;

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
  #paths: SafePaths | undefined;

  constructor(options: FsDestinationOptions) {
    this.location = absolutePath(options.directory);
    this.policy = metadataPolicy(options);
  }

  async prepare(): Promise<void> {
    try {
      const there = whatIsAt(fromText(this.location));
      if (!there) {
        makeDirectories(dirname(this.location));
        mkdirSync(nativePath(this.location), PRIVATE_DIRECTORY);
      }
      const real = fromLatin1(realpathSync.native(nativePath(this.location), "latin1"));
      if (!whatIsAt(real)?.isDirectory()) throw notDirectory(this.location);
      this.#paths = new SafePaths(real);
    } catch (error) {
      throw systemCode(error) === "ENOTDIR" ? notDirectory(this.location, error) : ofSystemError(error, fromText(""));
    }
  }

  async createDirectory(item: RestoreItem): Promise<void> {
    attempt(item, () => this.#safe.makeDirectory(item.path));
  }

  async beginFile(item: RestoreItem): Promise<FileTarget> {
    return attempt(item, () => {
      const absolute = this.#place(item);
      const fsPath = toFsPath(absolute);
      replacing(absolute, item.path, () => closeSync(openSync(fsPath, CREATE, PRIVATE_FILE)));
      return { fsPath };
    });
  }

  async finishFile(item: RestoreItem): Promise<readonly LeftOut[]> {
    return this.#finish(item);
  }

  async discardFile(item: RestoreItem): Promise<void> {
    attempt(item, () => rmSync(toFsPath(this.#place(item)), { force: true }));
  }

  async createSymlink(item: RestoreItem): Promise<readonly LeftOut[]> {
    return attempt(item, () => {
      const target = item.symlinkTarget ?? fromText("");
      if (target === "" || target.includes("\0")) throw outsideTarget(item.path, "the link has no valid target");
      const absolute = this.#place(item);
      replacing(absolute, item.path, () => symlinkSync(toBytes(target), toFsPath(absolute)));
      return finishLinkSync(absolute, item, this.policy);
    });
  }

  async createSpecial(item: RestoreItem): Promise<readonly LeftOut[]> {
    return attempt(item, () => {
      if (item.info.kind !== "fifo") throw unsupported(item);
      const absolute = this.#place(item);
      replacing(absolute, item.path, () => mkfifo(absolute, PRIVATE_FILE));
      return finishFileSync(toFsPath(absolute), item, this.policy);
    });
  }

  async createHardLink(item: RestoreItem, existingPath: ByteString): Promise<void> {
    attempt(item, () => {
      const existing = this.#safe.resolve(existingPath);
      const absolute = this.#place(item);
      if (absolute === existing) throw blocked(item.path, "it would be a link to itself");
      if (!whatIsAt(existing)?.isFile()) throw blocked(item.path, "the file it is a link to was not restored");
      replacing(absolute, item.path, () => linkSync(toFsPath(existing), toFsPath(absolute)));
    });
  }

  async finishDirectory(item: RestoreItem): Promise<readonly LeftOut[]> {
    return this.#finish(item);
  }

  async close(): Promise<void> {
    // nothing stays open between two items
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

  #finish(item: RestoreItem): readonly LeftOut[] {
    return attempt(item, () => finishFileSync(toFsPath(this.#safe.resolve(item.path)), item, this.policy));
  }
}

function attempt<T>(item: RestoreItem, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw ofSystemError(error, item.path);
  }
}

/** Makes something with a call that fails when the name is taken; what has it is removed unless it is a directory. */
function replacing(absolute: ByteString, path: ByteString, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    if (whatIsAt(absolute)?.isDirectory()) throw blocked(path, "a directory takes its place");
    unlinkSync(toFsPath(absolute));
    make();
  }
}

function unsupported(item: RestoreItem): PlakarError {
  const socket = item.info.kind === "socket";
  return restoreFailure(
    "restore-unsupported",
    "input",
    item.path,
    socket
      ? "it is a socket, which the program that made it makes anew"
      : "snapshots do not keep the numbers of devices",
  );
}

function notDirectory(location: string, cause?: unknown): PlakarError {
  return new PlakarError("target-not-directory", `${toDisplay(fromText(location))} is not a directory`, {
    kind: "input",
    advice: "Name a directory; it is made when it does not exist.",
    ...(cause !== undefined && { cause }),
  });
}
