import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { digestOf } from "../support/digest.ts";
import type { Outcome } from "./step.ts";

interface DoneStep {
  readonly key: string;
  readonly outcome: Outcome;
  /** SHA-256 of each file that it left, by its path. */
  readonly digests: Readonly<Record<string, string>>;
}

/** What was done of a release, kept in a file that is whole at every moment. */
export class Progress {
  readonly #file: string;
  readonly #done: Map<string, DoneStep>;
  /** Digests of the files of the steps so far, in their order. */
  readonly #soFar: string[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#done = new Map(existsSync(file) ? Object.entries(read(file)) : []);
  }

  /** Stands for everything that a step's work depends on. */
  keyOf(step: string, inputs: readonly string[]): string {
    return createHash("sha256")
      .update(JSON.stringify([step, inputs, this.#soFar]))
      .digest("hex");
  }

  /** What a step left when it was done with the same key, if all of it is there as it was. */
  outcomeOf(step: string, key: string): Outcome | undefined {
    const done = this.#done.get(step);
    if (done?.key !== key) return undefined;
    const isWhole = Object.entries(done.digests).every(
      ([file, digest]) => existsSync(file) && digestOf(file) === digest,
    );
    return isWhole ? done.outcome : undefined;
  }

  done(step: string, key: string, outcome: Outcome): void {
    const digests = Object.fromEntries((outcome.files ?? []).map((file) => [file, digestOf(file)]));
    this.#soFar.push(JSON.stringify(digests));
    this.#done.set(step, { key, outcome, digests });
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.unfinished`, `${JSON.stringify(Object.fromEntries(this.#done), null, 2)}\n`);
    renameSync(`${this.#file}.unfinished`, this.#file);
  }
}

/** A file that cannot be understood counts for nothing: all is done again. */
function read(file: string): Record<string, DoneStep> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, DoneStep>;
  } catch {
    return {};
  }
}
