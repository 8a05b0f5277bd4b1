import { connect, type Socket } from "node:net";
import { answerLimit, type Frame, FrameReader } from "./protocol.ts";

/** An agent that does not answer for so long (it is stopped, or the machine is) is no help. */
const PATIENCE_MS = 1000;

/** A conversation with an agent: requests and answers in turns. */
export class AgentConnection {
  readonly #socket: Socket;
  readonly #reader: FrameReader = new FrameReader(answerLimit);
  #answered: (frame: Frame | undefined) => void = () => undefined;

  /** Undefined when nobody is there. */
  static open(path: string): Promise<AgentConnection | undefined> {
    return new Promise((resolve) => {
      const socket = connect(path);
      socket.setTimeout(PATIENCE_MS, () => socket.destroy());
      socket.once("connect", () => resolve(new AgentConnection(socket)));
      socket.on("error", () => socket.destroy());
      socket.once("close", () => resolve(undefined));
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("close", () => this.#answered(undefined));
    socket.on("data", (part: Buffer) => {
      const frame = this.#reader.add(part);
      if (frame === false) socket.destroy();
      else if (frame) this.#answered(frame);
    });
  }

  /** The answer; undefined when there is none, now or any more. */
  ask(request: Uint8Array): Promise<Frame | undefined> {
    if (this.#socket.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One request to the agent at a socket. */
export async function askOnce(path: string, request: Uint8Array): Promise<Frame | undefined> {
  const connection = await AgentConnection.open(path);
  const answer = await connection?.ask(request);
  connection?.close();
  return answer;
}
