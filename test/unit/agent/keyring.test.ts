import { describe, expect, test } from "vitest";
import { KEYRING_BYTES, Keyring, makeVerifier } from "../../../src/agent/keyring.ts";
import { StateShelf } from "../../../src/agent/state-shelf.ts";
import { FakeClock, SeededRandom } from "../../../src/foundation/index.ts";

const random = new SeededRandom(1);
const passphrase = Buffer.from("a passphrase");

function ring(): { clock: FakeClock; memory: Uint8Array<ArrayBuffer>; keys: Keyring } {
  const clock = new FakeClock();
  const memory = new Uint8Array(KEYRING_BYTES);
  return { clock, memory, keys: new Keyring(clock, memory) };
}

/** Puts a key for `passphrase`; answers what it is known by, and the secret. */
function putKey(keys: Keyring): { identity: Uint8Array; secret: Uint8Array; verifier: Uint8Array } {
  const [identity, salt, secret] = [random.bytes(32), random.bytes(32), random.bytes(32)];
  const verifier = makeVerifier(salt, passphrase);
  keys.put(identity, salt, verifier, secret);
  return { identity, secret, verifier };
}

describe("a key", () => {
  test("is given for the verifier that its salt and the passphrase make", () => {
    const { keys } = ring();
    const { identity, secret } = putKey(keys);
    const verifier = makeVerifier(keys.saltOf(identity) as Uint8Array, passphrase);
    expect(keys.get(identity, verifier)).toStrictEqual(secret);
    expect(keys.given).toBe(1);
  });

  test("is not given for the verifier of another passphrase, or under another salt", () => {
    const { keys } = ring();
    const { identity } = putKey(keys);
    const other = makeVerifier(keys.saltOf(identity) as Uint8Array, Buffer.from("a passphrasf"));
    expect(keys.get(identity, other)).toBe("wrong");
    expect(keys.get(identity, makeVerifier(random.bytes(32), passphrase))).toBe("wrong");
    expect([keys.given, keys.refused]).toStrictEqual([0, 2]);
  });

  test("is of one CONFIG only", () => {
    const { keys } = ring();
    const { verifier } = putKey(keys);
    expect(keys.get(random.bytes(32), verifier)).toBe("unknown");
    expect(keys.saltOf(random.bytes(32))).toBeUndefined();
  });

  test("is kept for half a minute after its last use, each for its own", () => {
    const { clock, keys } = ring();
    const [used, unused] = [putKey(keys), putKey(keys)];
    clock.advanceMs(20_000);
    expect(keys.get(used.identity, used.verifier)).toStrictEqual(used.secret);
    clock.advanceMs(10_000);
    expect(keys.get(unused.identity, unused.verifier)).toBe("unknown");
    expect(keys.get(used.identity, used.verifier)).toStrictEqual(used.secret);
    clock.advanceMs(30_000);
    expect(keys.get(used.identity, used.verifier)).toBe("unknown");
  });

  test("is not kept by questions for its salt, nor by wrong passphrases", () => {
    const { clock, keys } = ring();
    const { identity, verifier } = putKey(keys);
    clock.advanceMs(29_000);
    keys.saltOf(identity);
    keys.get(identity, random.bytes(32));
    clock.advanceMs(1000);
    expect(keys.get(identity, verifier)).toBe("unknown");
  });

  test("is forgotten after ten wrong passphrases in a row", () => {
    const { keys } = ring();
    const { identity, verifier, secret } = putKey(keys);
    for (let i = 0; i < 9; i++) expect(keys.get(identity, random.bytes(32))).toBe("wrong");
    expect(keys.get(identity, verifier)).toStrictEqual(secret);
    for (let i = 0; i < 10; i++) expect(keys.get(identity, random.bytes(32))).toBe("wrong");
    expect(keys.get(identity, verifier)).toBe("unknown");
  });

  test("is overwritten when its time is over, when it is replaced, and when all are forgotten", () => {
    const { clock, memory, keys } = ring();
    const isEmpty = (): boolean => memory.every((byte) => byte === 0);
    putKey(keys);
    expect(isEmpty()).toBe(false);
    clock.advanceMs(30_000);
    keys.expire();
    expect(isEmpty()).toBe(true);
    for (let i = 0; i < 100; i++) putKey(keys);
    keys.forgetAll();
    expect(isEmpty()).toBe(true);
    expect(keys.size).toBe(0);
  });

  test("makes room for a newer one when there are too many: the one longest unused", () => {
    const { clock, keys } = ring();
    const all = Array.from({ length: 41 }, () => {
      clock.advanceMs(1);
      return putKey(keys);
    });
    expect(keys.size).toBe(40);
    expect(all.map(({ identity }) => keys.saltOf(identity) !== undefined)).toStrictEqual(all.map((_, i) => i > 0));
  });
});

/** Stands for a machine that slept: only the wall clock has moved. */
class SleptClock extends FakeClock {
  override monotonicMs(): number {
    return 0;
  }
}

test("a key whose time went by while the machine slept is gone", () => {
  const clock = new SleptClock();
  const keys = new Keyring(clock, new Uint8Array(KEYRING_BYTES));
  const { identity, verifier } = putKey(keys);
  clock.advanceMs(30_000);
  expect(keys.get(identity, verifier)).toBe("unknown");
});

test("states are kept for half a minute after their last use, and within a budget", () => {
  const clock = new FakeClock();
  const states = new StateShelf(clock);
  const state = new Uint8Array(20 << 20);
  for (const name of ["a", "b", "c"]) {
    clock.advanceMs(1);
    states.put(name, state);
  }
  expect(["a", "b", "c"].map((name) => states.get(name) === state)).toStrictEqual([false, true, true]);
  clock.advanceMs(30_000);
  expect(states.get("c")).toBeUndefined();
  expect(states.size).toBe(0);
});
