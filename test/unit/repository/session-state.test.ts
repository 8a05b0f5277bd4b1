import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { asMac, asPackfileId, encodePackIndex, ResourceType, V1_0_0 } from "../../../src/format/index.ts";
import { SeededRandom, toHex } from "../../../src/foundation/index.ts";
import { SessionState } from "../../../src/repository/session-state.ts";
import { memoryStore, newSnapshotId, open } from "./memory-repository.ts";

const PACKS = 40;
const BLOBS = 6000;

/** Each pack with blobs of its own, and far more of them than are kept in memory, or sealed in one piece. */
function packs(): {
  id: ReturnType<typeof asPackfileId>;
  bytes: Uint8Array<ArrayBuffer>;
  index: Uint8Array<ArrayBuffer>;
}[] {
  const random = new SeededRandom(3);
  return Array.from({ length: PACKS }, () => ({
    id: asPackfileId(toHex(random.bytes(32))),
    bytes: new Uint8Array(),
    index: encodePackIndex(
      Array.from({ length: BLOBS }, (_, at) => ({
        ...{ type: ResourceType.chunk, version: V1_0_0, mac: asMac(random.bytes(32)) },
        ...{ offset: at * 10, length: 10, flags: 0 },
      })),
    ),
  }));
}

test("a state of more packfiles than fit the memory names every blob in its place", async () => {
  const cacheDirectory = mkdtempSync(join(tmpdir(), "plakar-session-"));
  onTestFinished(() => rmSync(cacheDirectory, { recursive: true }));
  for (const passphrase of [null, "secret"]) {
    const store = await memoryStore(passphrase);
    const writing = await open(store, { ...(passphrase && { passphrase }), cacheDirectory });
    await writing.load();
    const state = new SessionState(writing);
    const written = packs();
    for (const pack of written) state.add(pack);
    expect(readdirSync(cacheDirectory).filter((name) => name.startsWith("spill"))).toEqual([]);
    await state.commit(newSnapshotId());

    const reading = await open(store, passphrase === null ? {} : { passphrase });
    await reading.load();
    const { blobs, packIds } = reading.state;
    expect(packIds).toHaveLength(PACKS);
    for (const { index } of written) {
      for (const at of [0, BLOBS - 1]) {
        const mac = asMac(index.subarray(at * 56 + 8, at * 56 + 40));
        const [location] = [...blobs.locations(ResourceType.chunk, mac)];
        expect(location).toMatchObject({ offset: at * 10, length: 10 });
      }
    }
  }
});
