import { describe, expect, it } from "vitest";
import { SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { openBlob, sealBlob } from "./other-opener.ts";
import {
  type Compressing,
  compressions,
  content,
  newKernels,
  newSealer,
  parametersOf,
  secret,
  type Wrapping,
  wrappings,
} from "./sealers.ts";

const combinations = compressions.flatMap((compression) => wrappings.map((wrapping) => ({ compression, wrapping })));
const small = Array.from({ length: 201 }, (_, length) => length);
const large = [1024, 65535, 65536, 65537, 1 << 20, 8 << 20];
const what = "it";

const kernels = newKernels(48 << 20);
const text = kernels.allocate(8 << 20);
const room = kernels.allocate((8 << 20) + (1 << 17));

describe.each(combinations)("compression $compression, subkeys by $wrapping", ({ compression, wrapping }) => {
  const sealer = newSealer(parametersOf(compression, wrapping), kernels);
  const other = (sealed: Uint8Array): Uint8Array => openBlob(sealed, secret, compression, wrapping);

  it.each(["text", "noise"] as const)(
    "%s of every length to 200 bytes comes back, and node:crypto and node:zlib agree",
    (kind) => {
      for (const length of small) {
        const plain = content(length, kind);
        const sealed = sealer.seal(plain);
        expect(sealed.length).toBeLessThanOrEqual(sealer.sealedBound(length));
        expect(sealer.open(sealed, { maxBytes: length, what })).toEqual(plain);
        expect(other(sealed)).toEqual(plain);
      }
    },
  );

  it.each(["text", "noise"] as const)("%s up to a chunk of 8 MiB comes back, as bytes and in kernel memory", (kind) => {
    for (const length of large) {
      const plain = content(length, kind);
      const sealed = sealer.seal(plain);
      expect(Buffer.compare(sealer.open(sealed, { maxBytes: length, what }), plain)).toBe(0);
      const second = length <= 1 << 20 ? other(sealed) : plain; // the plain reader of LZ4 is slow
      expect(Buffer.compare(second, plain)).toBe(0);

      kernels.bytes.set(plain, text);
      const bound = sealer.sealedBound(length);
      kernels.bytes.fill(0xee, room + bound, room + bound + 64);
      const sealedBytes = sealer.sealAt(text, length, room);
      expect(sealedBytes).toBeLessThanOrEqual(bound);
      expect(kernels.bytes.subarray(room + bound, room + bound + 64).every((byte) => byte === 0xee)).toBe(true);
      expect(Buffer.compare(kernels.bytes.subarray(text, text + length), plain)).toBe(0);
      kernels.bytes.fill(0, text, text + length);
      expect(sealer.openAt(room, sealedBytes, text, length)).toBe(length);
      expect(Buffer.compare(kernels.bytes.subarray(text, text + length), plain)).toBe(0);
    }
  });

  it("content that lies in kernel memory is sealed and opened where it is asked for as bytes, and stays", () => {
    const plain = content(5000);
    kernels.bytes.set(plain, text);
    const sealed = sealer.seal(kernels.bytes.subarray(text, text + plain.length));
    kernels.bytes.set(sealed, room);
    const view = kernels.bytes.subarray(room, room + sealed.length);
    expect(sealer.open(view, { maxBytes: 5000, what })).toEqual(plain);
    expect(new Uint8Array(view)).toEqual(sealed);
  });

  it("content known not to compress is stored as it is", () => {
    const plain = content(100_000);
    kernels.bytes.set(plain, text);
    const length = sealer.sealAt(text, plain.length, room, { stored: true });
    expect(length).toBeGreaterThanOrEqual(compression === "ZSTD" ? 0 : plain.length); // which cannot store
    expect(other(kernels.bytes.slice(room, room + length))).toEqual(plain);
  });

  it("content larger than the kernels' memory comes back", () => {
    const tight = newSealer(parametersOf(compression, wrapping), newKernels(10 << 20));
    const plain = content((21 << 20) + 77);
    const sealed = tight.seal(plain);
    expect(Buffer.compare(tight.open(sealed, { maxBytes: plain.length, what }), plain)).toBe(0);
    expect(Buffer.compare(sealer.open(sealed, { maxBytes: 1 << 30, what }), plain)).toBe(0);
    expect(() => tight.open(sealed, { maxBytes: plain.length - 1, what })).toThrow(
      expect.objectContaining({ code: "blob-damaged" }),
    );
  });
});

describe("a sealer", () => {
  it("works with parameters that were posted to another thread", () => {
    for (const wrapping of wrappings) {
      const parameters = parametersOf("LZ4", wrapping);
      const sealed = newSealer(parameters, kernels).seal(content(300));
      const other = newSealer(structuredClone(parameters), kernels);
      expect(other.open(sealed, { maxBytes: 300, what })).toEqual(content(300));
    }
  });

  it("opens what was sealed elsewhere under a subkey for each blob", () => {
    const sealer = newSealer(parametersOf(null, "AES256-KW"), kernels);
    const random = new SeededRandom(3);
    for (const length of [0, 1, 768, 769, 65536, 65537, 200_000]) {
      const plain = content(length);
      const sealed = sealBlob(plain, secret, random.bytes(32), () => random.bytes(12));
      expect(sealer.open(sealed, { maxBytes: length, what })).toEqual(plain);
    }
  });

  it("seals all blobs of a session under one subkey, each under nonces of its own", () => {
    const sealer = newSealer(parametersOf(null, "AES256-KW"), kernels);
    const [a, b] = [sealer.seal(content(50)), sealer.seal(content(50))];
    expect(a.subarray(0, 40)).toEqual(b.subarray(0, 40));
    expect(a.subarray(40, 52)).not.toEqual(b.subarray(40, 52));
    const session = newSealer(parametersOf(null, "AES256-KW"), newKernels());
    expect(session.seal(content(50)).length).toBe(118);
  });

  it("seals each blob under a subkey of its own where it is told to", () => {
    const encryption = { subKeyAlgorithm: "AES256-KW", sliceBytes: 65536, subkeyPerBlob: true } as const;
    const sealer = newSealer({ ...parametersOf("LZ4", "AES256-KW"), encryption }, kernels);
    const blobs = [content(50), content(50), content(200_000)].map((plain) => sealer.seal(plain));
    expect(new Set(blobs.map((blob) => toHex(blob.subarray(0, 40)))).size).toBe(3);
    expect(openBlob(blobs[2] as Uint8Array, secret, "LZ4", "AES256-KW")).toEqual(content(200_000));
  });

  it("is not made with half of what encryption takes", () => {
    const bug = expect.objectContaining({ code: "secret-mismatch", kind: "bug" });
    expect(() => newSealer({ ...parametersOf("LZ4", "AES256-KW"), secret: null }, kernels)).toThrow(bug);
    expect(() => newSealer({ ...parametersOf("LZ4", null), secret }, kernels)).toThrow(bug);
  });

  it("takes slices of the size that CONFIG says", () => {
    for (const sliceBytes of [1, 100, 4096, 1 << 20]) {
      const base = parametersOf("LZ4", "AES256-GCM");
      const parameters = { ...base, encryption: { subKeyAlgorithm: "AES256-GCM", sliceBytes } } as const;
      const sealer = newSealer(parameters, kernels);
      const plain = content(sliceBytes === 1 ? 2000 : 3_000_000);
      expect(Buffer.compare(sealer.open(sealer.seal(plain), { maxBytes: plain.length, what }), plain)).toBe(0);
    }
  });

  it("shares kernels with a sealer of another store", () => {
    const one = newSealer(parametersOf("LZ4", "AES256-KW"), kernels);
    const two = newSealer({ ...parametersOf("LZ4", "AES256-KW"), secret: new Uint8Array(32) }, kernels);
    const [a, b] = [one.seal(content(100)), two.seal(content(2000))];
    expect(one.open(a, { maxBytes: 100, what })).toEqual(content(100));
    expect(two.open(b, { maxBytes: 2000, what })).toEqual(content(2000));
    expect(() => one.open(b, { maxBytes: 2000, what })).toThrow("its key does not unwrap");
  });
});

/** Keeps the two unions honest: a new member must be tested, too. */
const known: Record<NonNullable<Compressing> | NonNullable<Wrapping>, true> = {
  LZ4: true,
  GZIP: true,
  ZSTD: true,
  "AES256-KW": true,
  "AES256-GCM": true,
};
it("all algorithms are among the combinations", () => {
  expect(Object.keys(known).length).toBe(compressions.length - 1 + wrappings.length - 1);
});
