import { closeSync, openSync, truncateSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { FileSystem } from "../file-system.ts";

/** Thrown at the chosen step, and by every step after it: the machine is off. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

export type LostWrites =
  /** What was written is there although nobody asked for it to be durable. */
  | "kept"
  /** Files that were not synced are empty. */
  | "emptied"
  /** Half of each file that was not synced. */
  | "torn";

export interface CrashOptions {
  /** The step, counted from 1, at which the power is cut: before it takes effect. 0 never. */
  readonly stopAt: number;
  readonly lostWrites: LostWrites;
}

/**
 * A file system that loses power at its Nth step. What had not been synced by then is lost as chosen: contents are emptied
 * or torn, names whose directory was not synced vanish (or come back, when they had been removed).
 */
export class CrashingFileSystem implements FileSystem {
  readonly #real: FileSystem;
  readonly #options: CrashOptions;
  steps = 0;
  /** Files written and not synced. */
  readonly #unsynced: Set<string> = new Set();
  /** Renames whose directory was not synced, oldest first. */
  readonly #unsettled: { readonly from: string; readonly to: string }[] = [];
  #off = false;

  constructor(real: FileSystem, options: CrashOptions) {
    this.#real = real;
    this.#options = options;
  }

  mkdir(path: string): void {
    this.#step();
    this.#real.mkdir(path);
  }

  writeNew(path: string, bytes: Uint8Array): void {
    this.#step(() => {
      // the cut comes in the middle of the write
      this.#real.writeNew(path, bytes.subarray(0, bytes.length >> 1));
      this.#unsynced.add(path);
    });
    this.#real.writeNew(path, bytes);
    this.#unsynced.add(path);
  }

  fsync(path: string): void {
    this.#step();
    this.#real.fsync(path);
    this.#unsynced.delete(path);
    for (let i = this.#unsettled.length - 1; i >= 0; i--) {
      if (dirname((this.#unsettled[i] as { to: string }).to) === path) this.#unsettled.splice(i, 1);
    }
  }

  rename(from: string, to: string): void {
    this.#step();
    this.#real.rename(from, to);
    if (this.#unsynced.delete(from)) this.#unsynced.add(to);
    this.#unsettled.push({ from, to });
  }

  unlink(path: string): void {
    this.#step();
    this.#real.unlink(path);
    this.#unsynced.delete(path);
  }

  list(path: string): string[] {
    this.#alive();
    return this.#real.list(path);
  }

  sizeOf(path: string): number {
    this.#alive();
    return this.#real.sizeOf(path);
  }

  /** What the disk looks like when the power is back. */
  settle(): void {
    if (this.#options.lostWrites === "kept") return;
    for (const path of this.#unsynced) {
      const size = this.#options.lostWrites === "emptied" ? 0 : this.#real.sizeOf(path) >> 1;
      truncateSync(path, size);
    }
    for (const { from, to } of this.#unsettled.toReversed()) this.#real.rename(to, from);
  }

  #step(during?: () => void): void {
    this.#alive();
    this.steps++;
    if (this.steps !== this.#options.stopAt) return;
    this.#off = true;
    during?.();
    throw new PowerCut(`the power was cut at step ${this.steps}`);
  }

  #alive(): void {
    if (this.#off) throw new PowerCut("the power is off");
  }
}

/** Overwrites bytes of a stored file in place: damage for tests. */
export function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(path, "r+");
  try {
    writeSync(fd, bytes, 0, bytes.length, at);
  } finally {
    closeSync(fd);
  }
}
