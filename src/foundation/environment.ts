import { availableParallelism, cpus, homedir } from "node:os";
import { join } from "node:path";

/** The only place that reads the environment; values never travel into logs. */
export function environment(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** What children may see: everything but our own secrets (I-07). */
export function environmentWithoutSecrets(): Readonly<Record<string, string | undefined>> {
  const { PLAKAR_PASSPHRASE: _passphrase, PLAKAR_TOKEN: _token, ...others } = process.env;
  return others;
}

export function homeDirectory(): string {
  return environment("HOME") ?? homedir();
}

/** Where disposable files go: `$XDG_CACHE_HOME/plakar-ts`, `%LOCALAPPDATA%`, else `~/.cache/plakar-ts`. */
export function cacheDirectory(): string {
  const base =
    environment("XDG_CACHE_HOME") ??
    (process.platform === "win32" ? environment("LOCALAPPDATA") : undefined) ??
    join(homeDirectory(), ".cache");
  return join(base, "plakar-ts");
}

/** Cores that this process may use. */
export function coreCount(): number {
  // some systems list none
  return cpus().length || availableParallelism();
}
