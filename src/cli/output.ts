import { writeSync } from "node:fs";
import {
  isPlakarError,
  messageOf,
  PlakarError,
  type ProgressEvent,
  type ProgressListener,
  systemCode,
  toDisplayLines,
  toDisplayText,
} from "../foundation/index.ts";
import { ProgressLine } from "./progress-line.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly trace: boolean;
  readonly progress: boolean;
}

const PLAIN = "\u001b[0m";

/** A terminal redraws this often while something moves. */
const REDRAW_MS = 100;

/** Results to standard output, everything else to standard error. */
export class Output {
  readonly options: OutputOptions;
  /** Makes command lines in warnings and advice name the store. */
  advise: (text: string) => string = (text) => text;
  #live = "";
  readonly #line = new ProgressLine(() => performance.now());
  #drawnMs = 0;
  #readerIsGone = false;
  #failure: PlakarError | undefined;
  #metDamage = false;

  constructor(options: OutputOptions) {
    this.options = options;
  }

  get json(): boolean {
    return this.options.json;
  }

  /** Nobody reads the result any more (`| head`): who has nothing else to do may stop. What is written goes nowhere. */
  get readerIsGone(): boolean {
    return this.#readerIsGone;
  }

  /** Code `output-failed`: the result could not be written (a full disk behind `>`). What the command does goes on. */
  get failure(): PlakarError | undefined {
    return this.#failure;
  }

  /** Whether the store turned out to be damaged, though the command went on. */
  get metDamage(): boolean {
    return this.#metDamage;
  }

  /** A line of the result. It stays one line whatever was saved in it: a name with a line break forges none. */
  line(text: string): void {
    this.#result(`${toDisplayText(text)}\n`);
  }

  /** A text of our own, of several lines. */
  lines(text: string): void {
    this.#result(`${toDisplayLines(text)}\n`);
  }

  /** A line of something that was saved: as it is, unless a terminal shows it. `colour`: the terminal's own, around it. */
  savedLine(text: string, colour = ""): void {
    if (!process.stdout.isTTY && colour === "") this.#result(`${text}\n`);
    else this.#result(`${colour}${toDisplayText(text)}${colour === "" ? "" : PLAIN}\n`);
  }

  /**
   * One JSON object a line; big integers as numbers where exact, else as strings, bytes as hex. What would drive a terminal
   * is written as `\uNNNN`, which reads back as the same text.
   */
  object(value: Readonly<Record<string, unknown>>): void {
    this.#result(`${JSON.stringify(value, plain).replaceAll(driving, escapeInJson)}\n`);
  }

  /** Raw bytes of a result. */
  bytes(part: Uint8Array): void {
    this.#result(part);
  }

  /** Something worth knowing that is no result. */
  message(text: string): void {
    this.messageLines(toDisplayText(text));
  }

  /** The same in several lines, all of our own. */
  messageLines(text: string): void {
    if (this.options.quiet) return;
    this.#clear();
    say(toDisplayLines(text));
  }

  warning(text: string): void {
    this.#clear();
    say(`plakar: warning: ${toDisplayText(this.advise(text))}`);
  }

  /** What failed, why, and what to do now: two or three lines. */
  error(error: unknown): void {
    this.#clear();
    const known = isPlakarError(error);
    const because = known ? becauseOf(error) : "";
    const advice = known
      ? error.advice && this.advise(error.advice)
      : "This is a fault of plakar; run it again with -trace and report what it says.";
    say(`plakar: ${toDisplayText(`${messageOf(error)}${because}`)}`);
    if (advice) say(toDisplayLines(advice));
    if (this.options.json)
      this.object({ type: "error", code: known ? error.code : "bug", message: messageOf(error), advice: advice ?? "" });
    if (this.options.trace && error instanceof Error) say(toDisplayLines(`${error.stack}`));
  }

  /** Damage of the store that does not stop the command; the exit code will tell. */
  damage(error: PlakarError): void {
    this.#metDamage = true;
    this.error(error);
  }

  /** Live on a terminal; else only errors, warnings, and with -verbose a line for every item. */
  readonly progress: ProgressListener = (event) => {
    switch (event.type) {
      case "phase":
        return this.#draw(this.#line.phase(event.phase));
      case "totals":
        return this.#line.totals(event);
      case "item":
        if (this.options.verbose) this.message(`${event.status} ${event.path}`);
        return;
      case "error":
        this.#clear();
        say(toDisplayText(`plakar: ${event.path === "" ? "" : `${event.path}: `}${event.message}`));
        if (this.json) this.object({ ...event });
        return;
      case "warning":
        return this.warning(event.message);
      case "progress":
        return this.#drawProgress(event);
      default:
    }
  };

  close(): void {
    this.#clear();
  }

  #result(what: string | Uint8Array): void {
    if (this.#readerIsGone) return;
    this.#clear();
    try {
      writeAll(1, typeof what === "string" ? Buffer.from(what) : what);
    } catch (error) {
      this.#readerIsGone = true;
      if (systemCode(error) === "EPIPE") return;
      this.#failure = new PlakarError("output-failed", `the result cannot be written: ${messageOf(error)}`, {
        kind: "unavailable",
        advice: "Look at what standard output is connected to. What the command did to the store is done.",
        cause: error,
      });
    }
  }

  #drawProgress(event: Extract<ProgressEvent, { type: "progress" }>): void {
    if (!this.options.progress || performance.now() - this.#drawnMs < REDRAW_MS) return;
    this.#draw(this.#line.line(event));
  }

  #draw(text: string): void {
    if (!this.options.progress) return;
    this.#drawnMs = performance.now();
    const columns = process.stderr.columns || 80;
    const shown = text.length >= columns ? `${text.slice(0, columns - 2)}…` : text;
    draw(`\r\u001b[K${toDisplayText(shown)}`);
    this.#live = shown;
  }

  #clear(): void {
    if (this.#live === "") return;
    draw("\r\u001b[K");
    this.#live = "";
  }
}

/** What the message does not say of its cause. */
function becauseOf(error: PlakarError): string {
  if (error.cause === undefined) return "";
  const cause = messageOf(error.cause);
  const code = systemCode(error.cause);
  const isSaid = error.message.includes(cause) || (code !== undefined && error.message.includes(`(${code})`));
  return isSaid ? "" : `: ${cause}`;
}

/** What is fit to show, for standard error. Where nobody can read it the work goes on all the same. */
function say(shown: string): void {
  draw(`${shown}\n`);
}

function draw(text: string): void {
  try {
    writeAll(2, Buffer.from(text));
  } catch {
    // there is no other place to complain
  }
}

/** Writes all of it before going on, so that an exit loses nothing. */
function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if (systemCode(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a pipe that is full for the moment
    }
  }
}

/** DEL, C1, and the marks of direction: JSON lets them through. */
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const driving = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escapeInJson(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
