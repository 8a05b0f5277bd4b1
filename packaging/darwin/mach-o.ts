/** The few parts of a Mach-O file (Apple's mach-o/loader.h) that a signature has to know. Thin, 64 bits, little-endian. */

const headerLength = 32;
const [magic64, segment64, codeSignature] = [0xfeedfacf, 0x19, 0x1d];
const codeSignatureLength = 16;

export interface Segment {
  /** Where its load command lies. */
  readonly at: number;
  readonly fileOffset: number;
  readonly fileSize: number;
}

export interface MachO {
  /** A segment by its name. */
  readonly segments: ReadonlyMap<string, Segment>;
  /** Where the load command of a signature lies, if there is one. */
  readonly signatureAt: number | undefined;
  readonly commandsEnd: number;
  /** Where the first content begins: load commands can grow until there. */
  readonly contentStart: number;
}

export function readMachO(file: Buffer): MachO {
  if (file.length < headerLength || file.readUInt32LE(0) !== magic64) throw new Error("not a 64-bit Mach-O file");
  const segments = new Map<string, Segment>();
  let signatureAt: number | undefined;
  let contentStart = file.length;
  let at = headerLength;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const command = file.readUInt32LE(at);
    if (command === segment64) {
      const name = file.toString("latin1", at + 8, at + 24).replace(/\0.*$/, "");
      segments.set(name, { at, fileOffset: offsetAt(file, at + 40), fileSize: offsetAt(file, at + 48) });
      for (const offset of sectionOffsets(file, at)) contentStart = Math.min(contentStart, offset);
    } else if (command === codeSignature) signatureAt = at;
    at += file.readUInt32LE(at + 4);
  }
  return { segments, signatureAt, commandsEnd: at, contentStart };
}

export function segmentOf({ segments }: MachO, name: string): Segment {
  const segment = segments.get(name);
  if (segment === undefined) throw new Error(`the Mach-O file has no segment ${name}`);
  return segment;
}

/** Sections without content in the file (zerofill) have the offset 0. */
function sectionOffsets(file: Buffer, at: number): number[] {
  const count = file.readUInt32LE(at + 64);
  return Array.from({ length: count }, (_, index) => file.readUInt32LE(at + 72 + index * 80 + 48)).filter(Boolean);
}

function offsetAt(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}

/** Appends the load command of a signature, for which linkers leave room. */
export function addSignatureCommand(file: Buffer, { commandsEnd, contentStart }: MachO): number {
  if (commandsEnd + codeSignatureLength > contentStart) throw new Error("the Mach-O file has no room for a signature");
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) + codeSignatureLength, 20);
  file.writeUInt32LE(codeSignature, commandsEnd);
  file.writeUInt32LE(codeSignatureLength, commandsEnd + 4);
  return commandsEnd;
}

/** Writes where the signature lies, and stretches the last segment over it. */
export function placeSignature(
  file: Buffer,
  place: { readonly command: number; readonly linkEdit: Segment; readonly start: number; readonly length: number },
): void {
  const { command, linkEdit, start, length } = place;
  file.writeUInt32LE(start, command + 8);
  file.writeUInt32LE(length, command + 12);
  const fileSize = start + length - linkEdit.fileOffset;
  file.writeBigUInt64LE(BigInt(Math.ceil(fileSize / largestPage) * largestPage), linkEdit.at + 32);
  file.writeBigUInt64LE(BigInt(fileSize), linkEdit.at + 48);
}

/** Of memory, on Apple's own processors; Intel's have smaller ones. */
const largestPage = 0x4000;
