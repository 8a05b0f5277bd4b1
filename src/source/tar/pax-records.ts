import { type ByteString, fromLatin1 } from "../../foundation/index.ts";
import { tarDamaged } from "./tar-header.ts";

/** Attributes of an entry by their keys, both bytes: POSIX.1-2001 (pax), section "pax Interchange Format". */
export type PaxRecords = ReadonlyMap<ByteString, ByteString>;

/** Reads records `LENGTH KEY=VALUE\n`, the length in decimal and of the whole record. Throws `tar-damaged`. */
export function decodePaxRecords(bytes: Uint8Array): PaxRecords {
  const text = Buffer.from(bytes).toString("latin1");
  const records = new Map<ByteString, ByteString>();
  for (let at = 0; at < text.length; ) {
    if (text[at] === "\0") break; // some writers pad with zeros
    const space = text.indexOf(" ", at);
    const length = space < 0 ? Number.NaN : Number(text.slice(at, space));
    const end = at + length;
    if (!Number.isInteger(length) || end <= space || end > text.length || text[end - 1] !== "\n") {
      throw tarDamaged("a record of attributes has a wrong length");
    }
    const equals = text.indexOf("=", space);
    if (equals < 0 || equals >= end) throw tarDamaged("a record of attributes has no value");
    add(records, fromLatin1(text.slice(space + 1, equals)), fromLatin1(text.slice(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

/** The oldest sparse format says the same keys again for each extent: they are put together as the next one writes them. */
function add(records: Map<ByteString, ByteString>, key: ByteString, value: ByteString): void {
  const isExtent = key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes";
  const before = isExtent ? records.get(SPARSE_MAP) : undefined;
  const whole = before === undefined ? value : (`${before},${value}` as ByteString);
  records.set(isExtent ? SPARSE_MAP : key, whole);
}

const SPARSE_MAP = "GNU.sparse.map" as ByteString;
const SECOND_NS = 1_000_000_000n;

/** `SECONDS[.FRACTION]`, perhaps negative, to nanoseconds since 1970; undefined where it is no time. */
export function paxTime(text: string): bigint | undefined {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d{1,18})(?:\.(\d*))?$/.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const ns = BigInt(seconds) * SECOND_NS + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -ns : ns;
}
