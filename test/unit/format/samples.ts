import { readState, StateWriter } from "../../../src/format/index.ts";

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Reads a state and writes what was read. */
export function rewriteState(plain: Uint8Array, version: number): Uint8Array {
  const writer = new StateWriter(plain.subarray(0, 32));
  const frame = readState(plain, version, {
    location: (type, entryVersion, bytes, macAt, packfileAt, offset, length, flags) => {
      const mac = bytes.subarray(macAt, macAt + 32);
      const packfile = bytes.subarray(packfileAt, packfileAt + 32);
      writer.location({ type, version: entryVersion, mac, packfile, offset, length, flags });
    },
    coloured: (entry) => writer.coloured(entry),
    packfile: (entry) => writer.packfile(entry),
    delete: (entry) => writer.delete(entry),
  });
  return writer.finish(frame);
}
