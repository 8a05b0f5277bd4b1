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

/** Starts the program that was installed; answers its exit code and output. */
export type Start = (...words: string[]) => Promise<{ readonly status: number; readonly output: string }>;

/** One way in which people install. */
export interface Client {
  readonly name: string;
  /** Why it cannot be tried on this machine. */
  missing(): string | undefined;
  /** Throws a ScriptError where it does not install. */
  install(setting: InstallSetting): Promise<Start>;
  /** Undoes what would keep the root from being removed. */
  leave(root: string): void;
}

/** Runs the install script for one method; what it says is told where it fails. */
export async function runScript(
  { root, script, addresses }: InstallSetting,
  method: string,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const words = [script, "--method", method, "--root", root];
  const { exitCode, stdout, stderr } = await $({
    nothrow: true,
    quiet: true,
    env: { ...process.env, ...addresses, ...env },
  })`sh ${words}`;
  if (exitCode !== 0) throw new ScriptError(`release: ${method} does not install it:\n${stdout}${stderr}`);
}

/** The program in a root, seen from within. */
export function startWithin(root: string, program: string): Start {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/root", PLAKAR_PASSPHRASE: "of a trial" };
  return async (...words) => {
    const { exitCode, stdout, stderr } = await $({
      nothrow: true,
      quiet: true,
      env,
    })`/usr/sbin/chroot ${[root, program, ...words]}`;
    return { status: exitCode ?? 1, output: `${stdout}${stderr}` };
  };
}

/** A reason not to try, undefined if all of them are there. */
export function lacks(...programs: string[]): string | undefined {
  if (process.getuid?.() !== 0) return "needs to be root";
  const missing = programs.filter((program) => spawnSync("sh", ["-c", 'command -v "$0"', program]).status !== 0);
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}, which this machine has not`;
}
