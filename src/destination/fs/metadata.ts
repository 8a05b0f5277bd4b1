import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  openSync,
  type Stats,
} from "node:fs";
import {
  type ByteString,
  DEVICE_ATTRIBUTE,
  type ExtendedAttribute,
  FLAGS_ATTRIBUTE,
  type ItemInfo,
  type ItemKind,
  type PlakarError,
  systemCode,
  toDisplay,
  toFsPath,
} from "../../foundation/index.ts";
import {
  type AttributeTarget,
  describeSystemError,
  listExtendedAttributes,
  removeExtendedAttribute,
  setExtendedAttribute,
} from "../../system/index.ts";
import type { LeftOut } from "../contract.ts";
import { blocked, restoreFailure } from "../failures.ts";
import { attributeRule, isRemovable, type MetadataPolicy } from "./metadata-policy.ts";
import { giveTime } from "./times.ts";
import { asWindowsPath, finishOnWindows } from "./windows-metadata.ts";

/** What an item gets where it is open. `path` is for messages. */
export interface OwnMetadata {
  readonly path: ByteString;
  readonly info: Pick<ItemInfo, "kind" | "userId" | "groupId" | "permissions" | "modifiedNs">;
  readonly extendedAttributes?: readonly ExtendedAttribute[];
}

/** Everything of an item but its content. */
export interface Metadata extends OwnMetadata {
  readonly info: ItemInfo;
}

const S_ISUID = 0o4000;
const S_ISGID = 0o2000;
/** (uid_t) -1 means "leave it" to chown, and so cannot be a recorded owner. */
const MAX_ID = 0xffff_fffe;

/**
 * Gives an item its owner, attributes, mode and times, in that order: a change of owner clears capabilities and set-id
 * bits, attributes need the private mode the item was made with, and all of them but the times change no time.
 * It goes on after a failure, and throws one `restore-metadata` error at the end that names everything that failed.
 */
class MetadataWriter {
  readonly #what: OwnMetadata;
  readonly #policy: MetadataPolicy;
  readonly #leftOut: LeftOut[] = [];
  readonly #failed: string[] = [];
  #firstError: unknown;
  /** Set-id bits that must not be given, since the owner or the group is not the recorded one. */
  #withheld = 0;

  constructor(what: OwnMetadata, policy: MetadataPolicy) {
    this.#what = what;
    this.#policy = policy;
  }

  toDescriptor(descriptor: number): readonly LeftOut[] {
    const { info } = this.#what;
    if (!this.#policy.skipPermissions) this.#owner((user, group) => fchownSync(descriptor, user, group));
    this.#attributes(descriptor);
    this.#try("mode", () => fchmodSync(descriptor, this.#mode()));
    this.#try("time", () => giveTime(descriptor, info.modifiedNs));
    return this.#result();
  }

  toLink(absolute: ByteString): readonly LeftOut[] {
    const { info } = this.#what;
    if (!this.#policy.skipPermissions) this.#owner((user, group) => lchownSync(toFsPath(absolute), user, group));
    this.#setAttributes(absolute);
    this.#try("time", () => giveTime(absolute, info.modifiedNs));
    return this.#result();
  }

  /** A socket or a device: it cannot be opened without waking what stands behind it. */
  toNode(absolute: ByteString): readonly LeftOut[] {
    const { info } = this.#what;
    if (!this.#policy.skipPermissions) this.#owner((user, group) => lchownSync(toFsPath(absolute), user, group));
    this.#setAttributes(absolute);
    this.#try("mode", () => changeModeOfNode(absolute, this.#mode(), this.#what));
    this.#try("time", () => giveTime(absolute, info.modifiedNs));
    return this.#result();
  }

  #try(what: string, step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      this.#failed.push(`${what}: ${describeSystemError(error)}`);
      this.#firstError ??= error;
      return false;
    }
  }

  #owner(change: (user: number, group: number) => void): void {
    const { userId, groupId } = this.#what.info;
    const { privileged, groupIds } = this.#policy;
    if (privileged) {
      if (this.#try("owner", () => change(checkId(userId), checkId(groupId)))) return;
      this.#withheld = S_ISUID | S_ISGID;
      return;
    }
    // -1: unchanged. Users may give their files to groups they are in
    const grouped = groupIds.includes(groupId) && this.#try("group", () => change(-1, groupId));
    const owned = userId === this.#policy.userId;
    this.#withheld = (owned ? 0 : S_ISUID) | (grouped ? 0 : S_ISGID);
    if (!owned || !grouped) this.#leftOut.push("owner");
  }

  #mode(): number {
    const { kind, permissions } = this.#what.info;
    if (this.#policy.skipPermissions) return (kind === "directory" ? 0o777 : 0o666) & ~this.#policy.umask;
    // a directory's setgid gives nobody rights over it; on files set-id bits with the wrong owner would
    const withheld = kind === "directory" ? 0 : permissions & this.#withheld;
    if (withheld !== 0) this.#leftOut.push("set-id");
    return permissions & 0o7777 & ~withheld;
  }

  #attributes(descriptor: number): void {
    this.#try("attributes that are not its own", () => this.#removeForeign(descriptor));
    this.#setAttributes(descriptor);
  }

  /** Access lists that came from the directory above, and what the item that was there before had. */
  #removeForeign(descriptor: number): void {
    const own = new Set(this.#what.extendedAttributes?.map(({ name }) => name));
    for (const name of namesOf(descriptor)) {
      if (!own.has(name) && isRemovable(name, this.#policy)) removeExtendedAttribute(descriptor, name);
    }
  }

  #setAttributes(target: AttributeTarget): void {
    const { kind } = this.#what.info;
    for (const { name, value } of this.#what.extendedAttributes ?? []) {
      if ((name === DEVICE_ATTRIBUTE && isDevice(kind)) || isFlags(name, kind)) continue;
      const rule = attributeRule(name, this.#policy);
      if (rule === "set") this.#try(`attribute ${toDisplay(name)}`, () => setExtendedAttribute(target, name, value));
      else if (rule === "privileged" && !this.#leftOut.includes("privileged-attributes")) {
        this.#leftOut.push("privileged-attributes");
      }
    }
  }

  #result(): readonly LeftOut[] {
    if (this.#failed.length > 0) throw this.#failure();
    return this.#leftOut;
  }

  #failure(): PlakarError {
    const shown = this.#failed.slice(0, 4);
    if (this.#failed.length > shown.length) shown.push(`and ${this.#failed.length - shown.length} more`);
    const code = systemCode(this.#firstError);
    const kind = code === "EPERM" || code === "EACCES" ? "denied" : "unavailable";
    const reason = `its content is there, but not its ${shown.join("; ")}`;
    return restoreFailure("restore-metadata", kind, this.#what.path, reason, { cause: this.#firstError });
  }
}

/** They are set when all else is done: an immutable file takes nothing any more. */
function isFlags(name: ByteString, kind: ItemKind): boolean {
  return name === FLAGS_ATTRIBUTE && (kind === "file" || kind === "directory");
}

function namesOf(descriptor: number): readonly ByteString[] {
  try {
    return listExtendedAttributes(descriptor);
  } catch (error) {
    if (systemCode(error) === "ENOTSUP") return [];
    throw error;
  }
}

function checkId(id: number): number {
  if (id > MAX_ID || id < 0) throw new Error(`${id} is no account number`);
  return id;
}

/** Gives an open file, directory or FIFO its metadata. Throws `restore-metadata`. */
export function finishDescriptorSync(
  descriptor: number,
  what: OwnMetadata,
  policy: MetadataPolicy,
): readonly LeftOut[] {
  return new MetadataWriter(what, policy).toDescriptor(descriptor);
}

/** Gives a link its metadata: its own, not that of what it points to. Throws `restore-metadata`. */
export function finishLinkSync(absolute: ByteString, what: Metadata, policy: MetadataPolicy): readonly LeftOut[] {
  if (process.platform === "win32") return finishOnWindows(absolute, what, policy);
  return new MetadataWriter(what, policy).toLink(absolute);
}

/** Gives a socket or a device its metadata. Throws `restore-metadata`. */
export function finishNodeSync(absolute: ByteString, what: Metadata, policy: MetadataPolicy): readonly LeftOut[] {
  return new MetadataWriter(what, policy).toNode(absolute);
}

/** O_PATH: names the node without opening what stands behind it; Node does not have the constant. */
const O_PATH = 0x20_0000;

/** There is no chmod that does not follow links: the node is held by a descriptor, and its mode changed through that. */
function changeModeOfNode(absolute: ByteString, mode: number, what: OwnMetadata): void {
  const descriptor = openSync(toFsPath(absolute), O_PATH | constants.O_NOFOLLOW);
  try {
    requireKind(descriptor, what);
    chmodSync(`/proc/self/fd/${descriptor}`, mode);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Gives a complete file, a directory or a FIFO its metadata; a link in its place is refused (ELOOP, ENOTDIR). For
 * workers: `fsPath` is what `beginFile` answered. Throws `restore-metadata`, and system errors of opening it.
 */
export function finishFileSync(
  fsPath: string | Uint8Array,
  what: Metadata,
  policy: MetadataPolicy,
): readonly LeftOut[] {
  if (process.platform === "win32") return finishOnWindows(asWindowsPath(fsPath), what, policy);
  // O_NONBLOCK: opening a FIFO must not wait for its other end
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const kind = what.info.kind === "directory" ? constants.O_DIRECTORY : 0;
  const descriptor = openSync(typeof fsPath === "string" ? fsPath : Buffer.from(fsPath), flags | kind);
  try {
    requireKind(descriptor, what);
    return finishDescriptorSync(descriptor, what, policy);
  } finally {
    closeSync(descriptor);
  }
}

/** What took the item's place since it was made must not get the item's mode and owner. */
function requireKind(descriptor: number, what: OwnMetadata): void {
  const there = fstatSync(descriptor);
  const { kind } = what.info;
  if (!isOfKind(there, kind)) throw blocked(what.path, "something of another kind took its place");
}

export function isDevice(kind: ItemKind): boolean {
  return kind === "character-device" || kind === "block-device";
}

function isOfKind(there: Stats, kind: ItemKind): boolean {
  switch (kind) {
    case "directory":
      return there.isDirectory();
    case "file":
      return there.isFile();
    case "symlink":
      return there.isSymbolicLink();
    case "fifo":
      return there.isFIFO();
    case "socket":
      return there.isSocket();
    case "character-device":
      return there.isCharacterDevice();
    case "block-device":
      return there.isBlockDevice();
  }
}
