import { describe, expect, it } from "vitest";
import {
  decodeConfiguration,
  type EncryptionConfiguration,
  encodeConfiguration,
  type KdfParameters,
  type StoreConfiguration,
} from "../../../src/format/index.ts";
import { hex } from "./samples.ts";
import { type Spelled, s, spell, u32, u64 } from "./spell.ts";

const configuration: StoreConfiguration = {
  version: 0,
  timestampNs: 1_767_323_045_000_000_000n,
  repositoryId: new Uint8Array(16).fill(3),
  packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 2n ** 64n - 1n },
  chunking: { algorithm: "fastcdc-v1.0.0", minBytes: 1, normalBytes: 2, maxBytes: 3 },
  hashing: { algorithm: "BLAKE3", bits: 256 },
  compression: null,
  encryption: null,
};
const start: Spelled = [
  [0x87, s("Timestamp"), 0xd6, 0xff, 0x69, 0x57, 0x35, 0xa5, s("RepositoryID"), 0xc4, 16, Buffer.alloc(16, 3)],
  [s("Packfile"), 0x83, s("MinSize"), u64(0n), s("AvgSize"), u64(0n), s("MaxSize"), u64(2n ** 64n - 1n)],
  [s("Chunking"), 0x84, s("Algorithm"), s("fastcdc-v1.0.0"), s("MinSize"), u32(1), s("NormalSize"), u32(2)],
  [s("MaxSize"), u32(3), s("Hashing"), 0x82, s("Algorithm"), s("BLAKE3"), s("Bits"), u32(256)],
];

const salt = new Uint8Array(16).fill(4);
function encrypted(kdf: KdfParameters, more: Partial<EncryptionConfiguration> = {}): StoreConfiguration {
  const encryption: EncryptionConfiguration = {
    subKeyAlgorithm: "AES256-KW",
    dataAlgorithm: "AES256-GCM-SIV",
    chunkSize: 65536,
    kdf,
    canary: new Uint8Array(100).fill(5),
    ...more,
  };
  return { ...configuration, encryption };
}
const argon2id = { saltSize: 16, time: 3, memoryKiB: 65536, threads: 4, keyLength: 32 };

describe("CONFIG", () => {
  it("without compression and encryption, byte for byte", () => {
    const bytes = spell(start, s("Compression"), 0xc0, s("Encryption"), 0xc0);
    expect(hex(encodeConfiguration(configuration))).toBe(hex(bytes));
    expect(decodeConfiguration(bytes)).toStrictEqual(configuration);
  });

  it.each<[string, KdfParameters, number, Spelled]>([
    [
      "ARGON2ID",
      { algorithm: "ARGON2ID", salt, argon2id },
      3,
      [
        [s("argon2id"), 0x85, s("SaltSize"), u32(16), s("Time"), u32(3), s("Memory"), u32(65536)],
        [s("Threads"), 0xcc, 4, s("KeyLen"), u32(32)],
      ],
    ],
    [
      "SCRYPT",
      { algorithm: "SCRYPT", salt, scrypt: { saltSize: 16, n: 32768, r: 8, p: 1, keyLength: 32 } },
      3,
      [
        [s("scrypt"), 0x85, s("SaltSize"), u32(16), s("N"), 0xcd, 0x80, 0, s("R"), 8, s("P"), 1],
        [s("KeyLen"), 32],
      ],
    ],
    [
      "PBKDF2",
      { algorithm: "PBKDF2", salt, pbkdf2: { saltSize: 16, iterations: 100_000, keyLength: 32, hashing: "SHA256" } },
      3,
      [
        [s("pbkdf2"), 0x84, s("SaltSize"), u32(16), s("Iterations"), 0xce, 0, 1, 0x86, 0xa0],
        [s("KeyLen"), 32, s("Hashing"), s("SHA256")],
      ],
    ],
  ])("with compression, and encryption by %s, byte for byte", (name, kdf, fields, spelledKdf) => {
    const compression = { algorithm: "LZ4", level: 131072, windowSize: -1, chunkSize: -1, blockSize: -1 };
    const config = { ...encrypted(kdf), compression: { ...compression, enableCrc: false } };
    const bytes = spell(
      start,
      [s("Compression"), 0x86, s("Algorithm"), s("LZ4"), s("Level"), 0xce, 0, 2, 0, 0, s("WindowSize"), 0xff],
      [s("ChunkSize"), 0xff, s("BlockSize"), 0xff, s("EnableCRC"), 0xc2, s("Encryption"), 0x85],
      [s("SubKeyAlgorithm"), s("AES256-KW"), s("DataAlgorithm"), s("AES256-GCM-SIV"), s("ChunkSize"), 0xce, 0, 1, 0, 0],
      [s("KDFParams"), 0x80 + fields, s("KDF"), s(name), s("Salt"), 0xc4, 16, salt, spelledKdf],
      [s("Canary"), 0xc4, 100, Buffer.alloc(100, 5)],
    );
    expect(hex(encodeConfiguration(config))).toBe(hex(bytes));
    expect(decodeConfiguration(bytes)).toStrictEqual(config);
  });

  const chunking = configuration.chunking;
  it.each<[string, StoreConfiguration]>([
    ["no id", { ...configuration, repositoryId: new Uint8Array(0) }],
    ["an id of 15 bytes", { ...configuration, repositoryId: new Uint8Array(15) }],
    ["chunks of nothing", { ...configuration, chunking: { ...chunking, minBytes: 0 } }],
    ["chunks whose minimum is above the usual", { ...configuration, chunking: { ...chunking, minBytes: 3 } }],
    ["chunks whose maximum is below the usual", { ...configuration, chunking: { ...chunking, maxBytes: 1 } }],
    ["chunks that no memory holds", { ...configuration, chunking: { ...chunking, maxBytes: 2 ** 31 } }],
    ["packfiles of nothing", { ...configuration, packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 0n } }],
    ["MACs of nothing", { ...configuration, hashing: { algorithm: "BLAKE3", bits: 0 } }],
    ["slices of nothing", encrypted({ algorithm: "X", salt }, { chunkSize: 0 })],
    ["slices that no memory holds", encrypted({ algorithm: "X", salt }, { chunkSize: 2 ** 40 })],
    ["no salt", encrypted({ algorithm: "X", salt: new Uint8Array() })],
    ["no canary", encrypted({ algorithm: "X", salt }, { canary: new Uint8Array() })],
    ["4 TiB for its key", encrypted({ algorithm: "X", salt, argon2id: { ...argon2id, memoryKiB: 2 ** 32 - 1 } })],
  ])("with %s is refused", (_, nonsense) => {
    const bytes = encodeConfiguration(nonsense);
    expect(() => decodeConfiguration(bytes)).toThrow(
      expect.objectContaining({ kind: "corrupted", code: "config-damaged" }),
    );
  });

  it("with a key that is not known is refused, at any depth", () => {
    const top = spell(start, s("Compression"), 0xc0, s("Encryptiom"), 0xc0);
    const deep = spell(start, s("Compression"), 0x81, s("Level2"), 1, s("Encryption"), 0xc0);
    for (const bytes of [top, deep]) {
      expect(() => decodeConfiguration(bytes)).toThrow(
        expect.objectContaining({ kind: "corrupted", code: "config-damaged" }),
      );
    }
  });

  it("that is no msgpack at all is damaged like any other", () => {
    expect(() => decodeConfiguration(Buffer.from("<html>"))).toThrow(
      expect.objectContaining({ kind: "corrupted", code: "config-damaged" }),
    );
  });
});
