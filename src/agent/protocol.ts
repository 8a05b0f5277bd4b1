import { concatBytes, viewOf } from "../foundation/index.ts";

/*
 * What crosses the socket: frames, each a request or its answer, in turns.
 *
 *   u32 length of what follows | u8 kind | the parts of the kind, one after another
 *
 * A passphrase never crosses. Who wants a key gets the salt of the agent's verifier, and answers with the verifier that the
 * passphrase at hand makes of it.
 */

/** Part of the socket's name: programs that speak differently never meet. */
export const PROTOCOL_VERSION = 1;
export const IDENTITY_BYTES = 32;
export const SALT_BYTES = 32;
export const VERIFIER_BYTES = 32;
export const SECRET_BYTES = 32;

type RequestName = "salt" | "get" | "put" | "status" | "stop" | "getState" | "putState";

export const Request: Readonly<Record<RequestName, number>> = {
  /** identity: which salt? */
  salt: 1,
  /** identity, verifier: the secret, please. */
  get: 2,
  /** identity, salt, verifier, secret: keep it. */
  put: 3,
  status: 4,
  /** Forget everything and end. */
  stop: 5,
  /** name: the merged state of this name. */
  getState: 6,
  /** name, and the state: keep it. */
  putState: 7,
};

export const Answer: Readonly<Record<"done" | "unknown" | "wrong", number>> = {
  /** With what was asked for, if anything. */
  done: 128,
  unknown: 129,
  wrong: 130,
};

const LENGTH_BYTES = 4;
/** Every request but those that carry a state. */
const MAX_REQUEST_BYTES = 1024;
/** A state larger than this is quicker merged again than carried. */
export const MAX_STATE_BYTES: number = 24 << 20;
/** The head of a request for a state: the kind and its name. */
const STATE_HEAD_BYTES = 1 + IDENTITY_BYTES;

export interface Frame {
  readonly kind: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

export function encodeFrame(kind: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(LENGTH_BYTES + 1);
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  viewOf(head).setUint32(0, bodyBytes + 1, true);
  head[LENGTH_BYTES] = kind;
  return concatBytes([head, ...parts]);
}

/**
 * Frames out of the parts in which they arrive. A length that no frame has is refused before anything is allocated for it;
 * the memory of an unfinished frame is what has arrived of it.
 */
export class FrameReader {
  readonly #maxBytes: (kind: number) => number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #refused = false;

  constructor(maxBytes: (kind: number) => number) {
    this.#maxBytes = maxBytes;
  }

  /** The next frame when it is complete, undefined while it is not; false when what arrives is no frame. */
  add(part: Uint8Array): Frame | undefined | false {
    if (this.#refused) return false;
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes <= LENGTH_BYTES) return undefined;
    const head = this.#head();
    const length = viewOf(head).getUint32(0, true);
    const kind = head[LENGTH_BYTES] as number;
    if (length === 0 || length > this.#maxBytes(kind) || this.#bytes > LENGTH_BYTES + length) {
      this.#refused = true;
      this.forget();
      return false;
    }
    if (this.#bytes < LENGTH_BYTES + length) return undefined;
    const body = concatBytes(this.#parts).subarray(LENGTH_BYTES + 1);
    this.forget();
    return { kind, body };
  }

  /** Overwrites what has arrived: it may be a key. */
  forget(): void {
    for (const part of this.#parts) part.fill(0);
    this.#parts = [];
    this.#bytes = 0;
  }

  #head(): Uint8Array {
    const [first] = this.#parts;
    if (first && first.length > LENGTH_BYTES) return first;
    const joined = concatBytes(this.#parts);
    this.#parts = [joined];
    return joined;
  }
}

/** What a request may be long. */
export function requestLimit(kind: number): number {
  return kind === Request.putState ? STATE_HEAD_BYTES + MAX_STATE_BYTES : MAX_REQUEST_BYTES;
}

/** What an answer may be long. */
export function answerLimit(): number {
  return 1 + MAX_STATE_BYTES;
}

/** The parts of a body by their lengths, the rest last; undefined when it is shorter. */
export function splitBody(
  body: Uint8Array<ArrayBuffer>,
  ...lengths: readonly number[]
): Uint8Array<ArrayBuffer>[] | undefined {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const length of lengths) {
    if (at + length > body.length) return undefined;
    parts.push(body.subarray(at, at + length));
    at += length;
  }
  return [...parts, body.subarray(at)];
}
