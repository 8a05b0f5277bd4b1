import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { PackagingError } from "../packaging-error.ts";

const magic = "!<arch>\n";
const headerLength = 60;

/**
 * A .deb (deb(5)) whose data member is as nfpm left it, uncompressed, with that member compressed. nfpm's own xz makes a
 * fifth more of it, and its zstd knows only the fast levels; every dpkg in use reads both of these.
 */
export function compressData(deb: Uint8Array, method: "xz" | "gzip"): Uint8Array {
  const end = method === "xz" ? "xz" : "gz";
  const compress = method === "xz" ? xz : gzip;
  const members = readMembers(Buffer.from(deb.buffer, deb.byteOffset, deb.byteLength)).map((member) =>
    member.name === "data.tar" ? { ...member, name: `data.tar.${end}`, content: compress(member.content) } : member,
  );
  return Buffer.concat([Buffer.from(magic), ...members.flatMap(writeMember)]);
}

/** With threads the bytes do not depend on how many there are, and without they are others. */
function xz(content: Uint8Array): Uint8Array {
  const maxBuffer = content.length + 1024 * 1024;
  const { status, stdout, stderr, error } = spawnSync("xz", ["-6", "--threads=2"], { input: content, maxBuffer });
  if (status === 0) return stdout;
  const problem = error === undefined ? stderr.toString().trim() : error.message;
  throw new PackagingError(`the deb cannot be compressed: ${problem}`, "have the program xz (apt install xz-utils)", {
    cause: error,
  });
}

/** Node writes no time into the header. */
function gzip(content: Uint8Array): Uint8Array {
  return gzipSync(content, { level: 1 });
}

interface Member {
  readonly name: string;
  /** Time, owner, group and mode, in ar's own columns. */
  readonly attributes: string;
  readonly content: Uint8Array;
}

function readMembers(archive: Buffer): Member[] {
  if (archive.toString("latin1", 0, magic.length) !== magic) throw new Error("nfpm's deb is no ar archive");
  const members: Member[] = [];
  for (let at = magic.length; at < archive.length; ) {
    const header = archive.toString("latin1", at, at + headerLength);
    const start = at + headerLength;
    const size = Number(header.slice(48, 58));
    const content = archive.subarray(start, start + size);
    if (!header.endsWith("`\n") || content.length !== size) throw new Error("nfpm's deb is cut short");
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), attributes: header.slice(16, 48), content });
    at = start + size + (size % 2);
  }
  return members;
}

function writeMember({ name, attributes, content }: Member): Uint8Array[] {
  const header = `${name.padEnd(16)}${attributes}${String(content.length).padEnd(10)}\`\n`;
  return [Buffer.from(header, "latin1"), content, Buffer.alloc(content.length % 2, "\n")];
}
