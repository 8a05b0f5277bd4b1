/* Extended attributes by getfattr(1) and setfattr(1) of the package attr. */
import type { ByteString } from "../foundation/index.ts";
import { HELD, runOn } from "./programs.ts";
import { errorOfCode } from "./system-error.ts";

type Target = ByteString | number;

/** All attributes of a target, in byte order of their names. Throws system errors. */
export function attributesByProgram(target: Target): Map<ByteString, Uint8Array<ArrayBuffer>> {
  const found: [ByteString, Uint8Array<ArrayBuffer>][] = [];
  const listing = runOn(target, "getfattr", ["-d", "-m", "-", "-e", "hex", "--absolute-names", "--", HELD]);
  for (const line of listing.split("\n")) {
    const equals = line.indexOf("=0x");
    if (line.startsWith("#") || equals < 0) continue;
    found.push([unescaped(line.slice(0, equals)), new Uint8Array(Buffer.from(line.slice(equals + 3), "hex"))]);
  }
  return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function setAttributeByProgram(target: Target, name: ByteString, value: Uint8Array): void {
  const hex = Buffer.from(value).toString("hex");
  runOn(target, "setfattr", ["-n", argument(name), ...(hex === "" ? [] : ["-v", `0x${hex}`]), "--", HELD]);
}

export function removeAttributeByProgram(target: Target, name: ByteString): void {
  runOn(target, "setfattr", ["-x", argument(name), "--", HELD]);
}

/** getfattr writes bytes that are not plain as `\ooo`, and so `=` and the backslash. */
function unescaped(name: string): ByteString {
  const raw = name.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return raw as ByteString;
}

/** setfattr takes names as they are, and Node arguments as text: only ASCII is the same in both. */
function argument(name: ByteString): string {
  // oxlint-disable-next-line no-control-regex -- ASCII is the point
  if (!/^[\u0001-\u007f]+$/.test(name)) throw errorOfCode("ENOTSUP", "setfattr", name);
  return name;
}
