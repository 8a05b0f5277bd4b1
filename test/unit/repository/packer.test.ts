import { describe, expect, test } from "vitest";
import { asMac, decodePackIndex, ResourceType } from "../../../src/format/index.ts";
import { FakeClock, SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels } from "../../../src/kernels/index.ts";
import { Packer, RepositoryWriter, readPackIndex, trustedPacks } from "../../../src/repository/index.ts";
import { Sealer } from "../../../src/sealing/index.ts";
import { content, memoryStore, newSnapshotId, open, write } from "./memory-repository.ts";

const HEADER_BYTES = 16;
const kernels = instantiateKernels(compileKernels(), { arenaBytes: 24 << 20 });

function newPacker(seed: number, paddingBytes = 0): Packer {
  const random = new SeededRandom(seed);
  const macKey = new SeededRandom(1).bytes(32);
  const sealer = new Sealer(
    { hashing: "BLAKE3", compression: null, encryption: null, macKey, secret: null },
    kernels,
    random,
  );
  return new Packer({ sealer, clock: new FakeClock(), random, targetBytes: 1 << 20, paddingBytes });
}

const blobs = [0, 1, 2, 3].map((seed) => ({
  mac: asMac(new SeededRandom(seed + 50).bytes(32)),
  bytes: content(seed, seed * 1000 + 1),
}));

/** What a finished pack says that it holds, without padding. */
function held(packer: Packer): { mac: string; bytes: Uint8Array }[] {
  const { bytes, index } = packer.finish();
  return decodePackIndex(index)
    .filter(({ type }) => type !== ResourceType.padding)
    .map(({ mac, offset, length }) => ({
      mac: toHex(mac),
      bytes: bytes.slice(HEADER_BYTES + offset, HEADER_BYTES + offset + length),
    }));
}

const expected = blobs.map(({ mac, bytes }) => ({ mac: toHex(mac), bytes }));

describe("a packer", () => {
  test.each([0, 1000])("places blobs where its index says, with padding up to %i", (padding) => {
    const packer = newPacker(7, padding);
    for (const { mac, bytes } of blobs) packer.add(ResourceType.chunk, mac, bytes);
    expect(held(packer)).toStrictEqual(expected);
    expect(packer.isEmpty).toBe(true);
  });

  test.each([0, 1000])("gives little up to another, which holds it as its own, with padding up to %i", (padding) => {
    const [one, two, other] = [newPacker(7, padding), newPacker(8, padding), newPacker(9, padding)];
    one.add(ResourceType.chunk, blobs[1]?.mac as never, blobs[1]?.bytes as never);
    one.add(ResourceType.chunk, blobs[2]?.mac as never, blobs[2]?.bytes as never);
    two.add(ResourceType.chunk, blobs[3]?.mac as never, blobs[3]?.bytes as never);
    other.add(ResourceType.chunk, blobs[0]?.mac as never, blobs[0]?.bytes as never);
    for (const packer of [one, two]) {
      const given = packer.giveUp(1 << 16);
      expect(given).toBeDefined();
      if (given) other.addAll(given);
      expect(packer.isEmpty).toBe(true);
    }
    expect(held(other)).toStrictEqual(expected);
  });

  test("gives nothing up when it holds more", () => {
    const packer = newPacker(7);
    packer.add(ResourceType.chunk, asMac(new SeededRandom(1).bytes(32)), content(1, 5000));
    expect(packer.giveUp(4999)).toBeUndefined();
    expect(packer.isEmpty).toBe(false);
    expect(packer.giveUp(5000)?.bytes).toHaveLength(5000);
  });
});

describe("a writer", () => {
  const WRAPPED_SUBKEY_BYTES = 40;

  test.each([
    { padding: false, subkeys: 1 },
    { padding: true, subkeys: 5 },
  ])("takes $subkeys subkeys for five blobs with padding $padding", async ({ padding, subkeys }) => {
    const passphrase = "a passphrase for tests";
    const repository = await open(await memoryStore(passphrase), { passphrase });
    await repository.load();
    const writer = new RepositoryWriter(
      repository,
      { snapshot: newSnapshotId(), padding },
      await trustedPacks(repository),
    );
    const contents = [1, 2, 3, 4, 5].map((seed) => content(seed, 3000));
    const macs = contents.map((plain) => writer.put(ResourceType.chunk, plain));
    await writer.commit();
    const [id = ""] = (await repository.store.list("packfiles")).map((each) => each.id);
    const pack = await repository.store.get("packfiles", id);
    const wrapped = (await readPackIndex(repository, id))
      .filter(({ type }) => type === ResourceType.chunk)
      .map(({ offset }) => toHex(pack.subarray(HEADER_BYTES + offset, HEADER_BYTES + offset + WRAPPED_SUBKEY_BYTES)));
    expect(wrapped).toHaveLength(5);
    expect(new Set(wrapped).size).toBe(subkeys);
    const again = await open(repository.store, { passphrase });
    await again.load();
    for (const [index, mac] of macs.entries()) {
      expect(await again.reader.read(ResourceType.chunk, mac, "a blob")).toEqual(new Uint8Array(contents[index] ?? []));
    }
  });

  test("pads with -padding up to a minimum chunk at each end, and without it as little as readers need", async () => {
    const sizes = async (padding: boolean): Promise<number> => {
      const repository = await open(await memoryStore());
      await repository.load();
      const writer = new RepositoryWriter(
        repository,
        { snapshot: newSnapshotId(), padding },
        await trustedPacks(repository),
      );
      writer.put(ResourceType.chunk, content(1, 3000));
      await writer.commit();
      const [pack] = await repository.store.list("packfiles", { sizes: true });
      return pack?.sizeBytes ?? 0;
    };
    const short = await Promise.all(Array.from({ length: 8 }, () => sizes(false)));
    const padded = await Promise.all(Array.from({ length: 8 }, () => sizes(true)));
    expect(Math.max(...short) - Math.min(...short)).toBeLessThan(400);
    expect(Math.max(...short)).toBeLessThan(65_536 + 4_000);
    expect(Math.max(...padded) - Math.min(...padded)).toBeGreaterThan(10_000);
  });

  test("I-01 blobs that a worker gave up are read after the commit, and not before", async () => {
    const store = await memoryStore();
    const repository = await open(store);
    await write(repository, [content(1, 10)]);
    const again = await open(store);
    await again.load();
    const writer = new RepositoryWriter(
      again,
      { snapshot: newSnapshotId(), padding: false },
      await trustedPacks(again),
    );
    const plain = content(2, 2000);
    const { parts } = again;
    const packer = new Packer({
      sealer: again.sealer,
      clock: parts.clock,
      random: parts.random,
      targetBytes: 1 << 20,
      paddingBytes: 0,
    });
    const mac = again.sealer.mac(plain);
    packer.add(ResourceType.chunk, mac, again.sealer.seal(plain));
    const given = packer.giveUp(1 << 20);
    if (given) writer.addSealed(given);
    const read = async (): Promise<Uint8Array> => {
      const reader = await open(store);
      await reader.load();
      return reader.reader.read(ResourceType.chunk, mac, "a blob");
    };
    await expect(read()).rejects.toMatchObject({ code: "blob-missing" });
    await writer.commit();
    expect(await read()).toEqual(new Uint8Array(plain));
  });
});
