export interface ArMember {
  readonly name: string;
  readonly content: Uint8Array;
}

const magic = "!<arch>\n";
const headerLength = 60;

/**
 * The members of an ar archive in the common subset that .deb files use (deb(5)): a magic line, then for each member a
 * header of 60 bytes of text (name 16, time 12, owner 6, group 6, mode 8, size 10, end 2) and the content, padded to an
 * even offset. Throws an Error on anything else.
 */
export function readAr(archive: Uint8Array): ArMember[] {
  const text = new TextDecoder("latin1");
  if (text.decode(archive.subarray(0, magic.length)) !== magic) throw new Error("not an ar archive");
  const members: ArMember[] = [];
  for (let offset = magic.length; offset < archive.length; ) {
    const header = text.decode(archive.subarray(offset, offset + headerLength));
    const size = header.slice(48, 58).trim();
    if (header.length < headerLength || !header.endsWith("`\n") || !/^\d+$/.test(size))
      throw new Error(`no ar header at ${offset}`);
    const start = offset + headerLength;
    const end = start + Number(size);
    const next = end + (end % 2);
    if (next > archive.length) throw new Error("the archive is cut short");
    // System V ends names with a slash, Debian does not
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), content: archive.subarray(start, end) });
    offset = next;
  }
  return members;
}
