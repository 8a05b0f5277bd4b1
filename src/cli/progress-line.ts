import { count, formatDuration, formatSize, type ProgressEvent } from "../foundation/index.ts";

/** The rate is that of the last seconds: what was an hour ago tells nothing of what is left. */
const WINDOW_MS = 10_000;
/** Before this nothing can be foretold. */
const SETTLED_MS = 2000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** What a terminal shows while work goes on: phase, counts, share, rate, time left, and where it is. */
export class ProgressLine {
  readonly #nowMs: () => number;
  #phase = "";
  #startedMs = 0;
  #totalBytes = 0;
  #samples: Sample[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  phase(name: string): string {
    this.#phase = name;
    this.#startedMs = this.#nowMs();
    this.#totalBytes = 0;
    this.#samples = [];
    return name;
  }

  /** About how much there is to do in this phase. */
  totals({ bytes }: { readonly bytes: number }): void {
    this.#totalBytes = bytes;
  }

  line({ files, bytes, path }: Extract<ProgressEvent, { type: "progress" }>): string {
    const rate = this.#rate(bytes);
    const left = this.#totalBytes - bytes;
    const isSettled = this.#nowMs() - this.#startedMs >= SETTLED_MS;
    const parts = [
      files > 0 ? count(files, "file") : "",
      this.#totalBytes > 0 && left >= 0
        ? `${formatSize(bytes)} of ${formatSize(this.#totalBytes)} (${Math.floor((bytes / this.#totalBytes) * 100)}%)`
        : formatSize(bytes),
      rate > 0 ? `${formatSize(rate)}/s` : "",
      rate > 0 && left > 0 && isSettled ? `${formatDuration((left / rate) * 1000)} left` : "",
    ].filter(Boolean);
    return `${this.#phase}: ${parts.join(", ")}${path ? `  ${path}` : ""}`;
  }

  /** Bytes a second over the window. */
  #rate(bytes: number): number {
    const atMs = this.#nowMs();
    this.#samples.push({ atMs, bytes });
    while ((this.#samples[1]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift();
    const [first] = this.#samples;
    const since = first && first.atMs < atMs ? first : { atMs: this.#startedMs, bytes: 0 };
    return atMs > since.atMs ? Math.max(0, ((bytes - since.bytes) * 1000) / (atMs - since.atMs)) : 0;
  }
}
