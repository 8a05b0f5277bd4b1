import { SeededRandom } from "../../foundation/index.ts";
import type { DirectoryEntry, FileStatus, FileSystem, ReadableFile, WritableFile } from "../file-system.ts";

/** Thrown where the program is stopped, and by every step that it tries afterwards: nothing else happens. */
export class ProgramStopped extends Error {
  override readonly name = "ProgramStopped";
}

const changing = ["create", "write", "fsync", "rename", "link", "unlink", "mkdir", "fsync-directory"] as const;
const reading = ["open", "read", "size", "list", "stat", "sizes"] as const;

/** One step of a program on a disk. */
export interface Step {
  /** Counts the changing steps from 1; a reading step bears the number of the changing one before it. */
  readonly number: number;
  readonly name: (typeof changing)[number] | (typeof reading)[number];
  readonly path: string;
  readonly changes: boolean;
}

export type Strike =
  /** The program ends at this step, which does not happen; of a `write`, a part does. */
  | "stop"
  /** A `write` writes a part, and says so. */
  | "short"
  /** The step fails with a system error such as ENOSPC; of a `write`, a part happens. */
  | { readonly code: string };

/** What happens to a step; undefined lets it pass. */
export type Strikes = (step: Step) => Strike | undefined;

/** The program is stopped at the changing step of this number. */
export function stopsAt(number: number): Strikes {
  return (step) => (step.changes && step.number === number ? "stop" : undefined);
}

/** The changing step of this number fails. */
export function failsAt(number: number, code: string): Strikes {
  return (step) => (step.changes && step.number === number ? { code } : undefined);
}

/**
 * A disk on which a program can be stopped, or fail, at every single step. Over a SimulatedDisk what survives a power cut
 * can be asked then; over the real file system there is what a killed program leaves.
 */
export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  readonly #strikes: Strikes;
  readonly #random: SeededRandom;
  /** The changing steps so far, the last one that was struck included. */
  readonly steps: Step[] = [];
  #stopped = false;

  constructor(inner: FileSystem, strikes: Strikes = () => undefined, seed = 1) {
    this.#inner = inner;
    this.#strikes = strikes;
    this.#random = new SeededRandom(seed);
  }

  async create(path: string): Promise<WritableFile> {
    const file = await this.#run("create", path, () => this.#inner.create(path));
    return {
      write: (bytes) => this.#write(file, path, bytes),
      sync: () => this.#run("fsync", path, () => file.sync()),
      // no step: the system closes the files of a stopped program
      close: () => file.close(),
    };
  }

  async open(path: string): Promise<ReadableFile> {
    const file = await this.#run("open", path, () => this.#inner.open(path));
    return {
      sizeBytes: () => this.#run("size", path, () => file.sizeBytes()),
      read: (into, position) => this.#run("read", path, () => file.read(into, position)),
      close: () => file.close(),
    };
  }

  mkdir(path: string): Promise<void> {
    return this.#run("mkdir", path, () => this.#inner.mkdir(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run("rename", to, () => this.#inner.rename(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return this.#run("link", to, () => this.#inner.link(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#run("unlink", path, () => this.#inner.unlink(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#run("fsync-directory", path, () => this.#inner.syncDirectory(path));
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.#run("list", path, () => this.#inner.list(path));
  }

  stat(path: string): Promise<FileStatus> {
    return this.#run("stat", path, () => this.#inner.stat(path));
  }

  sizes(paths: readonly string[]): Promise<(number | undefined)[]> {
    return this.#run("sizes", paths[0] ?? "", () => this.#inner.sizes(paths));
  }

  async #run<T>(name: Step["name"], path: string, task: () => Promise<T>): Promise<T> {
    const strike = this.#meet(name, path);
    if (strike !== undefined && strike !== "short") this.#fail(strike, path);
    return await task();
  }

  async #write(file: WritableFile, path: string, bytes: Uint8Array): Promise<number> {
    const strike = this.#meet("write", path);
    if (strike === undefined) return file.write(bytes);
    const part = this.#random.below(bytes.length);
    if (part > 0) await file.write(bytes.subarray(0, part));
    if (strike !== "short") this.#fail(strike, path);
    // a system that can write nothing says so by an error
    return part > 0 ? part : file.write(bytes);
  }

  #meet(name: Step["name"], path: string): Strike | undefined {
    if (this.#stopped) throw new ProgramStopped("the program has ended");
    const changes = (changing as readonly string[]).includes(name);
    const step = { number: this.steps.length + (changes ? 1 : 0), name, path, changes };
    if (changes) this.steps.push(step);
    const strike = this.#strikes(step);
    if (strike === "stop") this.#stopped = true;
    return strike;
  }

  #fail(strike: Exclude<Strike, "short">, path: string): never {
    if (strike === "stop") throw new ProgramStopped(`the program was stopped at step ${this.steps.length}`);
    throw Object.assign(new Error(`${strike.code}: injected, '${path}'`), { code: strike.code, path });
  }
}
