import { closeSync, constants, lstatSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, onAbort, systemCode } from "../foundation/index.ts";
import { type ProtectedMemory, protectedMemory, tryFileLock } from "../system/index.ts";
import { askOnce } from "./connection.ts";
import { KEYRING_BYTES, Keyring } from "./keyring.ts";
import { type AgentPlace, isOurs, placeIn } from "./place.ts";
import { encodeFrame, type Frame, Request } from "./protocol.ts";
import { AgentServer } from "./server.ts";
import { StateShelf } from "./state-shelf.ts";

/** How often it looks for keys to forget, and whether it is still wanted. */
const TICK_MS = 1000;

export interface AgentOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** KEYRING_BYTES for the keys. */
  readonly memory: ProtectedMemory;
  /** What it is to keep from the beginning. */
  readonly first?: Frame | undefined;
  readonly signal?: AbortSignal;
  readonly tickMs?: number;
}

/** Where an agent's keys lie. From now on nobody may look into this process, where the system grants it. */
export function keyMemory(): ProtectedMemory {
  return protectedMemory(KEYRING_BYTES);
}

/**
 * The life of an agent: there is one at a place, the others hand over what they were given and end. Resolves at its end: when
 * it is told, when nobody has used it for half a minute, or when its place is gone. Every key is overwritten before.
 */
export async function serveAgent(options: AgentOptions): Promise<void> {
  if (!isOurs(options.directory)) return;
  const place = placeIn(options.directory);
  const lock = elect(place);
  if (lock === undefined || (lock === "unknown" && (await hasAgent(place))))
    return await handOver(place, options.first);
  const keys = new Keyring(options.clock, options.memory.bytes);
  try {
    await untilEnd(place, keys, options);
  } finally {
    keys.forgetAll();
    if (lock !== "unknown") closeSync(lock);
  }
}

/** The lock of the one agent, which ends with its process however that ends; undefined when another has it. */
function elect({ lock }: AgentPlace): number | "unknown" | undefined {
  const descriptor = openSync(lock, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    if (tryFileLock(descriptor, "exclusive")) return descriptor;
  } catch (error) {
    closeSync(descriptor);
    // no such locks here: then two may start at the same moment, and the one that is not found ends by itself
    if (systemCode(error) === "ENOTSUP") return "unknown";
    throw error;
  }
  closeSync(descriptor);
  return undefined;
}

async function hasAgent({ socket }: AgentPlace): Promise<boolean> {
  return (await askOnce(socket, encodeFrame(Request.status))) !== undefined;
}

async function handOver({ socket }: AgentPlace, first: Frame | undefined): Promise<void> {
  if (!first) return;
  await askOnce(socket, encodeFrame(first.kind, first.body));
  first.body.fill(0);
}

async function untilEnd(place: AgentPlace, keys: Keyring, options: AgentOptions): Promise<void> {
  const { clock, memory, first, signal } = options;
  const states = new StateShelf(clock);
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server = new AgentServer({ keys, states, clock, memory, onStop: end });
  if (first) server.take(first);
  const own = await appear(place, server);
  onAbort(signal, end);
  const timer = setInterval(() => {
    keys.expire();
    states.expire();
    if (server.isIdle || inodeOf(place.socket) !== own) end();
  }, options.tickMs ?? TICK_MS);
  await ended;
  clearInterval(timer);
  keys.forgetAll();
  if (inodeOf(place.socket) === own) rmSync(place.socket, { force: true });
  await server.close();
}

/** Listens, and takes the place of a socket that a killed agent has left, in one step. Answers what to know it by. */
async function appear(place: AgentPlace, server: AgentServer): Promise<bigint | undefined> {
  const unfinished = join(place.directory, `${process.pid}.sock`);
  rmSync(unfinished, { force: true });
  await server.listen(unfinished);
  const own = inodeOf(unfinished);
  renameSync(unfinished, place.socket);
  return own;
}

function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
