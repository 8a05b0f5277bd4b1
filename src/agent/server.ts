import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../foundation/index.ts";
import { type ProtectedMemory, peerUserId } from "../system/index.ts";
import type { Keyring } from "./keyring.ts";
import { isOver, type Moment, now } from "./moment.ts";
import {
  Answer,
  encodeFrame,
  type Frame,
  FrameReader,
  IDENTITY_BYTES,
  Request,
  requestLimit,
  SALT_BYTES,
  SECRET_BYTES,
  splitBody,
  VERIFIER_BYTES,
} from "./protocol.ts";
import type { StateShelf } from "./state-shelf.ts";
import type { AgentStatus } from "./status.ts";

/** Who says nothing for so long is not waited for. */
const STALLED_MS = 3000;
/** Each may have one unfinished request in memory. */
const MAX_CONNECTIONS = 64;

export interface AgentServerOptions {
  readonly keys: Keyring;
  readonly states: StateShelf;
  readonly clock: Clock;
  readonly memory: Pick<ProtectedMemory, "isLocked" | "isPrivate">;
  /** Somebody wants the agent to end; the answer is on its way. */
  readonly onStop: () => void;
  readonly stalledMs?: number;
}

/** Answers requests at a socket. What is no request ends its connection and nothing else. */
export class AgentServer {
  readonly #options: AgentServerOptions;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  /** The one connection that may be in the middle of a long request: all others together stay below 64 KiB. */
  #carrier: Socket | undefined;
  #used: Moment;

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#used = now(options.clock);
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects with EADDRINUSE where something lies at the path. Nobody but the user may connect. */
  async listen(path: string): Promise<void> {
    const before = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(path, resolve);
      });
    } finally {
      process.umask(before);
    }
    this.#server.on("error", this.#options.onStop);
  }

  /** Whether there is nothing to keep, and nobody has asked for anything for as long as things are kept. */
  get isIdle(): boolean {
    const { keys, states, clock } = this.#options;
    return keys.size === 0 && states.size === 0 && isOver(this.#used, clock);
  }

  /** Keeps what a frame brings, as if it had come through the socket. */
  take(frame: Frame): void {
    this.#answer(frame);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  #serve(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (isStranger(socket)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const reader = new FrameReader((kind) => this.#limit(kind, socket));
    socket.on("close", () => {
      reader.forget();
      if (this.#carrier === socket) this.#carrier = undefined;
      this.#sockets.delete(socket);
    });
    socket.setTimeout(this.#options.stalledMs ?? STALLED_MS, () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      const frame = reader.add(part);
      if (frame === undefined) return;
      const answer = frame === false ? undefined : this.#answer(frame);
      if (answer)
        socket.write(answer, () => answer.fill(0)); // it may be a key
      else socket.destroy();
      if (frame !== false && frame.kind === Request.stop) this.#options.onStop();
    });
  }

  #limit(kind: number, socket: Socket): number {
    if (kind === Request.putState) this.#carrier ??= socket;
    return requestLimit(this.#carrier === socket ? kind : Request.salt);
  }

  /** Undefined for what is no request. */
  #answer({ kind, body }: Frame): Uint8Array | undefined {
    const { keys, states, clock } = this.#options;
    // asking how it is does not keep it alive
    if (kind !== Request.status) this.#used = now(clock);
    switch (kind) {
      case Request.salt: {
        const [identity] = splitBody(body, IDENTITY_BYTES) ?? [];
        return identity && found(keys.saltOf(identity));
      }
      case Request.get: {
        const [identity, verifier] = splitBody(body, IDENTITY_BYTES, VERIFIER_BYTES) ?? [];
        if (!identity || !verifier) return undefined;
        const secret = keys.get(identity, verifier);
        if (secret === "wrong") return encodeFrame(Answer.wrong);
        return found(secret === "unknown" ? undefined : secret);
      }
      case Request.put: {
        const parts = splitBody(body, IDENTITY_BYTES, SALT_BYTES, VERIFIER_BYTES, SECRET_BYTES);
        const [identity, salt, verifier, secret] = parts ?? [];
        if (!identity || !salt || !verifier || !secret) return undefined;
        keys.put(identity, salt, verifier, secret);
        body.fill(0);
        return encodeFrame(Answer.done);
      }
      case Request.getState:
        return found(states.get(Buffer.from(body).toString("hex")));
      case Request.putState: {
        const [name, state] = splitBody(body, IDENTITY_BYTES) ?? [];
        if (!name || !state) return undefined;
        states.put(Buffer.from(name).toString("hex"), state);
        return encodeFrame(Answer.done);
      }
      case Request.status:
        return encodeFrame(Answer.done, Buffer.from(JSON.stringify(this.#status())));
      case Request.stop:
        return encodeFrame(Answer.done);
      default:
        return undefined;
    }
  }

  #status(): AgentStatus {
    const { keys, states, memory } = this.#options;
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    return {
      process: process.pid,
      keys: keys.size,
      states: states.size,
      given: keys.given,
      refused: keys.refused,
      residentBytes: process.memoryUsage.rss(),
      peakBytes: maxRSS * 1024,
      cpuMs: (userCPUTime + systemCPUTime) / 1000,
      locked: memory.isLocked,
      private: memory.isPrivate,
    };
  }
}

function found(what: Uint8Array | undefined): Uint8Array {
  return what ? encodeFrame(Answer.done, what) : encodeFrame(Answer.unknown);
}

/** Another user behind a socket that only we should reach: where Node shows the descriptor and the system can be asked. */
function isStranger(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } };
  if (typeof handle?.fd !== "number" || handle.fd < 0) return false;
  const user = peerUserId(handle.fd);
  return user !== undefined && user !== process.getuid?.();
}
