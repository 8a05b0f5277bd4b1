import { describe, expect, it } from "vitest";
import { equalBytes, isPlakarError, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import type { Sealer } from "../../../src/sealing/index.ts";
import { compressions, content, newKernels, newSealer, parametersOf, secret, wrappings } from "./sealers.ts";

const kernels = newKernels();
const combinations = compressions.flatMap((compression) => wrappings.map((wrapping) => ({ compression, wrapping })));
const what = "chunk 1 of /a";

/**
 * What became of damaged bytes. `refused` with the typed error that says what and why, `caught` because the MAC differs,
 * `unharmed`: the very content all the same (a gzip header's time, another place of the same text in LZ4).
 */
function outcome(sealer: Sealer, damaged: Uint8Array, plain: Uint8Array): string {
  try {
    const opened = sealer.open(damaged, { maxBytes: plain.length, what });
    if (equalBytes(opened, plain)) return "unharmed";
    return equalBytes(sealer.mac(opened), sealer.mac(plain)) ? "MISSED" : "caught";
  } catch (error) {
    const isTyped =
      isPlakarError(error, "corrupted") &&
      error.code === "blob-damaged" &&
      error.message.includes(what) &&
      typeof error.details["reason"] === "string";
    return isTyped ? "refused" : `UNTYPED ${String(error)}`;
  }
}

function changed(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
}

describe.each(combinations)("damage: compression $compression, subkeys by $wrapping", ({ compression, wrapping }) => {
  const sealer = newSealer(parametersOf(compression, wrapping), kernels);
  const plain = content(300);
  const sealed = sealer.seal(plain);
  // with encryption nothing is ever opened; without, damage may also come to light by the MAC
  const allowed = wrapping ? ["refused"] : ["refused", "caught", "unharmed"];

  it("any changed bit of any byte is refused, or caught by the MAC", () => {
    const seen = new Set<string>();
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 0; bit < 8; bit++) seen.add(outcome(sealer, changed(sealed, at, 1 << bit), plain));
    }
    expect(allowed).toEqual(expect.arrayContaining([...seen]));
  });

  it("any shorter part of it is refused, or caught by the MAC", () => {
    const seen = new Set<string>();
    for (let length = 0; length < sealed.length; length++) seen.add(outcome(sealer, sealed.subarray(0, length), plain));
    expect(["refused", "caught"]).toEqual(expect.arrayContaining([...seen]));
  });

  it("noise is refused, or caught by the MAC", () => {
    const random = new SeededRandom(11);
    const seen = new Set<string>();
    for (let length = 0; length < 300; length++) seen.add(outcome(sealer, random.bytes(length), plain));
    expect(["refused", "caught"]).toEqual(expect.arrayContaining([...seen]));
  });

  it("content above the limit is refused, and told so", () => {
    const bomb = sealer.seal(new Uint8Array(5 << 20));
    for (const maxBytes of [0, 1, 1000, (5 << 20) - 1]) {
      const reason = `it expands to more than ${maxBytes} bytes`;
      expect(() => sealer.open(bomb, { maxBytes, what })).toThrow(
        expect.objectContaining({ code: "blob-damaged", kind: "corrupted", details: { reason } }),
      );
    }
    expect(sealer.open(bomb, { maxBytes: 5 << 20, what }).length).toBe(5 << 20);
    expect(() => sealer.open(sealer.seal(content(1)), { maxBytes: 0, what })).toThrow("more than 0 bytes");
    const address = kernels.allocate(64 << 10);
    const small = sealer.seal(content(2000));
    kernels.bytes.set(small, address);
    expect(() => sealer.openAt(address, small.length, address + 8192, 1999)).toThrow("more than 1999 bytes");
  });
});

describe("damage in large blobs", () => {
  const plain = content(300_000, "noise");
  const sealer = newSealer(parametersOf(null, "AES256-KW"), kernels);
  const sealed = sealer.seal(plain);

  it("a changed byte in any slice is refused, with the slice's number", () => {
    for (let slice = 0; slice < 5; slice++) {
      const damaged = changed(sealed, 40 + slice * 65564 + 100);
      expect(() => sealer.open(damaged, { maxBytes: plain.length, what })).toThrow(`slice ${slice} is not genuine`);
    }
  });

  const slice = (i: number): Uint8Array => sealed.subarray(40 + i * 65564, 40 + (i + 1) * 65564);

  it("slices that were exchanged, doubled or cut off do not fool the MAC", () => {
    const mac = toHex(sealer.mac(plain));
    for (const order of [[1, 0, 2, 3, 4], [0, 1, 2, 3], [0, 1, 1, 2, 3, 4], []]) {
      const rearranged = Buffer.concat([sealed.subarray(0, 40), ...order.map(slice)]);
      const opened = sealer.open(rearranged, { maxBytes: 1 << 20, what });
      expect(toHex(sealer.mac(opened))).not.toBe(mac);
    }
  });

  it.each([
    ["LZ4", null],
    ["LZ4", "AES256-KW"],
    [null, "AES256-GCM"],
    ["ZSTD", "AES256-KW"],
  ] as const)(
    "%s, %s: content larger than the kernels' memory is refused or caught no less",
    (compression, wrapping) => {
      const tight = newSealer(parametersOf(compression, wrapping), newKernels(10 << 20));
      const huge = content(12 << 20, "noise");
      const large = tight.seal(huge);
      const places = [0, 5, 6, 7, 10, 11, 45, 100, 1_000_000, 4_194_320, large.length - 6, large.length - 1];
      const lengths = [0, 3, 6, 8, 41, 1_000_000, large.length - 1];
      const seen = new Set([
        ...places.map((at) => outcome(tight, changed(large, at, 0x20), huge)),
        ...lengths.map((length) => outcome(tight, large.subarray(0, length), huge)),
      ]);
      expect(["refused", "caught"]).toEqual(expect.arrayContaining([...seen]));
    },
  );
});

describe("a ZSTD frame", () => {
  const sealer = newSealer(parametersOf("ZSTD", null), kernels);
  // RFC 8878, section 3.1.1: magic, no flags, the window's size, one last block of the byte "a" once
  const frame = (windowLog: number): Uint8Array =>
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 0x0b, 0, 0, 0x61);

  it("that asks for more memory than any writer uses is refused, however little it holds", () => {
    expect(Buffer.from(sealer.open(frame(25), { maxBytes: 100, what })).toString()).toBe("a");
    for (const windowLog of [26, 27, 31, 41]) {
      expect(() => sealer.open(frame(windowLog), { maxBytes: 100, what })).toThrow("damaged");
    }
  });
});

describe("errors", () => {
  it("never tell a key", () => {
    const sealer = newSealer(parametersOf("LZ4", "AES256-KW"), kernels);
    const sealed = sealer.seal(content(100));
    const told = [3, 50, 90].map((at) =>
      everythingTold(() => sealer.open(changed(sealed, at), { maxBytes: 100, what })),
    );
    expect(told.every((text) => text.includes("blob-damaged"))).toBe(true);
    for (const encoding of ["hex", "base64", "latin1"] as const) {
      expect(told.join()).not.toContain(Buffer.from(secret).toString(encoding));
    }
  });
});

/** Text of the error that the action ends with, of its fields and its causes. */
function everythingTold(action: () => unknown): string {
  const told: string[] = [];
  try {
    action();
  } catch (thrown) {
    for (let error: unknown = thrown; error instanceof Error; error = error.cause) {
      told.push(String(error), JSON.stringify(error), error.stack ?? "");
    }
  }
  return told.join("\n");
}
