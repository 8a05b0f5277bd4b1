import { createSecretKey, webcrypto } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { subkeyWrap } from "../../../src/sealing/encryption/subkey-wrap.ts";
import { MAX_SLICES_PER_SUBKEY, Subkeys } from "../../../src/sealing/encryption/subkeys.ts";

const random = new SeededRandom(1);
const blobDamaged = expect.objectContaining({ code: "blob-damaged", kind: "corrupted" });

describe("the wraps of subkeys", () => {
  it("AES256-KW is the one of RFC 3394, section 4.6", () => {
    const secret = createSecretKey(fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    const subkey = fromHex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    const wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21";
    const wrap = subkeyWrap("AES256-KW");
    expect(toHex(wrap.wrap(secret, subkey, random))).toBe(wrapped);
    expect(wrap.unwrap(secret, fromHex(wrapped))).toEqual(subkey);
    expect(wrap.bytes).toBe(40);
  });

  it("AES256-GCM is nonce, ciphertext and tag, as WebCrypto sees it", async () => {
    const secret = random.bytes(32);
    const subkey = random.bytes(32);
    const wrap = subkeyWrap("AES256-GCM");
    const wrapped = wrap.wrap(createSecretKey(secret), subkey, random);
    expect(wrapped.length).toBe(60);
    expect(wrap.bytes).toBe(60);
    const key = await webcrypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
    const iv = wrapped.subarray(0, 12);
    expect(new Uint8Array(await webcrypto.subtle.decrypt({ name: "AES-GCM", iv }, key, wrapped.subarray(12)))).toEqual(
      subkey,
    );
    expect(wrap.unwrap(createSecretKey(secret), wrapped)).toEqual(subkey);
  });
});

describe("subkeys", () => {
  it.each(["AES256-KW", "AES256-GCM"] as const)(
    "%s: what one session wrapped another opens, whatever is damaged not",
    (algorithm) => {
      const secret = random.bytes(32);
      const { key, wrapped } = new Subkeys(algorithm, secret, random, 100).forSealing(1);
      const reader = new Subkeys(algorithm, secret, random, 100);
      expect(reader.forOpening(wrapped, "it")).toEqual(key);
      for (let at = 0; at < wrapped.length; at++) {
        const damaged = wrapped.slice();
        damaged[at] = (damaged[at] as number) ^ 0x10;
        expect(() => reader.forOpening(damaged, "it")).toThrow(blobDamaged);
      }
      expect(() => reader.forOpening(wrapped.subarray(0, 39), "it")).toThrow(blobDamaged);
      expect(() => new Subkeys(algorithm, random.bytes(32), random, 100).forOpening(wrapped, "it")).toThrow(
        blobDamaged,
      );
    },
  );

  it("a session keeps its subkey until it has sealed as many slices as one may", () => {
    const subkeys = new Subkeys("AES256-KW", random.bytes(32), random, 10);
    const first = subkeys.forSealing(4);
    expect(subkeys.forSealing(6)).toBe(first);
    const second = subkeys.forSealing(1);
    expect(toHex(second.key)).not.toBe(toHex(first.key));
    expect(subkeys.forSealing(10)).not.toBe(second);
  });

  it("blobs without content count, too", () => {
    const subkeys = new Subkeys("AES256-KW", random.bytes(32), random, 3);
    const keys = Array.from({ length: 7 }, () => subkeys.forSealing(0));
    expect(new Set(keys).size).toBe(3);
  });

  it("the bound is the documented one", () => {
    expect(MAX_SLICES_PER_SUBKEY).toBe(16_777_216);
  });

  it("forgets the subkeys it met long ago and opens them again", () => {
    const secret = random.bytes(32);
    const writer = new Subkeys("AES256-KW", secret, random, 1);
    const met = Array.from({ length: 200 }, () => {
      const { key, wrapped } = writer.forSealing(1);
      return { key: key.slice(), wrapped };
    });
    const reader = new Subkeys("AES256-KW", secret, random, 100);
    for (const { key, wrapped } of [...met, ...met]) expect(reader.forOpening(wrapped, "it")).toEqual(key);
  });
});
