import type { Output } from "./output.ts";

/** `list` takes words with commas between them, `each` one value as it is every time it is said. */
export type FlagKind = "boolean" | "text" | "list" | "each" | "choice" | "number" | "size" | "time";

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  /** For help: `NAME`, `DIR`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

export type FlagValue = boolean | string | number | bigint | readonly string[];

/** Parsed flags of a command, by name; what was not given is absent. */
export class Flags {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  /** Whether it was given, be it empty. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  is(name: string): boolean {
    return this.#values.get(name) === true;
  }

  text(name: string, otherwise = ""): string {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : otherwise;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  /** Nanoseconds since 1970. */
  time(name: string): bigint | undefined {
    const value = this.#values.get(name);
    return typeof value === "bigint" ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? value : [];
  }
}

export interface CommandContext {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly output: Output;
  /** Where the store is: `at STORE`, else `$PLAKAR_REPOSITORY`, else `~/.plakar`. */
  readonly location: string;
  readonly signal: AbortSignal;
  /** All commands, for help. */
  readonly registry: Registry;
  /** The words of the command line as typed, without secrets: those are never in it. */
  readonly commandLine: string;
}

/** A command by name: its summary for help, and its module when it is called. */
export interface Registered {
  readonly summary: string;
  /** Loads the command's module; nothing of it is evaluated before. */
  readonly load: () => Promise<Command>;
}

export type Registry = Readonly<Record<string, Registered>>;

/** A command: what help and the manual say of it, what it takes, and what it does. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly description: readonly string[];
  readonly flags: readonly Flag[];
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** Answers the exit code. */
  run(context: CommandContext): Promise<number>;
}
