import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KeyAgent } from "../../../src/agent/client.ts";
import { askOnce } from "../../../src/agent/connection.ts";
import { KEYRING_BYTES } from "../../../src/agent/keyring.ts";
import { type AgentPlace, findPlace } from "../../../src/agent/place.ts";
import { Answer, encodeFrame, Request } from "../../../src/agent/protocol.ts";
import { askStatus, stopAgent } from "../../../src/agent/questions.ts";
import { serveAgent } from "../../../src/agent/service.ts";
import { FakeClock, systemClock, systemRandom } from "../../../src/foundation/index.ts";

const configuration = Buffer.from("the bytes of a CONFIG");
const passphrase = Buffer.from("a passphrase");
const memory = { bytes: new Uint8Array(KEYRING_BYTES), isLocked: false, isPrivate: false };
const secret = systemRandom.bytes(32);

let base = "";
let clock = new FakeClock();
let place: AgentPlace;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "plakar-agent-"));
  vi.stubEnv("XDG_RUNTIME_DIR", base);
  clock = new FakeClock();
  place = findPlace({ make: true }) as AgentPlace;
});

afterEach(async () => {
  await stopAgent();
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

/** An agent in this process, on the fake clock; `ended` when it has. */
async function start(): Promise<{ ended: Promise<void> }> {
  const ended = serveAgent({ directory: place.directory, clock, memory, tickMs: 5 });
  while ((await askStatus()) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  return { ended };
}

async function learn(): Promise<void> {
  const client = new KeyAgent(systemClock, systemRandom);
  client.learn(configuration, passphrase, secret);
  await client.close();
}

function ask(config: Uint8Array = configuration, typed: Uint8Array = passphrase): Promise<Uint8Array | string> {
  return new KeyAgent(systemClock, systemRandom).ask(config, typed);
}

describe("an agent", () => {
  test("gives a key that one command left to the next", async () => {
    await start();
    expect(await ask()).toBe("unknown");
    await learn();
    expect(await ask()).toStrictEqual(secret);
    expect(await askStatus()).toMatchObject({ keys: 1, given: 1, refused: 0 });
  });

  test("refuses another passphrase, and does not know another CONFIG", async () => {
    await start();
    await learn();
    expect(await ask(configuration, Buffer.from("another"))).toBe("wrong");
    expect(await ask(Buffer.from("another CONFIG"))).toBe("unknown");
  });

  test("keeps a merged state that has no other place", async () => {
    await start();
    const [name, state] = [systemRandom.bytes(32), systemRandom.bytes(1_500_000)];
    const client = new KeyAgent(systemClock, systemRandom);
    expect(await client.readState(name)).toBeUndefined();
    client.keepState(name, state);
    await client.close();
    expect(Buffer.compare((await client.readState(name)) ?? Buffer.of(), state)).toBe(0);
    expect(await askStatus()).toMatchObject({ keys: 0, states: 1 });
  });

  test("listens at a socket that only its user may connect to", async () => {
    await start();
    expect(statSync(place.socket).mode & 0o777).toBe(0o600);
    expect(statSync(place.lock).mode & 0o777).toBe(0o600);
  });

  test("forgets a key after half a minute, and ends", async () => {
    const { ended } = await start();
    await learn();
    clock.advanceMs(29_999);
    expect(await ask()).toStrictEqual(secret);
    clock.advanceMs(29_999);
    expect(await askStatus()).toMatchObject({ keys: 1 });
    clock.advanceMs(1);
    await ended;
    expect(existsSync(place.socket)).toBe(false);
    expect(await ask()).toBe("unknown");
  });

  test("ends when it is told to, and when its socket or its directory is removed", async () => {
    const told = await start();
    expect(await stopAgent()).toBe(true);
    await told.ended;
    const unlinked = await start();
    rmSync(place.socket);
    await unlinked.ended;
    const homeless = await start();
    rmSync(place.directory, { recursive: true });
    await homeless.ended;
  });

  test("does not start where its place is not its own", async () => {
    chmodSync(place.directory, 0o755);
    await serveAgent({ directory: place.directory, clock, memory });
    expect(existsSync(place.socket)).toBe(false);
    chmodSync(place.directory, 0o700);
  });

  test("takes the place of what a killed one has left", async () => {
    writeFileSync(place.lock, "");
    writeFileSync(place.socket, "");
    await start();
    await learn();
    expect(await ask()).toStrictEqual(secret);
  });
});

test("a second agent hands over what it was given, and ends", async () => {
  await start();
  const body = new Uint8Array(Buffer.concat([systemRandom.bytes(32), systemRandom.bytes(96)]));
  await serveAgent({ directory: place.directory, clock, memory, first: { kind: Request.put, body } });
  expect(await askStatus()).toMatchObject({ keys: 1 });
  expect(body.every((byte) => byte === 0)).toBe(true);
});

describe("who does not speak as agreed", () => {
  function raw(): Promise<Socket> {
    return new Promise((resolve) => {
      const socket = connect(place.socket, () => resolve(socket));
      socket.on("error", () => undefined);
    });
  }
  const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

  test.each([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a length beyond all bounds", Buffer.from([255, 255, 255, 255, Request.put])],
    ["an unknown kind", encodeFrame(77)],
    ["an answer", encodeFrame(Answer.done)],
    ["too little", encodeFrame(Request.get, Buffer.from("x"))],
    ["a key that is cut", encodeFrame(Request.put, systemRandom.bytes(100))],
  ])("with %s is sent away, and others are served", async (_, bytes) => {
    await start();
    await learn();
    const socket = await raw();
    const end = closed(socket);
    socket.write(bytes);
    socket.resume();
    await end;
    expect(await ask()).toStrictEqual(secret);
  });

  test("with half a request holds up nobody, is not waited for for ever, and cannot fill the memory", async () => {
    await start();
    await learn();
    const stalled = await Promise.all(Array.from({ length: 20 }, raw));
    const ends = stalled.map(closed);
    for (const socket of stalled) socket.write(encodeFrame(Request.put, systemRandom.bytes(128)).subarray(0, 50));
    expect(await ask()).toStrictEqual(secret);
    await Promise.all(ends);
    expect(await askStatus()).toMatchObject({ keys: 1 });
  });

  test("with many long requests at once may have one", async () => {
    await start();
    const long = Buffer.concat([Buffer.from([0, 0, 16, 0, Request.putState]), systemRandom.bytes(1 << 16)]);
    const [first, second] = [await raw(), await raw()];
    first.write(long);
    // answered in turns: when this one is, the first has been read
    expect(await askStatus()).toBeDefined();
    const end = closed(second);
    second.write(long);
    second.resume();
    await end;
    expect(first.destroyed).toBe(false);
    first.destroy();
  });
});

test("without an agent nothing fails, and nothing is waited for", async () => {
  expect(await ask()).toBe("unknown");
  expect(await askStatus()).toBeUndefined();
  expect(await stopAgent()).toBe(false);
  expect(await askOnce(place.socket, encodeFrame(Request.status))).toBeUndefined();
});

test("a directory in the socket's place is no agent", async () => {
  mkdirSync(place.socket);
  expect(await ask()).toBe("unknown");
});
