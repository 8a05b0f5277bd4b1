import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const project = join(import.meta.dirname, "..", "..");

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How the program is started: from its sources, or as the built executable. */
export const programs: Readonly<Record<string, readonly string[]>> = {
  "the sources": [process.execPath, "--disable-warning=ExperimentalWarning", join(project, "src", "main.ts")],
  "dist/plakar": [join(project, "dist", "plakar")],
};

/** A scratch directory with a home of its own; real processes run in it. */
export class Workspace {
  readonly directory: string = mkdtempSync(join(tmpdir(), "plakar-e2e-"));
  readonly store: string = join(this.directory, "store");
  readonly #program: readonly string[];
  passphrase: string | undefined = "a passphrase for tests";
  /** What its processes find in their environment besides. */
  settings: Readonly<Record<string, string>> = {};

  constructor(program: string = "the sources") {
    this.#program = programs[program] as readonly string[];
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Runs without a terminal; `at STORE` comes first. */
  plakar(...words: string[]): Run {
    return this.bare("at", this.store, ...words);
  }

  bare(...words: string[]): Run {
    return this.#run([...this.#program, ...words]);
  }

  /** Words that are bytes, which only a shell can hand over. */
  inBytes(words: readonly (string | Buffer)[], directory: string | Buffer = "/"): Run {
    const script = ["cd", directory, "&&", "exec", ...this.#program, ...words].map((word) =>
      word === "&&" ? word : `"$(printf '${octal(word)}')"`,
    );
    return this.#run(["/bin/sh", "-c", script.join(" ")]);
  }

  /** For tests that start the process themselves. */
  invocation(...words: string[]): { readonly command: readonly string[]; readonly environment: NodeJS.ProcessEnv } {
    return { command: [...this.#program, "at", this.store, ...words], environment: this.#environment() };
  }

  #run([command = "", ...words]: readonly string[]): Run {
    const run = spawnSync(command, words, {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { code: run.status, out: run.stdout, err: run.stderr };
  }

  #environment(): NodeJS.ProcessEnv {
    const { PLAKAR_REPOSITORY: _store, PLAKAR_PASSPHRASE: _passphrase, XDG_CACHE_HOME: _cache, ...rest } = process.env;
    return {
      ...rest,
      HOME: this.path("home"),
      ...this.settings,
      ...(this.passphrase !== undefined && { PLAKAR_PASSPHRASE: this.passphrase }),
    };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function octal(word: string | Buffer): string {
  return [...Buffer.from(word)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
