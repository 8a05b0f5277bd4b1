import { expect, test } from "vitest";
import { FakeClock, PlakarError } from "../../../src/foundation/index.ts";
import { createMemoryStore, withThrottle } from "../../../src/store/index.ts";
import { someId } from "../../contract/store.ts";

test("calls wait until what they and those before them carry may have passed; locks do not wait", async () => {
  const clock = new FakeClock();
  const waits: number[] = [];
  const pause = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  const limits = { uploadBytesPerSecond: 1000, downloadBytesPerSecond: 500 };
  const store = withThrottle(createMemoryStore(), { ...limits, clock, pause });
  await store.create(new Uint8Array(10));
  const id = someId();
  await store.put("packfiles", id, new Uint8Array(500));
  await store.put("states", id, new Uint8Array(250));
  clock.advanceMs(1000);
  await store.put("packfiles", id, new Uint8Array(100));
  await store.get("packfiles", id);
  await store.put("locks", id, new Uint8Array(5000));
  expect(waits).toStrictEqual([500, 750, 100, 200]);
});

test("closing ends the waiting", async () => {
  const store = withThrottle(createMemoryStore(), { uploadBytesPerSecond: 1 });
  await store.create(new Uint8Array(10));
  const waiting = store.put("packfiles", someId(), new Uint8Array(1_000_000));
  await store.close();
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

test("who asks for an end gets it at once, with the reason, in both directions", async () => {
  const stop = new AbortController();
  const below = createMemoryStore();
  await below.create(new Uint8Array(10));
  const id = someId();
  await below.put("packfiles", id, new Uint8Array(1_000_000));
  const limits = { uploadBytesPerSecond: 1, downloadBytesPerSecond: 1 };
  const store = withThrottle(below, { ...limits, signal: stop.signal });
  const waiting = [store.put("packfiles", someId(), new Uint8Array(1_000_000)), store.get("packfiles", id)];
  const reason = new PlakarError("interrupted", "enough", { kind: "interrupted" });
  setImmediate(() => stop.abort(reason));
  for (const each of await Promise.allSettled(waiting)) expect(each).toMatchObject({ status: "rejected", reason });
  // a lock that is released then does not wait either
  await store.put("locks", id, new Uint8Array(5000));
});
