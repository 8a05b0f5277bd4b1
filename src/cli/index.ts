/** The command line: words in, exit code out. Commands are loaded when they are called. */
import { environment, homeDirectory, PlakarError, systemClock } from "../foundation/index.ts";
import { namingStore } from "./advice.ts";
import { Flags } from "./command.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { commandHelp, overview } from "./help.ts";
import { Output } from "./output.ts";
import { globalFlags, nearest, type ParsedLine, parseFlags, splitLine, usageError } from "./parse.ts";
import { cloudCommands, comingCommands, registry, storeCommands } from "./registry.ts";

export { commandLineWords } from "./arguments.ts";

/** Never throws: what goes wrong is printed and becomes the exit code. */
export async function run(typed: readonly string[]): Promise<number> {
  // as every program is asked
  const argv = /^--?version$/.test(typed[0] ?? "") ? ["version", ...typed.slice(1)] : typed;
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  const said = (name: string): boolean => flags.some((word) => saidForm.exec(word)?.[1] === name);
  const output = new Output({
    json: said("json"),
    quiet: said("quiet") || said("silent"),
    verbose: said("verbose"),
    trace: said("trace"),
    progress:
      process.stderr.isTTY && !said("json") && !said("quiet") && !said("no-progress") && environment("TERM") !== "dumb",
  });
  const stop = new Interruption(output);
  let code: number;
  try {
    code = await runCommand(splitLine(argv), argv, output, stop);
  } catch (error) {
    output.error(error);
    code = exitCodeOf(error, stop.signal);
  }
  stop.close();
  output.close();
  if (output.failure) output.error(output.failure);
  if (output.failure && code === ExitCode.done) code = ExitCode.failed;
  return output.metDamage && damageWinsOver.has(code) ? ExitCode.damaged : code;
}

/** Damage that a command met on its way and went on from is never hidden behind these. */
const damageWinsOver: ReadonlySet<number> = new Set([ExitCode.done, ExitCode.failed, ExitCode.incomplete]);

/** How to print must be known before the flags are understood, for they may be wrong. */
const saidForm = /^--?([a-z-]+)(?:=(?:1|t|true))?$/i;

async function runCommand(
  line: ParsedLine,
  argv: readonly string[],
  output: Output,
  stop: Interruption,
): Promise<number> {
  if (line.command === undefined) {
    const isWanted = line.before.some((word) => /^--?h(elp)?$/.test(word));
    if (isWanted) output.lines(overview(registry));
    else output.messageLines(overview(registry));
    return isWanted ? ExitCode.done : ExitCode.usage;
  }
  const registered = Object.hasOwn(registry, line.command) ? registry[line.command] : undefined;
  if (!registered) throw unknownCommand(line.command);
  if (line.store !== undefined) output.advise = namingStore(line.store, storeCommands);
  const command = await registered.load();
  const { values, args } = parseFlags([...line.before, ...line.rest], [...command.flags, ...globalFlags], command.name);
  if (values.get("h") === true || values.get("help") === true) {
    output.lines(commandHelp(command));
    return ExitCode.done;
  }
  if (args.includes(""))
    throw usageError("an argument is empty", `Was a variable without a value meant? See: plakar help ${command.name}`);
  return command.run({
    flags: new Flags(values),
    args,
    output,
    registry,
    location: locationOf(line.store),
    signal: stop.abort.signal,
    commandLine: ["plakar", ...withoutCommands(argv)].join(" "),
  });
}

/** What is kept in snapshots of the words that were typed: not a shell command, which may well hold a password (I-07). */
function withoutCommands(argv: readonly string[]): string[] {
  return argv.map((word, at) => {
    if (/^--?stdin-command$/.test(argv[at - 1] ?? "")) return "…";
    return word.replace(/^(--?stdin-command=).*$/s, "$1…");
  });
}

function locationOf(store: string | undefined): string {
  const location = store ?? environment("PLAKAR_REPOSITORY") ?? `${homeDirectory()}/.plakar`;
  if (!location.startsWith("@")) return location;
  throw new PlakarError("store-unknown", `the store ${location} is not configured`, {
    kind: "missing",
    advice: "Name its directory: plakar at DIRECTORY …",
  });
}

function unknownCommand(name: string): PlakarError {
  if (cloudCommands.includes(name))
    return usageError(
      `${name} is for the vendor's cloud, which this program does not use`,
      "Nothing here phones home.",
    );
  if (comingCommands.includes(name))
    return usageError(`${name} is not available yet in this version`, "See what is: plakar help");
  const near = nearest(name, Object.keys(registry));
  return usageError(
    `there is no command ${name}`,
    near ? `Did you mean ${near}? See: plakar help` : "See: plakar help",
  );
}

/** Some programs signal a process and then its whole group: what follows this closely is the same wish. */
const SAME_WISH_MS = 500;
/** So long an orderly end may take: a store that stalls, or a disk, must hold nobody back. */
const ORDERLY_END_MS = 800;

/** The first signal asks for an orderly end (locks are released), a later one does not ask. */
class Interruption {
  readonly abort: AbortController = new AbortController();
  signal: NodeJS.Signals | undefined;
  #stoppedAtMs = 0;
  readonly #output: Output;
  readonly #listeners: [NodeJS.Signals, () => void][];

  constructor(output: Output) {
    this.#output = output;
    this.#listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name) => [name, () => this.#stop(name)]);
    for (const [name, listener] of this.#listeners) process.on(name, listener);
  }

  close(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  /**
   * By the signal itself: `process.exit` waits for the threads of Node, of which one may be in a system call that does not come
   * back. Nothing that is half done is visible then; a lock that stays is recognised as stale (decision 8).
   */
  #endAtOnce(): void {
    this.close();
    this.#output.message("ended without waiting for what does not answer; nothing half done is visible");
    process.kill(process.pid, this.signal);
    process.exit(this.signal === "SIGINT" ? ExitCode.interrupted : ExitCode.terminated); // where signals are ignored
  }

  #stop(name: NodeJS.Signals): void {
    const nowMs = systemClock.monotonicMs();
    if (this.signal !== undefined) {
      if (nowMs - this.#stoppedAtMs < SAME_WISH_MS) return;
      this.#endAtOnce();
    }
    this.signal = name;
    this.#stoppedAtMs = nowMs;
    this.#output.message("stopping…");
    setTimeout(() => this.#endAtOnce(), ORDERLY_END_MS).unref();
    const error = new PlakarError(
      "interrupted",
      "interrupted; the store is sound, and earlier snapshots are untouched",
      {
        kind: "interrupted",
        retry: "now",
        advice: "Run the command again to do it all.",
      },
    );
    this.abort.abort(error);
  }
}
