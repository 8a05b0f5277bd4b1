import { describe, expect, it } from "vitest";
import type { KdfParameters } from "../../../src/format/index.ts";
import { SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { checkCanary, createEncryption, deriveSecret, sealingParameters } from "../../../src/sealing/index.ts";
import { newKdfParameters } from "../../../src/sealing/key-derivation.ts";
import { plainConfiguration } from "./configurations.ts";
import { newKernels, newSealer } from "./sealers.ts";

const text = (value: string): Uint8Array => Buffer.from(value);
const argon2id = (time: number, memoryKiB: number, threads: number): KdfParameters => ({
  algorithm: "ARGON2ID",
  salt: text("somesalt"),
  argon2id: { saltSize: 8, time, memoryKiB, threads, keyLength: 32 },
});
const derive = async (kdf: KdfParameters): Promise<string> => toHex(await deriveSecret(kdf, text("password")));
const configDamaged = expect.objectContaining({ code: "config-damaged", kind: "corrupted" });
const unknown = expect.objectContaining({ code: "algorithm-unknown", kind: "newer" });

describe("the secret of a store", () => {
  it("is Argon2id's of the reference implementation's vectors", async () => {
    expect(await derive(argon2id(2, 65536, 1))).toBe(
      "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
    );
    expect(await derive(argon2id(2, 256, 1))).toBe("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    expect(await derive(argon2id(2, 256, 2))).toBe("6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
  });

  it("is scrypt's of RFC 7914", async () => {
    const kdf = {
      algorithm: "SCRYPT",
      salt: text("NaCl"),
      scrypt: { saltSize: 4, n: 1024, r: 8, p: 16, keyLength: 32 },
    };
    expect(toHex(await deriveSecret(kdf, text("password")))).toBe(
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162",
    );
  });

  it("is PBKDF2's of RFC 7914, section 11", async () => {
    const pbkdf2 = { saltSize: 4, iterations: 80000, keyLength: 32, hashing: "SHA256" };
    expect(toHex(await deriveSecret({ algorithm: "PBKDF2", salt: text("NaCl"), pbkdf2 }, text("Password")))).toBe(
      "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56",
    );
  });

  it("is not derived at costs that no store has", async () => {
    const salt = new Uint8Array(16);
    const scrypt = { saltSize: 16, n: 32768, r: 8, p: 1, keyLength: 32 };
    const pbkdf2 = { saltSize: 16, iterations: 100000, keyLength: 32, hashing: "SHA256" };
    const refused: KdfParameters[] = [
      argon2id(4, 5 << 20, 1),
      argon2id(1000, 64, 1),
      argon2id(0, 64, 1),
      argon2id(4, 64, 0),
      { ...argon2id(1, 64, 1), salt: new Uint8Array() },
      { algorithm: "ARGON2ID", salt, argon2id: { saltSize: 16, time: 1, memoryKiB: 64, threads: 1, keyLength: 16 } },
      { algorithm: "ARGON2ID", salt },
      { algorithm: "SCRYPT", salt },
      { algorithm: "SCRYPT", salt, scrypt: { ...scrypt, n: 2 ** 30 } },
      { algorithm: "SCRYPT", salt, scrypt: { ...scrypt, n: 1000 } },
      { algorithm: "SCRYPT", salt, scrypt: { ...scrypt, r: 2 ** 30 } },
      { algorithm: "PBKDF2", salt },
      { algorithm: "PBKDF2", salt, pbkdf2: { ...pbkdf2, iterations: 1e10 } },
    ];
    for (const kdf of refused) await expect(deriveSecret(kdf, text("x"))).rejects.toThrow(configDamaged);
    await expect(deriveSecret({ algorithm: "BALLOON", salt }, text("x"))).rejects.toThrow(unknown);
    const blake = { algorithm: "PBKDF2", salt, pbkdf2: { ...pbkdf2, hashing: "BLAKE3" } };
    await expect(deriveSecret(blake, text("x"))).rejects.toThrow(unknown);
  });

  it("costs in new stores what RFC 9106 recommends, or what the Go implementation takes", () => {
    const salt = new Uint8Array(16);
    expect(newKdfParameters("default", salt).argon2id).toEqual({
      saltSize: 16,
      time: 3,
      memoryKiB: 65536,
      threads: 4,
      keyLength: 32,
    });
    expect(newKdfParameters("strong", salt).argon2id).toEqual({
      saltSize: 16,
      time: 4,
      memoryKiB: 262144,
      threads: 1,
      keyLength: 32,
    });
  });
});

describe("the encryption of a new store", () => {
  const kernels = newKernels();

  it("is Kloset's, and its canary tells the passphrase from others", async () => {
    const made = await createEncryption(text("open sesame"), { kdf: "default" }, new SeededRandom(1), kernels);
    const { encryption, secret } = made;
    expect(encryption).toMatchObject({
      subKeyAlgorithm: "AES256-KW",
      dataAlgorithm: "AES256-GCM-SIV",
      chunkSize: 65536,
    });
    expect(encryption.canary.length).toBe(100);
    expect(encryption.kdf.salt.length).toBe(16);
    const configuration = { ...plainConfiguration(), encryption };
    expect(checkCanary(configuration, secret, kernels)).toBe(true);
    expect(await deriveSecret(encryption.kdf, text("open sesame"))).toEqual(secret);
    const wrong = await deriveSecret(encryption.kdf, text("open sesamE"));
    expect(checkCanary(configuration, wrong, kernels)).toBe(false);
    expect(
      checkCanary({ ...configuration, encryption: { ...encryption, canary: new Uint8Array() } }, secret, kernels),
    ).toBe(false);
    const sealer = newSealer(sealingParameters(configuration, secret), kernels);
    const sealed = sealer.seal(text("hello"));
    expect(sealer.open(sealed, { maxBytes: 5, what: "it" })).toEqual(new Uint8Array(text("hello")));
  });

  it("is refused by name where it is not known here", () => {
    const secret = new Uint8Array(32);
    const plain = plainConfiguration();
    const kdf = newKdfParameters("default", new Uint8Array(16));
    const encryption = {
      subKeyAlgorithm: "AES256-KW",
      dataAlgorithm: "AES256-GCM-SIV",
      chunkSize: 65536,
      kdf,
      canary: secret,
    };
    const of =
      (change: object): (() => unknown) =>
      () =>
        sealingParameters({ ...plain, ...change }, "encryption" in change ? secret : null);
    expect(of({ hashing: { algorithm: "MD5", bits: 128 } })).toThrow(unknown);
    expect(of({ compression: { ...plain.compression, algorithm: "XZ" } })).toThrow(unknown);
    expect(of({ encryption: { ...encryption, dataAlgorithm: "AES256-GCM" } })).toThrow(unknown);
    expect(of({ encryption: { ...encryption, subKeyAlgorithm: "\u001b[31m" } })).toThrow(unknown);
    expect(of({ encryption: { ...encryption, subKeyAlgorithm: "\u001b[31m" } })).not.toThrow("\u001b");
    expect(() => checkCanary({ ...plain, encryption: { ...encryption, dataAlgorithm: "X" } }, secret, kernels)).toThrow(
      unknown,
    );
    for (const chunkSize of [0, -1, 1.5, 2 ** 30])
      expect(of({ encryption: { ...encryption, chunkSize } })).toThrow(configDamaged);
    expect(checkCanary(plain, secret, kernels)).toBe(true);
    expect(() => sealingParameters(plain, secret)).toThrow(expect.objectContaining({ kind: "bug" }));
  });
});
