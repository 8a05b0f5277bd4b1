/** Signs a program for macOS ad hoc, on any system. */
import { readFileSync, writeFileSync } from "node:fs";
import { adHocSignature, signatureLength } from "./code-signature.ts";
import { addSignatureCommand, placeSignature, readMachO, segmentOf } from "./mach-o.ts";

/**
 * Replaces the file by its signed self. The injection into Node has taken Apple's signature away; without any, macOS on
 * Apple's processors kills the program. To be started without a question after a download it would have to be notarised,
 * which needs an account with Apple.
 */
export function signMachO(path: string, identifier: string): void {
  writeFileSync(path, signed(readFileSync(path), identifier));
}

/** What was there of a signature is replaced. */
export function signed(file: Buffer, identifier: string): Buffer {
  const machO = readMachO(file);
  const linkEdit = segmentOf(machO, "__LINKEDIT");
  const text = segmentOf(machO, "__TEXT");
  const end = machO.signatureAt === undefined ? file.length : file.readUInt32LE(machO.signatureAt + 8);
  if (machO.signatureAt === undefined && linkEdit.fileOffset + linkEdit.fileSize !== file.length)
    throw new Error("the Mach-O file does not end with its last segment");
  const start = Math.ceil(end / 16) * 16;
  const length = signatureLength(start, identifier);
  const code = Buffer.alloc(start);
  file.copy(code, 0, 0, end);
  const command = machO.signatureAt ?? addSignatureCommand(code, machO);
  placeSignature(code, { command, linkEdit, start, length });
  return Buffer.concat([code, adHocSignature({ code, identifier, text })]);
}
