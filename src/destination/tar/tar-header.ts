import {
  type ByteString,
  concatBytes,
  DEVICE_ATTRIBUTE,
  FLAGS_ATTRIBUTE,
  type ItemKind,
} from "../../foundation/index.ts";
import type { RestoreItem } from "../contract.ts";

const BLOCK_BYTES = 512;
const SECOND_NS = 1_000_000_000n;
const NAME_BYTES = 100;
const OWNER_NAME_BYTES = 32;
/** What eight octal digits, and twelve, can say beside their end mark. */
const MAX_SMALL = 0o7777777;
const MAX_LARGE = 0o77777777777;

const types: Readonly<Partial<Record<ItemKind, string>>> = {
  file: "0",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
};

/** How long the content is that follows a header, and what else of an entry is not in the item. */
export interface TarContent {
  readonly sizeBytes: number;
  /** The name of an earlier entry, of which this one is another name. */
  readonly linkTo?: ByteString;
}

/** Whether an archive can hold an item of this kind: sockets have no place in any. */
export function fitsInTar(kind: ItemKind): boolean {
  return types[kind] !== undefined;
}

/**
 * What stands before an item's content: a ustar header (POSIX.1-1988), and before that, where it says too little, a pax
 * extended header (POSIX.1-2001): long names, large sizes and numbers, times with a fraction, attributes (`SCHILY.xattr.`, as
 * GNU tar and libarchive write them). Names stay the bytes that they are. Directories end in a slash; `""` is `./`.
 */
export function encodeTarHeader(item: RestoreItem, content: TarContent): Uint8Array {
  const { info, path } = item;
  const name = info.kind === "directory" ? (path === "" ? "./" : `${path}/`) : path;
  const linkName = content.linkTo ?? item.symlinkTarget ?? "";
  const [major, minor] = deviceOf(item);
  const seconds = info.modifiedNs / SECOND_NS - (info.modifiedNs % SECOND_NS < 0n ? 1n : 0n);
  const records = new Map<string, string>();
  const number = (key: string, value: number, most: number): number => {
    if (value >= 0 && value <= most) return value;
    records.set(key, String(value));
    return 0;
  };
  const text = (key: string, value: string, most: number): string => {
    if (value.length > most) records.set(key, value);
    return value.slice(0, most);
  };
  if (info.modifiedNs % SECOND_NS !== 0n || seconds < 0n || seconds > MAX_LARGE)
    records.set("mtime", decimalTime(info.modifiedNs));
  const fields: HeaderFields = {
    name: text("path", name, NAME_BYTES),
    linkName: text("linkpath", linkName, NAME_BYTES),
    type: content.linkTo === undefined ? (types[info.kind] ?? "0") : "1",
    permissions: info.permissions,
    userId: number("uid", info.userId, MAX_SMALL),
    groupId: number("gid", info.groupId, MAX_SMALL),
    sizeBytes: number("size", content.sizeBytes, MAX_LARGE),
    modifiedSeconds: seconds < 0n || seconds > MAX_LARGE ? 0 : Number(seconds),
    userName: text("uname", utf8(info.userName), OWNER_NAME_BYTES),
    groupName: text("gname", utf8(info.groupName), OWNER_NAME_BYTES),
    major,
    minor,
  };
  if (content.linkTo === undefined) {
    for (const { name: attribute, value } of item.extendedAttributes ?? []) {
      if (attribute !== DEVICE_ATTRIBUTE && attribute !== FLAGS_ATTRIBUTE)
        records.set(`SCHILY.xattr.${attribute}`, latin1(value));
    }
  }
  return records.size === 0
    ? encodeBlock(fields)
    : concatBytes([encodePaxHeader(records, fields), encodeBlock(fields)]);
}

/** Zeros behind content, up to a whole block. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** What ends an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * BLOCK_BYTES);
}

interface HeaderFields {
  readonly name: string;
  readonly linkName: string;
  readonly type: string;
  readonly permissions: number;
  readonly userId: number;
  readonly groupId: number;
  readonly sizeBytes: number;
  readonly modifiedSeconds: number;
  readonly userName: string;
  readonly groupName: string;
  readonly major: number;
  readonly minor: number;
}

function encodeBlock(fields: HeaderFields): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, bytes: number): void => {
    block.write(value.toString(8).padStart(bytes - 1, "0"), at, "latin1");
  };
  block.write(fields.name, 0, "latin1");
  octal(fields.permissions & 0o7777, 100, 8);
  octal(fields.userId, 108, 8);
  octal(fields.groupId, 116, 8);
  octal(fields.sizeBytes, 124, 12);
  octal(fields.modifiedSeconds, 136, 12);
  block.write(" ".repeat(8), 148, "latin1"); // the sum is taken with spaces in its place
  block.write(fields.type, 156, "latin1");
  block.write(fields.linkName, 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  block.write(fields.userName, 265, "latin1");
  block.write(fields.groupName, 297, "latin1");
  octal(fields.major, 329, 8);
  octal(fields.minor, 337, 8);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** A header of type `x`, whose content are the records. */
function encodePaxHeader(records: ReadonlyMap<string, string>, { modifiedSeconds }: HeaderFields): Uint8Array {
  const content = Buffer.from([...records].map(([key, value]) => encodeRecord(key, value)).join(""), "latin1");
  const header = encodeBlock({
    name: "././@PaxHeader",
    linkName: "",
    type: "x",
    permissions: 0o644,
    userId: 0,
    groupId: 0,
    sizeBytes: content.length,
    modifiedSeconds,
    userName: "",
    groupName: "",
    major: 0,
    minor: 0,
  });
  return concatBytes([header, content, tarPadding(content.length)]);
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function encodeRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Seconds since 1970 with a fraction of nine digits; before that with a sign. */
function decimalTime(ns: bigint): string {
  const positive = ns < 0n ? -ns : ns;
  return `${ns < 0n ? "-" : ""}${positive / SECOND_NS}.${String(positive % SECOND_NS).padStart(9, "0")}`;
}

function deviceOf({ extendedAttributes }: RestoreItem): readonly [major: number, minor: number] {
  const attribute = extendedAttributes?.find(({ name }) => name === DEVICE_ATTRIBUTE);
  const [, major, minor] = /^(\d{1,7}):(\d{1,7})$/.exec(attribute ? latin1(attribute.value) : "") ?? [];
  return [Math.min(Number(major ?? 0), MAX_SMALL), Math.min(Number(minor ?? 0), MAX_SMALL)];
}

function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
