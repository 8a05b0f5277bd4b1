import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** A command-line argument; bytes where it is not UTF-8. */
export type Argument = string | Uint8Array;

export interface Outcome {
  readonly commandLine: string;
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface RunOptions {
  /** The exit code without which the run counts as failed; 0 unless given. */
  readonly status?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: Readable;
  /** Sees the process while it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** One of the two programs, called as a user calls it. */
export interface Plakar {
  readonly name: string;
  /** Throws, with all that the program said, when the exit code is not the expected one. */
  run(argumentList: readonly Argument[], options?: RunOptions): Promise<Outcome>;
}

export type Environment = Readonly<Record<string, string>>;

/** What both programs get besides their HOME: nothing of the caller's stores, agents or locale. */
export const plainEnvironment: Environment = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  LANG: "C.UTF-8",
  TZ: "UTC",
  PLAKAR_PASSPHRASE: "interop: correct horse battery staple 42",
};

const LONGEST_RUN_MS = 120_000;

/** Runs a program to its end and holds it to the expected exit code. */
export async function runProgram(
  program: readonly string[],
  argumentList: readonly Argument[],
  environment: Environment,
  options: RunOptions = {},
): Promise<Outcome> {
  const outcome = await collect(program, argumentList, {
    env: { ...environment, ...options.environment },
    stdin: options.stdin,
    onStart: options.onStart,
  });
  const expected = options.status ?? 0;
  if (outcome.status !== expected) {
    throw new Error(`exit code ${outcome.status} instead of ${expected}: ${describeOutcome(outcome)}`);
  }
  return outcome;
}

/** The command line and the ends of what it wrote, for a failure's message. */
export function describeOutcome(outcome: Outcome): string {
  const { commandLine, stdout, stderr } = outcome;
  return [commandLine.slice(0, 400), "stdout:", lastLines(stdout), "stderr:", lastLines(stderr)].join("\n");
}

/** What a program wrote, line by line. */
export function linesOf(output: Buffer): readonly string[] {
  return output
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function lastLines(output: Buffer): string {
  return linesOf(output.subarray(-4_000)).slice(-25).join("\n");
}

async function collect(
  program: readonly string[],
  argumentList: readonly Argument[],
  { env, stdin, onStart }: { readonly env: Environment } & { readonly [Key in "stdin" | "onStart"]: RunOptions[Key] },
): Promise<Outcome> {
  const words: readonly Argument[] = [...program, ...argumentList];
  const [file = "", ...texts] = words.filter((word) => typeof word === "string");
  const options = { env, cwd: "/", timeout: LONGEST_RUN_MS, killSignal: "SIGKILL" } as const;
  // Node passes text only, so that bytes which are none need the shell
  const child =
    texts.length === words.length - 1
      ? spawn(file, texts, options)
      : spawn("/bin/sh", ["-c", `exec ${words.map(shellWord).join(" ")}`], options);
  onStart?.(child);
  // a program that refuses to start does not read; its exit code tells
  child.stdin.on("error", () => undefined);
  if (stdin === undefined) child.stdin.end();
  else stdin.pipe(child.stdin);
  const [stdout, stderr, status] = await Promise.all([
    Array.fromAsync(child.stdout as AsyncIterable<Buffer>),
    Array.fromAsync(child.stderr as AsyncIterable<Buffer>),
    new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? -1));
    }),
  ]);
  const commandLine = words.map((word) => Buffer.from(word).toString("utf8")).join(" ");
  return { commandLine, status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
}

/** A word of a shell script in ASCII, whatever its bytes; it may not end with a line feed. */
function shellWord(word: Argument): string {
  const octal = [...Buffer.from(word)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`);
  return `"$(printf '${octal.join("")}')"`;
}
