import type { KeyAgent } from "../agent/index.ts";
import { environment, systemClock, systemRandom } from "../foundation/index.ts";
import type { KeptSecrets, KeptStates } from "../operations/index.ts";
import type { Flags } from "./command.ts";
import { usageError } from "./parse.ts";

/** Unless `-no-agent` or `PLAKAR_AGENT=off` says otherwise. Fails for any other value: it may have been meant to switch it off. */
export function mayUseAgent(flags: Flags): boolean {
  const wish = environment("PLAKAR_AGENT") ?? "on";
  if (wish !== "on" && wish !== "off")
    throw usageError(`PLAKAR_AGENT is "${wish}"`, "Set it to on or off, or leave it away.");
  return wish === "on" && !flags.is("no-agent");
}

/** The agent, loaded when a store turns out to be encrypted: others need none. */
export class LazyAgent implements KeptSecrets, KeptStates {
  #agent: KeyAgent | undefined;

  async ask(configuration: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array | "unknown" | "wrong"> {
    const { KeyAgent } = await import("../agent/index.ts");
    this.#agent = new KeyAgent(systemClock, systemRandom);
    return await this.#agent.ask(configuration, passphrase);
  }

  learn(configuration: Uint8Array, passphrase: Uint8Array, secret: Uint8Array): void {
    this.#agent?.learn(configuration, passphrase, secret);
  }

  async readState(name: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#agent?.readState(name);
  }

  keepState(name: Uint8Array, state: Uint8Array): void {
    this.#agent?.keepState(name, state);
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }
}
