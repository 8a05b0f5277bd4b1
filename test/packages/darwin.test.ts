import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signed } from "../../packaging/darwin/index.ts";

/** A program for macOS with the parts that matter here: two segments, one section, and room for another load command. */
function makeMachO({ room = 64, bytes = 10_000 } = {}): Buffer {
  const commands = [
    segment("__TEXT", { offset: 0, size: 8192, sections: [32 + 152 + 72 + room] }),
    segment("__LINKEDIT", { offset: 8192, size: bytes - 8192, sections: [] }),
  ];
  const body = Buffer.concat(commands);
  const header = Buffer.alloc(32);
  for (const [index, value] of [0xfeedfacf, 0x100000c, 0, 2, commands.length, body.length, 0, 0].entries())
    header.writeUInt32LE(value, index * 4);
  const file = Buffer.alloc(bytes, "content ");
  Buffer.concat([header, body, Buffer.alloc(room)]).copy(file);
  return file;
}

function segment(
  name: string,
  { offset, size, sections }: { offset: number; size: number; sections: number[] },
): Buffer {
  const command = Buffer.alloc(72 + sections.length * 80);
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(command.length, 4);
  command.write(name, 8);
  command.writeBigUInt64LE(BigInt(offset), 40);
  command.writeBigUInt64LE(BigInt(size), 48);
  command.writeUInt32LE(sections.length, 64);
  for (const [index, at] of sections.entries()) command.writeUInt32LE(at, 72 + index * 80 + 48);
  return command;
}

/** The signature as the kernel looks for it: load command, SuperBlob, CodeDirectory. Written after Apple's header, not after the signer. */
function readSignature(file: Buffer): Record<string, unknown> & { start: number; digests: string[] } {
  let at = 32;
  let start = 0;
  let length = 0;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    if (file.readUInt32LE(at) === 0x1d) [start, length] = [file.readUInt32LE(at + 8), file.readUInt32LE(at + 12)];
    at += file.readUInt32LE(at + 4);
  }
  const blob = file.subarray(start, start + length);
  const directory = blob.subarray(blob.readUInt32BE(16));
  const hashOffset = directory.readUInt32BE(16);
  const pages = directory.readUInt32BE(28);
  return {
    start,
    commandsEnd: at,
    endsWithFile: start + length === file.length,
    superBlob: [
      blob.readUInt32BE(0).toString(16),
      blob.readUInt32BE(4) === length,
      blob.readUInt32BE(8),
      blob.readUInt32BE(12),
    ],
    directory: [directory.readUInt32BE(0).toString(16), directory.readUInt32BE(4) === directory.length],
    version: directory.readUInt32BE(8).toString(16),
    flags: directory.readUInt32BE(12),
    identifier: directory.toString("latin1", directory.readUInt32BE(20), hashOffset),
    codeLimit: directory.readUInt32BE(32),
    hash: [...directory.subarray(36, 40)],
    executableSegment: [64, 72, 80].map((offset) => Number(directory.readBigUInt64BE(offset))),
    digests: Array.from({ length: pages }, (_, page) =>
      directory.toString("hex", hashOffset + page * 32, hashOffset + (page + 1) * 32),
    ),
  };
}

function digestsOf(code: Buffer): string[] {
  const pages: string[] = [];
  for (let at = 0; at < code.length; at += 4096)
    pages.push(
      createHash("sha256")
        .update(code.subarray(at, Math.min(at + 4096, code.length)))
        .digest("hex"),
    );
  return pages;
}

describe("the ad hoc signature for macOS", () => {
  test("lies behind the code, where a load command says, and names the digest of every page", () => {
    const file = signed(makeMachO(), "plakar");
    const { start, digests, ...read } = readSignature(file);
    expect(start).toBe(10_000); // a multiple of 16
    expect(digests).toStrictEqual(digestsOf(file.subarray(0, start)));
    expect(read).toStrictEqual({
      commandsEnd: 32 + 152 + 72 + 16,
      endsWithFile: true,
      superBlob: ["fade0cc0", true, 1, 0],
      directory: ["fade0c02", true],
      version: "20400",
      flags: 2,
      identifier: "plakar\0",
      codeLimit: 10_000,
      hash: [32, 2, 0, 12],
      executableSegment: [0, 8192, 1],
    });
  });

  test("belongs to the last segment, and leaves the content as it was", () => {
    const before = makeMachO({ bytes: 10_001 });
    const file = signed(before, "plakar");
    const linkEdit = 32 + 152;
    expect(Number(file.readBigUInt64LE(linkEdit + 48))).toBe(file.length - 8192);
    expect(Number(file.readBigUInt64LE(linkEdit + 32))).toBe(0x4000);
    expect(file.subarray(400, 10_001)).toStrictEqual(before.subarray(400));
    expect(readSignature(file).start).toBe(10_016);
  });

  test("is replaced when the file is signed again", () => {
    const once = signed(makeMachO(), "plakar");
    expect(signed(once, "plakar")).toStrictEqual(once);
    expect(signed(signed(makeMachO(), "a.longer.identifier"), "plakar")).toStrictEqual(once);
  });

  test("changes with a byte of the program", () => {
    const other = makeMachO();
    other[9999] = 0;
    expect(readSignature(signed(other, "plakar")).digests).not.toStrictEqual(
      readSignature(signed(makeMachO(), "plakar")).digests,
    );
  });

  test.each([
    ["no Mach-O file", Buffer.from("#!/bin/sh"), "not a 64-bit Mach-O file"],
    ["a file without room", makeMachO({ room: 8 }), "no room for a signature"],
    ["something behind the last segment", Buffer.concat([makeMachO(), Buffer.alloc(1)]), "does not end with"],
  ])("is refused to %s", (_, file, message) => {
    expect(() => signed(file, "plakar")).toThrow(message);
  });
});
