import { type ByteString, DEVICE_ATTRIBUTE, FLAGS_ATTRIBUTE, fromText, toText } from "../../foundation/index.ts";
import type { ByteReader } from "./byte-reader.ts";
import { decodePaxRecords, type PaxRecords, paxTime } from "./pax-records.ts";
import { readSparseMap, withHoles } from "./sparse-map.ts";
import { BLOCK_BYTES, decodeTarHeader, type TarHeader, tarDamaged } from "./tar-header.ts";

/** An entry with everything that extension headers say of it. */
export interface TarEntry extends Omit<TarHeader, "modifiedSeconds" | "sparse"> {
  readonly modifiedNs: bigint;
  readonly attributes: readonly { readonly name: ByteString; readonly value: Uint8Array }[];
  /** What the entry has and this reader does not give, for people; undefined when nothing. */
  readonly lacking: string | undefined;
  /** To be read to its end before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Names and records that come before an entry; what is larger is no such thing. */
const MAX_EXTENSION_BYTES = 4 << 20;
const SECOND_NS = 1_000_000_000n;
const XATTR_PREFIX = "SCHILY.xattr.";
const none: PaxRecords = new Map();

/**
 * The entries of an archive in their order: ustar, pax and GNU tar. `onNoEnd` hears of one without the two empty blocks that
 * POSIX wants at the end. Throws `tar-damaged` (kind input) for what is none, or
 * ends before its end.
 */
export async function* readTarEntries(reader: ByteReader, onNoEnd: () => void): AsyncGenerator<TarEntry> {
  let global: PaxRecords = none;
  let own: PaxRecords = none;
  let longName: ByteString | undefined;
  let longLink: ByteString | undefined;
  for (;;) {
    const block = await reader.read(BLOCK_BYTES);
    if (block.length === 0) return onNoEnd(); // some archives have none, and every one that is cut off
    if (block.length < BLOCK_BYTES) throw tarDamaged("it ends in the middle of a header");
    const header = decodeTarHeader(block);
    if (!header) return;
    if (header.type === "g") global = new Map([...global, ...decodePaxRecords(await readExtension(reader, header))]);
    else if (header.type === "x") own = decodePaxRecords(await readExtension(reader, header));
    else if (header.type === "L") longName = cString(await readExtension(reader, header));
    else if (header.type === "K") longLink = cString(await readExtension(reader, header));
    else {
      const records = own.size === 0 ? global : new Map([...global, ...own]);
      yield* entryOf(
        reader,
        { ...header, name: longName ?? header.name, linkName: longLink ?? header.linkName },
        records,
      );
      own = none;
      longName = undefined;
      longLink = undefined;
    }
  }
}

async function* entryOf(reader: ByteReader, header: TarHeader, records: PaxRecords): AsyncGenerator<TarEntry> {
  const storedBytes = numberRecord(records, "size") ?? header.sizeBytes;
  const sparse = await readSparseMap(reader, { ...header, sizeBytes: storedBytes }, records);
  const dataBytes = storedBytes - (sparse?.mapBytes ?? 0);
  let read = false;
  const data = async function* (bytes: number): AsyncGenerator<Uint8Array> {
    const missing: number = yield* reader.take(bytes);
    if (missing > 0) throw tarDamaged("it ends in the middle of a file");
  };
  const content = async function* (): AsyncGenerator<Uint8Array> {
    read = true;
    yield* sparse ? withHoles(sparse, data) : data(dataBytes);
  };
  yield {
    ...header,
    type: header.type === "S" ? "0" : header.type,
    name: sparse?.name ?? record(records, "path") ?? header.name,
    linkName: record(records, "linkpath") ?? header.linkName,
    userId: numberRecord(records, "uid") ?? header.userId,
    groupId: numberRecord(records, "gid") ?? header.groupId,
    userName: record(records, "uname") ?? header.userName,
    groupName: record(records, "gname") ?? header.groupName,
    sizeBytes: sparse?.sizeBytes ?? storedBytes,
    modifiedNs: timeOf(header, records),
    attributes: attributesOf(records),
    lacking: lackingOf(records),
    content: content(),
  };
  if (!read && (await reader.skip(dataBytes)) > 0) throw tarDamaged("it ends in the middle of a file");
  // the last padding may be missing: nothing is lost with it
  await reader.skip((BLOCK_BYTES - (storedBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

async function readExtension(reader: ByteReader, { sizeBytes }: TarHeader): Promise<Uint8Array> {
  if (sizeBytes > MAX_EXTENSION_BYTES) throw tarDamaged("a record of attributes is larger than any can be");
  const bytes = await reader.read(sizeBytes);
  if (bytes.length < sizeBytes) throw tarDamaged("it ends in the middle of a header");
  await reader.skip((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
  return bytes;
}

function cString(bytes: Uint8Array): ByteString {
  const text = Buffer.from(bytes).toString("latin1");
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)) as ByteString;
}

function record(records: PaxRecords, key: string): ByteString | undefined {
  const value = records.get(fromText(key));
  return value === "" ? undefined : value; // an empty value takes back a global one
}

function numberRecord(records: PaxRecords, key: string): number | undefined {
  const text = record(records, key);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw tarDamaged(`a record of attributes has a wrong ${key}`);
  return number;
}

function timeOf({ modifiedSeconds }: TarHeader, records: PaxRecords): bigint {
  const text = record(records, "mtime");
  return (text === undefined ? undefined : paxTime(text)) ?? BigInt(modifiedSeconds) * SECOND_NS;
}

function attributesOf(records: PaxRecords): TarEntry["attributes"] {
  return [...records]
    .filter(([key]) => key.startsWith(XATTR_PREFIX) && !isOwn(key.slice(XATTR_PREFIX.length)))
    .map(([key, value]) => ({
      name: key.slice(XATTR_PREFIX.length) as ByteString,
      value: Buffer.from(value, "latin1"),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names that stand for something in snapshots: an archive has no say in that. */
function isOwn(attribute: string): boolean {
  return attribute === FLAGS_ATTRIBUTE || attribute === DEVICE_ATTRIBUTE;
}

/** What is in the records and is not kept. */
function lackingOf(records: PaxRecords): string | undefined {
  const keys = [...records.keys()];
  const lists = keys.filter((key) => key.startsWith("SCHILY.acl."));
  const own = keys.filter((key) => key.startsWith(XATTR_PREFIX) && isOwn(key.slice(XATTR_PREFIX.length)));
  const lacking = [
    ...(lists.length > 0 ? [`its access lists (${lists.map((key) => toText(key)).join(", ")}) are not kept`] : []),
    ...own.map((key) => `its attribute ${key.slice(XATTR_PREFIX.length)} is not kept: the name is plakar's own`),
  ];
  return lacking.length === 0 ? undefined : lacking.join("; ");
}
