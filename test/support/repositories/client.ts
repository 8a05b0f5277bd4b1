import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KindName } from "../../../packaging/repositories/index.ts";

export interface ClientSetting {
  /** An empty directory, the client's whole world. */
  readonly root: string;
  /** Where the repositories are served. */
  readonly url: string;
  /** A directory of public keys that the client trusts, as `keys/` of the repositories is. */
  readonly keys: string;
  /** Which suite it follows; the stable one, if not given. */
  readonly suite?: string;
}

export interface Outcome {
  readonly status: number;
  readonly output: string;
}

/** A package manager in a root of its own. Its exit code proves nothing (dnf): look at what is installed. */
export interface Client {
  refresh(): Promise<Outcome>;
  install(name: string, version?: string): Promise<Outcome>;
  upgrade(): Promise<Outcome>;
  downgrade(name: string, version: string): Promise<Outcome>;
  remove(name: string): Promise<Outcome>;
  /** With its settings. */
  purge(name: string): Promise<Outcome>;
  /** Whether the package's own database is in order. */
  check(name: string): Promise<Outcome>;
}

export interface ClientKind {
  readonly kind: KindName;
  /** Why it cannot be tried on this machine. */
  readonly missing: string | undefined;
  readonly make: (setting: ClientSetting) => Client;
}

/** What the installed program says, undefined if there is none. */
export async function installedVersion(root: string, name = "small"): Promise<string | undefined> {
  const program = join(root, "usr/bin", name);
  if (!existsSync(program)) return undefined;
  return (await run(program, [])).output.trim();
}

/** Runs a program without blocking this process, which may be the server that it asks. */
export function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, words, { env: { ...env, LC_ALL: "C.UTF-8" }, encoding: "utf8" }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ status, output: `${stdout}${stderr}` });
    });
  });
}

/** A reason to skip, undefined if all of them are there. */
export function missingPrograms(...programs: string[]): string | undefined {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", 'command -v "$0"', program]).status !== 0);
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}, which this machine has not`;
}
