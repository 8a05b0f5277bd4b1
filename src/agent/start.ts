import { spawn } from "node:child_process";
import { join } from "node:path";
import { inExecutable } from "../foundation/index.ts";
import type { AgentPlace } from "./place.ts";

/**
 * Starts an agent and hands it what it is to keep, through a pipe that is all the two have in common. Resolves when that is
 * written, long before the agent is ready. Never fails: without an agent everything works.
 *
 * It is in a session of its own, and has neither our output (whoever waits for its end would wait for the agent) nor our directory
 * (which could not be unmounted) nor our environment (which may hold a passphrase).
 */
export function startAgent({ directory }: AgentPlace, request: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    try {
      const child = spawn(process.execPath, [...programWords(), "agent", "serve", directory], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
        cwd: "/",
        env: {},
      });
      child.on("error", () => resolve());
      child.stdin.on("error", () => resolve());
      child.stdin.end(request, () => resolve());
      child.unref();
    } catch {
      resolve();
    }
  });
}

/** The executable is the program; while developing Node runs its sources. */
function programWords(): readonly string[] {
  return inExecutable ? [] : ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "..", "main.ts")];
}
