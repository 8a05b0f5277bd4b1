import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { HmacSha256, KeyedBlake3 } from "../../../src/sealing/authenticator.ts";
import { configurationMac, sealingParameters } from "../../../src/sealing/index.ts";
import { Workspace } from "../../../src/sealing/workspace.ts";
import { blake3 } from "../../support/references/index.ts";
import { plainConfiguration } from "./configurations.ts";
import { content, newKernels, newSealer, parametersOf, secret } from "./sealers.ts";

const kernels = newKernels();
const workspace = Workspace.of(kernels);

/** The input of BLAKE3's vectors. */
const input = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);
const macOf = (key: Uint8Array, text: string): string => toHex(new HmacSha256(workspace, key).mac(Buffer.from(text)));

describe("MACs", () => {
  it("BLAKE3 is keyed_hash of the official test vectors", () => {
    const mac = new KeyedBlake3(workspace, Buffer.from("whats the Elvish word for friend"));
    expect(toHex(mac.mac(input(0)))).toBe("92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26");
    expect(toHex(mac.mac(input(1)))).toBe("6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b");
    expect(toHex(mac.mac(input(1024)))).toBe("75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4");
  });

  it("SHA256 is HMAC-SHA256 of RFC 4231", () => {
    expect(macOf(new Uint8Array(20).fill(0x0b), "Hi There")).toBe(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
    expect(macOf(Buffer.from("Jefe"), "what do ya want for nothing?")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it.each(["BLAKE3", "SHA256"] as const)("%s: bytes, kernel memory and streams give the same MAC", (hashing) => {
    const sealer = newSealer(parametersOf(null, null, hashing), kernels);
    const address = kernels.allocate(400_000);
    for (const length of [0, 1, 64, 1000, 262_144, 262_145, 400_000]) {
      const bytes = content(length);
      const expected =
        hashing === "SHA256" ? createHmac("sha256", secret).update(bytes).digest() : blake3(bytes, secret);
      kernels.bytes.set(bytes, address);
      const stream = sealer.createMac();
      stream.update(bytes.subarray(0, length >> 1));
      stream.updateAt(address + (length >> 1), length - (length >> 1));
      const inMemory = kernels.bytes.subarray(address, address + length);
      const viewed = sealer.createMac();
      viewed.update(inMemory);
      for (const mac of [
        sealer.mac(bytes),
        sealer.mac(inMemory),
        sealer.macAt(address, length),
        stream.digest(),
        viewed.digest(),
      ]) {
        expect(toHex(mac)).toBe(toHex(expected));
      }
    }
  });

  it("streams in turns, and other MACs between, do not disturb one another", () => {
    const one = newSealer(parametersOf(null, null), kernels);
    const other = newSealer({ ...parametersOf(null, null), macKey: new Uint8Array(32) }, kernels);
    const bytes = content(100_000);
    const streams = [one, other, one].map((sealer) => sealer.createMac());
    for (let at = 0; at < bytes.length; at += 1000) {
      for (const stream of streams) stream.update(bytes.subarray(at, at + 1000));
      other.mac(bytes.subarray(0, 10));
    }
    expect(streams.map((stream) => toHex(stream.digest()))).toEqual(
      [one, other, one].map((sealer) => toHex(sealer.mac(bytes))),
    );
  });

  it("streams that were given up do not fill the memory; the oldest of too many says that it was", () => {
    const sealer = newSealer(parametersOf(null, null), newKernels(10 << 20));
    const bytes = content(3000);
    const first = sealer.createMac();
    for (let i = 0; i < 1000; i++) sealer.createMac().update(bytes);
    const bug = expect.objectContaining({ code: "mac-stream-ended", kind: "bug" });
    expect(() => first.update(bytes)).toThrow(bug);
    const last = sealer.createMac();
    last.update(bytes);
    expect(toHex(last.digest())).toBe(toHex(sealer.mac(bytes)));
    expect(() => last.digest()).toThrow(bug);
  });
});

describe("the keys of MACs", () => {
  it("in a plaintext store, the key is the hash of the repository's id", () => {
    const configuration = plainConfiguration();
    const expected = blake3(configuration.repositoryId);
    expect(sealingParameters(configuration, null).macKey).toEqual(expected);
    expect(sealingParameters(configuration, null, kernels).macKey).toEqual(expected);
    const sha256 = { ...configuration, hashing: { algorithm: "SHA256", bits: 256 } };
    const hashed = createHash("sha256").update(configuration.repositoryId).digest();
    expect(toHex(sealingParameters(sha256, null).macKey)).toBe(toHex(hashed));
  });

  it("CONFIG has BLAKE3, keyed only where there is a secret", () => {
    const bytes = content(700);
    expect(configurationMac(null, kernels)(bytes)).toEqual(blake3(bytes));
    expect(configurationMac(secret, kernels)(bytes)).toEqual(blake3(bytes, secret));
    const huge = new Uint8Array((1 << 20) + 1);
    expect(() => configurationMac(null, kernels)(huge)).toThrow(expect.objectContaining({ code: "config-damaged" }));
  });

  it("sealers with different keys share one memory", () => {
    const keys = [1, 2, 3].map((seed) => new SeededRandom(seed).bytes(32));
    const sealers = keys.map((macKey) => newSealer({ ...parametersOf(null, null), macKey }, kernels));
    const bytes = fromHex("00ff");
    for (let round = 0; round < 2; round++) {
      for (const [i, sealer] of sealers.entries()) expect(sealer.mac(bytes)).toEqual(blake3(bytes, keys[i]));
    }
  });
});
