export interface TarEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

const blockLength = 512;
const text = new TextDecoder();

/**
 * The regular files of a tar archive (POSIX.1-1988 ustar; of pax headers the path, of GNU's the long name). Stops at the
 * first empty block or the end of the bytes: apk's signature and control segments have no end blocks.
 */
export function readTar(archive: Uint8Array): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let offset = 0; offset + blockLength <= archive.length; ) {
    const header = archive.subarray(offset, offset + blockLength);
    if (header.every((byte) => byte === 0)) break;
    requireChecksum(header);
    const size = readOctal(header, 124, 12);
    const content = archive.subarray(offset + blockLength, offset + blockLength + size);
    if (content.length < size) throw new Error("the tar archive is cut short");
    offset += blockLength + roundUp(size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "x" || type === "g") longName = paxPath(content) ?? longName;
    else if (type === "L") longName = readString(content, 0, content.length);
    else {
      if (type === "0" || type === "\0") entries.push({ name: longName ?? entryName(header), content });
      longName = undefined;
    }
  }
  return entries;
}

/**
 * A tar archive whose bytes depend on names and contents only: no time, no owner. With `end` the two empty blocks that
 * close an archive; without them more may follow.
 */
export function writeTar(entries: readonly TarEntry[], { end }: { readonly end: boolean }): Uint8Array {
  const blocks = entries.flatMap(({ name, content }) => [
    makeHeader(name, content.length),
    content,
    new Uint8Array(roundUp(content.length) - content.length),
  ]);
  return Buffer.concat(end ? [...blocks, new Uint8Array(2 * blockLength)] : blocks);
}

function makeHeader(name: string, size: number): Uint8Array {
  const header = Buffer.alloc(blockLength);
  if (Buffer.byteLength(name) > 100) throw new Error(`too long a name for a tar header: ${name}`);
  header.write(name, 0);
  for (const [offset, digits, value] of [
    [100, 7, 0o644],
    [108, 7, 0],
    [116, 7, 0],
    [124, 11, size],
    [136, 11, 0],
  ] as const)
    header.write(value.toString(8).padStart(digits, "0"), offset);
  header.write("        0", 148); // the checksum counts as spaces; then the type, a regular file
  header.write("ustar\x0000", 257);
  header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function requireChecksum(header: Uint8Array): void {
  if (readOctal(header, 148, 8) !== checksumOf(header)) throw new Error("a tar header is damaged");
}

function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

function readOctal(block: Uint8Array, offset: number, length: number): number {
  const digits = readString(block, offset, length).trim();
  if (!/^[0-7]+$/.test(digits)) throw new Error("a tar header is damaged");
  return Number.parseInt(digits, 8);
}

function readString(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return text.decode(end < 0 ? field : field.subarray(0, end));
}

function entryName(header: Uint8Array): string {
  const prefix = readString(header, 257, 5) === "ustar" ? readString(header, 345, 155) : "";
  const name = readString(header, 0, 100);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function paxPath(content: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text.decode(content))?.[1];
}

function roundUp(size: number): number {
  return Math.ceil(size / blockLength) * blockLength;
}
