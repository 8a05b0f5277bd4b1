import { writeSync } from "node:fs";
import {
  formatSize,
  isPlakarError,
  messageOf,
  type ProgressEvent,
  type ProgressListener,
  systemCode,
} from "../foundation/index.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly trace: boolean;
  readonly progress: boolean;
}

/** A terminal redraws this often while something moves. */
const REDRAW_MS = 100;

/** Results to standard output, everything else to standard error. */
export class Output {
  readonly options: OutputOptions;
  #live = "";
  #phase = "";
  #drawnMs = 0;

  constructor(options: OutputOptions) {
    this.options = options;
  }

  get json(): boolean {
    return this.options.json;
  }

  /** A line of the result. */
  line(text: string): void {
    this.#clear();
    writeAll(1, `${text}\n`);
  }

  /** One JSON object a line; big integers as numbers where exact, else as strings, bytes as hex. */
  object(value: Readonly<Record<string, unknown>>): void {
    this.line(JSON.stringify(value, plain));
  }

  /** Raw bytes of a result. */
  bytes(part: Uint8Array): void {
    writeAll(1, part);
  }

  /** Something worth knowing that is no result. */
  message(text: string): void {
    if (this.options.quiet) return;
    this.#clear();
    writeAll(2, `${text}\n`);
  }

  warning(text: string): void {
    this.#clear();
    writeAll(2, `plakar: warning: ${text}\n`);
  }

  /** What failed, why, and what to do now: two or three lines. */
  error(error: unknown): void {
    this.#clear();
    const known = isPlakarError(error);
    const cause = known && error.cause !== undefined ? messageOf(error.cause) : "";
    const because = cause !== "" && !messageOf(error).includes(cause) ? `: ${cause}` : "";
    const advice = known
      ? error.advice
      : "This is a fault of plakar; run it again with -trace and report what it says.";
    writeAll(2, `plakar: ${messageOf(error)}${because}\n${advice ? `${advice}\n` : ""}`);
    if (this.options.json)
      this.object({ type: "error", code: known ? error.code : "bug", message: messageOf(error), advice: advice ?? "" });
    if (this.options.trace && error instanceof Error) writeAll(2, `${error.stack}\n`);
  }

  /** Live on a terminal; else only errors, warnings, and with -verbose a line for every item. */
  readonly progress: ProgressListener = (event) => {
    switch (event.type) {
      case "phase":
        this.#phase = event.phase;
        return this.#draw(event.phase);
      case "item":
        if (this.options.verbose) this.message(`${event.status} ${event.path}`);
        return;
      case "error":
        this.#clear();
        writeAll(2, `plakar: ${event.path}: ${event.message}\n`);
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

  #drawProgress(event: Extract<ProgressEvent, { type: "progress" }>): void {
    if (!this.options.progress || performance.now() - this.#drawnMs < REDRAW_MS) return;
    const files = event.files > 0 ? `${event.files} files, ` : "";
    this.#draw(`${this.#phase}: ${files}${formatSize(event.bytes)}${event.path ? `  ${event.path}` : ""}`);
  }

  #draw(text: string): void {
    if (!this.options.progress) return;
    this.#drawnMs = performance.now();
    const columns = process.stderr.columns || 80;
    const shown = text.length >= columns ? `${text.slice(0, columns - 2)}…` : text;
    writeAll(2, `\r\u001b[K${shown}`);
    this.#live = shown;
  }

  #clear(): void {
    if (this.#live === "") return;
    writeAll(2, "\r\u001b[K");
    this.#live = "";
  }
}

/** Writes all of it before going on, so that an exit loses nothing. A reader that has gone away is no error. */
function writeAll(fd: number, what: string | Uint8Array): void {
  const bytes = typeof what === "string" ? Buffer.from(what) : what;
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = systemCode(error);
      if (code === "EPIPE") process.exit(0);
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a pipe that is full for the moment
    }
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
