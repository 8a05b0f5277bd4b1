import { createHash } from "node:crypto";
import type { Clock, Random } from "../foundation/index.ts";
import { AgentConnection, askOnce } from "./connection.ts";
import { makeVerifier } from "./keyring.ts";
import { isLate, type Moment, now } from "./moment.ts";
import { type AgentPlace, findPlace } from "./place.ts";
import { Answer, encodeFrame, MAX_STATE_BYTES, Request, SALT_BYTES, SECRET_BYTES } from "./protocol.ts";
import { startAgent } from "./start.ts";

/** A key that this command knows, as the agent is to keep it: without the passphrase. */
interface Known {
  readonly identity: Uint8Array;
  readonly salt: Uint8Array;
  readonly verifier: Uint8Array;
  readonly secret: Uint8Array;
  /** Since when the agent has it. */
  readonly given: Moment | undefined;
}

/**
 * The agent, as a command uses it. Nothing here fails, and nothing waits for an agent to start: where there is none, or none
 * that answers, the key is derived as if there never were any.
 */
export class KeyAgent {
  readonly #clock: Clock;
  readonly #random: Random;
  #place: AgentPlace | undefined;
  #known: Known | undefined;
  /** A request that keeps a merged state. */
  #state: Uint8Array | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#place = findPlace({ make: true });
  }

  /** The secret of the store with this CONFIG; "wrong" when it is known and the passphrase is another. */
  async ask(configuration: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array | "unknown" | "wrong"> {
    if (!this.#place) return "unknown";
    const connection = await AgentConnection.open(this.#place.socket);
    if (!connection) return "unknown";
    try {
      const identity = identityOf(configuration);
      const salt = await connection.ask(encodeFrame(Request.salt, identity));
      if (!salt) this.#place = undefined; // it hangs: neither wait for it again nor start another
      if (salt?.kind !== Answer.done || salt.body.length !== SALT_BYTES) return "unknown";
      const verifier = makeVerifier(salt.body, passphrase);
      const answer = await connection.ask(encodeFrame(Request.get, identity, verifier));
      if (answer?.kind === Answer.wrong) return "wrong";
      if (answer?.kind !== Answer.done || answer.body.length !== SECRET_BYTES) return "unknown";
      this.#known = { identity, salt: salt.body, verifier, secret: answer.body, given: now(this.#clock) };
      return answer.body;
    } finally {
      connection.close();
    }
  }

  /** Remembers a secret that opened the store, for the agent to keep when the command is done. */
  learn(configuration: Uint8Array, passphrase: Uint8Array, secret: Uint8Array): void {
    const salt = this.#random.bytes(SALT_BYTES);
    const identity = identityOf(configuration);
    this.#known = { identity, salt, verifier: makeVerifier(salt, passphrase), secret, given: undefined };
  }

  /** The merged state of this name, if an agent has it. */
  async readState(name: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const answer = this.#place && (await askOnce(this.#place.socket, encodeFrame(Request.getState, name)));
    return answer?.kind === Answer.done ? answer.body : undefined;
  }

  /** Remembers a merged state that no cache could be made of. */
  keepState(name: Uint8Array, state: Uint8Array): void {
    if (state.length <= MAX_STATE_BYTES) this.#state = encodeFrame(Request.putState, name, state);
  }

  /**
   * Hands over what the agent does not have, or had so long ago that it may have forgotten it: half a minute begins with the end of
   * a command. Where no agent is, one is started now: earlier it would take time from the command.
   */
  async close(): Promise<void> {
    const key = this.#keyRequest();
    if (!this.#place || (!key && !this.#state)) return;
    const connection = await AgentConnection.open(this.#place.socket);
    if (connection) for (const request of [key, this.#state]) if (request) await connection.ask(request);
    if (!connection && key) await startAgent(this.#place, key);
    connection?.close();
    key?.fill(0);
  }

  #keyRequest(): Uint8Array | undefined {
    const known = this.#known;
    this.#known = undefined;
    if (!known || (known.given && !isLate(known.given, this.#clock))) return undefined;
    return encodeFrame(Request.put, known.identity, known.salt, known.verifier, known.secret);
  }
}

function identityOf(configuration: Uint8Array): Uint8Array {
  return createHash("sha256").update(configuration).digest();
}
