import { setTimeout as wait } from "node:timers/promises";
import { type Clock, systemClock } from "./clock.ts";
import { systemCode } from "./errors.ts";

/** Runs steps that fail while another program holds a file, until it lets go. */
export interface Patience {
  run<T>(step: () => T | Promise<T>): Promise<T>;
}

export interface PatienceOptions {
  readonly clock?: Clock;
  readonly pause?: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
/** So long one step is tried: a scanner looks at a new file for some tenths of a second. */
const STEP_MS = 2000;
/** So long is waited in vain, before a refusal is taken for what it says: a tree that is denied must not take hours. */
const IN_VAIN_MS = 10_000;
/** After that time it may be another program, or another tree. */
const FORGOTTEN_AFTER_MS = 60_000;

/** What Windows answers while a file is open elsewhere; ENOTEMPTY: a directory, while what was in it is not quite gone. */
const held: readonly (string | undefined)[] = ["EPERM", "EACCES", "EBUSY", "ENOTEMPTY"];

/**
 * For Windows, where a file can be neither renamed nor removed while a virus scanner or an indexer looks at it. The same
 * errors say that something is not allowed, and never will be: so the waiting is bounded, for each step and for all.
 */
export function patience({ clock = systemClock, pause = wait }: PatienceOptions = {}): Patience {
  let inVainMs = 0;
  let lastMs = 0;
  return {
    async run(step) {
      const startedMs = clock.monotonicMs();
      if (startedMs - lastMs > FORGOTTEN_AFTER_MS) inVainMs = 0;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        try {
          const result = await step();
          if (pauseMs > FIRST_PAUSE_MS) inVainMs = 0;
          return result;
        } catch (error) {
          const waitedMs = clock.monotonicMs() - startedMs;
          if (!held.includes(systemCode(error))) throw error;
          if (waitedMs + pauseMs > STEP_MS || inVainMs + waitedMs + pauseMs > IN_VAIN_MS) {
            inVainMs += waitedMs;
            lastMs = clock.monotonicMs();
            throw error;
          }
        }
        await pause(pauseMs);
      }
    },
  };
}

/** Tries once: other systems rename and remove what is open elsewhere. */
export const impatient: Patience = { run: async (step) => step() };

/** What this system needs. */
export function systemPatience(): Patience {
  return process.platform === "win32" ? patience() : impatient;
}
