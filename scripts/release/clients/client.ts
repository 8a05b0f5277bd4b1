import { spawnSync } from "node:child_process";
import { $ } from "zx";
import { ScriptError } from "../../support/script-error.ts";

export interface InstallSetting {
  /** An empty folder, the system that is installed into. */
  readonly root: string;
  /** `install.sh` of the release. */
  readonly script: string;
  /** Where this machine has what is to be published. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** A program that was installed. */
export interface Installed {
  /** What it sees as a directory whose path is this outside. */
  readonly root: string;
  /** Starts it; answers its exit code and output. */
  readonly start: (...words: string[]) => Promise<{ readonly status: number; readonly output: string }>;
}

/** One way in which people install. */
export interface Client {
  readonly name: string;
  /** Why it cannot be tried on this machine. */
  missing(): string | undefined;
  /** Throws a ScriptError where it does not install. */
  install(setting: InstallSetting): Promise<Installed>;
  /** Undoes what would keep the root from being removed. */
  leave(root: string): void;
}

/** Runs the install script for one method; what it says is told where it fails. */
export async function runScript(
  { root, script, addresses }: InstallSetting,
  method: string,
  env: NodeJS.ProcessEnv = {},
  where: readonly string[] = ["--root", root],
): Promise<void> {
  const words = [script, "--method", method, ...where];
  const { exitCode, stdout, stderr } = await $({
    nothrow: true,
    quiet: true,
    env: { ...process.env, ...addresses, ...env },
  })`sh ${words}`;
  if (exitCode !== 0) throw new ScriptError(`release: ${method} does not install it:\n${stdout}${stderr}`);
}

/** The program in a root, seen from within. */
export function startWithin(root: string, program: string): Installed {
  return { root, start: starting(["/usr/sbin/chroot", root, program], "/root") };
}

/** A program that runs where it was put, beside everything else that is there. */
export function startAt(program: string, home: string): Installed {
  return { root: "", start: starting([program], home) };
}

function starting(command: readonly string[], home: string): Installed["start"] {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home, PLAKAR_PASSPHRASE: "of a trial" };
  return async (...words) => {
    const { exitCode, stdout, stderr } = await $({ nothrow: true, quiet: true, env })`${[...command, ...words]}`;
    return { status: exitCode ?? 1, output: `${stdout}${stderr}` };
  };
}

/** A reason not to try, undefined if all of them are there. */
export function lacks(...programs: string[]): string | undefined {
  if (!isRoot()) return "needs to be root";
  const missing = programs.filter((program) => spawnSync("sh", ["-c", 'command -v "$0"', program]).status !== 0);
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}, which this machine has not`;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
