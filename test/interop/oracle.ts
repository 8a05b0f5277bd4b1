import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { silenceGo } from "../support/silence-go.ts";
import { type Environment, type Plakar, plainEnvironment, runProgram } from "./command-line.ts";

const program: string = resolve(process.env["PLAKAR_ORACLE"] ?? "no-oracle");

/** The Go implementation with a new HOME for each run: it knows of a store only what the store says. */
export const go: Plakar = {
  name: "Go",
  async run(argumentList, options) {
    const home = await openHome();
    try {
      return await runProgram([program], argumentList, home.environment, options);
    } finally {
      await home.close();
    }
  },
};

export interface WarmPlakar extends Plakar {
  close(): Promise<void>;
}

/** The Go implementation with one HOME for all runs: what it remembers of a store may be out of date. */
export async function openWarmGo(): Promise<WarmPlakar> {
  const home = await openHome();
  return {
    name: "Go with a memory",
    run: async (argumentList, options) => await runProgram([program], argumentList, home.environment, options),
    close: async () => await home.close(),
  };
}

interface OracleHome {
  readonly environment: Environment;
  close(): Promise<void>;
}

async function openHome(): Promise<OracleHome> {
  // short, because a socket lies in it
  const directory = mkdtempSync(join(tmpdir(), "plakar-go-"));
  const environment: Environment = {
    ...plainEnvironment,
    HOME: directory,
    // its backups leave locks behind now and then, which would keep maintenance away for ten minutes
    PLAKAR_LOCKLESS: "1",
  };
  const cache = join(directory, ".cache", "plakar");
  silenceGo(cache);
  const stateKeeper = await startStateKeeper(environment, join(cache, "cached.sock"));
  const close = async (): Promise<void> => {
    await end(stateKeeper);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  return { environment, close };
}

/**
 * Every command of the Go implementation needs a process that keeps the state of stores, and leaves one running where
 * none is. Ours is a child of the test, so that it ends when the test says so.
 */
async function startStateKeeper(env: Environment, socket: string): Promise<ChildProcess> {
  const child = spawn(program, ["cached", "-foreground", "-teardown", "1h"], { env, stdio: "ignore" });
  await once(child, "spawn");
  while (!(await answers(socket))) {
    if (child.exitCode !== null) throw new Error(`${program} cached ended with ${child.exitCode}`);
    await pause(10);
  }
  return child;
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
