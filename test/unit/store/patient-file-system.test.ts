import { expect, test } from "vitest";
import { FakeClock, patience } from "../../../src/foundation/index.ts";
import { patientFileSystem } from "../../../src/store/fs/patient-file-system.ts";
import { FaultyFileSystem, openFsStore, SimulatedDisk, type Store } from "../../../src/store/index.ts";
import { someId } from "../../contract/store.ts";

/** A store on a disk where every rename and removal is refused so many times; it waits as on Windows. */
async function heldStore(refusals: number): Promise<{ store: Store; refused: () => number }> {
  const clock = new FakeClock();
  const pause = async (ms: number): Promise<void> => clock.advanceMs(ms);
  let inARow = 0;
  let refused = 0;
  const disk = new FaultyFileSystem(new SimulatedDisk(), ({ name }) => {
    if (name !== "rename" && name !== "unlink") return undefined;
    inARow = inARow < refusals ? inARow + 1 : 0;
    if (inARow === 0) return undefined;
    refused++;
    return { code: name === "rename" ? "EPERM" : "EBUSY" };
  });
  const store = openFsStore("/store", { fileSystem: patientFileSystem(disk, patience({ clock, pause })) });
  return { store, refused: () => refused };
}

test("files that are held when they get their name, or lose it, are stored and deleted all the same", async () => {
  const { store, refused } = await heldStore(3);
  await store.create(new Uint8Array(10));
  const id = someId();
  await store.put("packfiles", id, new Uint8Array([1, 2, 3]));
  expect(refused()).toBeGreaterThan(0);
  await expect(store.get("packfiles", id)).resolves.toStrictEqual(new Uint8Array([1, 2, 3]));
  const before = refused();
  await store.delete("packfiles", id);
  expect(refused()).toBe(before + 3);
  await expect(store.list("packfiles")).resolves.toStrictEqual([]);
});

test("a file that is held for ever is not stored, and the refusal is told", async () => {
  const { store } = await heldStore(Number.POSITIVE_INFINITY);
  await store.create(new Uint8Array(10));
  const id = someId();
  await expect(store.put("packfiles", id, new Uint8Array(3))).rejects.toMatchObject({ cause: { code: "EPERM" } });
  await expect(store.list("packfiles")).resolves.toStrictEqual([]);
});
