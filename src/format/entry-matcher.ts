import type { ByteString, ItemInfo } from "../foundation/index.ts";
import { entryKeys } from "./entry.ts";
import { fileInfoKeys } from "./file-fields.ts";
import { MAC_BYTES, zeroMac } from "./identifiers.ts";
import { goMode } from "./mode.ts";
import { MsgpackMatcher } from "./msgpack-matcher.ts";
import { V1_0_0 } from "./version.ts";

/** What an entry says of an item, but for a file's content. */
export interface MatchedItem {
  readonly info: ItemInfo;
  readonly symlinkTarget?: ByteString;
  readonly extendedAttributes?: readonly { readonly name: ByteString }[];
}

/** What the Go implementation writes for everything that has no content of its own. */
export const NOT_REGULAR = "application/x-not-regular-file";
/** Its map's header, the first two fields, the header of file_info and the key of the name, without the path. */
const BEFORE_NAME_BYTES = 42;

/**
 * Compares encoded entries with items, where they lie in a listing. An entry matches when encodeEntry would make exactly
 * these bytes of the item, with the content that the entry names: such an entry need not be encoded again. One that says the
 * same in other bytes does not match, and is treated as any other change.
 */
export class EntryMatcher extends MsgpackMatcher {
  /** Where the object's MAC lies; this and what follows is known of the file that matched last. */
  objectAt = 0;
  contentType = "";
  entropy = 0;
  chunks = 0;

  /**
   * How the name of the entry at `start` is to `name` in byte order: below 0, 0, above 0; undefined where it is not where
   * encodeEntry puts it. `directory` is that of the listing.
   */
  compareName(start: number, end: number, directory: ByteString, name: ByteString): number | undefined {
    this.begin(start + BEFORE_NAME_BYTES - 5 + stringBytes(directory), end);
    if (!this.key(fileInfoKeys.name)) return undefined;
    return this.compareString(name);
  }

  /** Whether the entry from `start` to `end` is that of `item` in `directory`. */
  matches(start: number, end: number, directory: ByteString, item: MatchedItem): boolean {
    this.begin(start, end);
    const k = entryKeys;
    const count = this.mapLength();
    if (!this.key(k.version) || !this.u32(V1_0_0) || !this.key(k.parent_path) || !this.bytesString(directory))
      return false;
    if (!this.key(k.file_info) || !this.#fileInfo(item.info) || !this.key(k.summary) || !this.nil()) return false;
    const { symlinkTarget, extendedAttributes } = item;
    let fields = 5;
    if (symlinkTarget) {
      if (!this.key(k.symlink_target) || !this.bytesString(symlinkTarget)) return false;
      fields++;
    }
    if (!this.key(k.object)) return false;
    const { kind } = item.info;
    const contentFields = kind === "file" ? this.#content() : this.#noContent(kind === "directory");
    if (contentFields < 0) return false;
    fields += contentFields;
    if (extendedAttributes && extendedAttributes.length > 0) {
      if (!this.key(k.extended_attributes) || !this.arrayOf(extendedAttributes.length)) return false;
      for (const { name } of extendedAttributes) if (!this.bytesString(name)) return false;
      fields++;
    }
    return fields === count && this.isAtEnd;
  }

  #fileInfo(info: ItemInfo): boolean {
    const k = fileInfoKeys;
    return (
      this.mapLength() === 12 &&
      this.key(k.name) &&
      this.bytesString(info.name) &&
      this.key(k.size) &&
      this.i64(info.sizeBytes) &&
      this.key(k.mode) &&
      this.u32(goMode(info.kind, info.permissions)) &&
      this.key(k.mod_time) &&
      this.time(info.modifiedNs) &&
      this.key(k.dev) &&
      this.u64(info.device) &&
      this.key(k.ino) &&
      this.u64(info.inode) &&
      this.key(k.uid) &&
      this.u64OfNumber(info.userId) &&
      this.key(k.gid) &&
      this.u64OfNumber(info.groupId) &&
      this.key(k.nlink) &&
      this.u16(info.linkCount & 0xffff) &&
      this.key(k.username) &&
      this.text(info.userName) &&
      this.key(k.groupname) &&
      this.text(info.groupName) &&
      this.key(k.flags) &&
      this.u32(0)
    );
  }

  /** A file's content, whatever it is; answers its number of fields, -1 where it is not as encodeEntry writes it. */
  #content(): number {
    const k = entryKeys;
    this.objectAt = this.binary(MAC_BYTES);
    if (this.objectAt < 0 || !this.key(k.content_type)) return -1;
    const contentType = this.anyText();
    if (contentType === undefined || contentType === "") return -1;
    this.contentType = contentType;
    const hasEntropy = this.key(k.entropy);
    this.entropy = hasEntropy ? this.anyFloat() : 0;
    if (hasEntropy && !(this.entropy > 0)) return -1;
    if (!this.key(k.chunks)) return -1;
    this.chunks = this.anyU64();
    return this.chunks > 0 ? 2 + Number(hasEntropy) : -1;
  }

  #noContent(isDirectory: boolean): number {
    this.contentType = isDirectory ? "" : NOT_REGULAR;
    this.entropy = 0;
    this.chunks = 0;
    const at = this.binary(MAC_BYTES);
    if (at < 0 || !this.isAt(at, zeroMac)) return -1;
    if (isDirectory) return 0;
    return this.key(entryKeys.content_type) && this.text(NOT_REGULAR) ? 1 : -1;
  }
}

function stringBytes({ length }: ByteString): number {
  return length + (length < 32 ? 1 : length < 256 ? 2 : length < 65536 ? 3 : 5);
}
