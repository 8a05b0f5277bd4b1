export interface RetryOptions {
  readonly pause: (ms: number) => Promise<unknown>;
  readonly onFailure: (reason: string, waitMs: number) => void;
  readonly attempts?: number;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Does something until it succeeds: again after a server's fault, a lost connection, or when the server asks for patience
 * (`retry-after`, or what is left of its rate limit). Other answers, and the last failure, are thrown.
 */
export async function withRetries<T>(action: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { pause, onFailure, attempts = ATTEMPTS } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const waitMs = patienceFor(error, attempt);
      if (waitMs === undefined || attempt >= attempts) throw error;
      onFailure(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error), waitMs);
      await pause(waitMs);
    }
  }
}

interface HttpFailure {
  readonly status: number;
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> };
}

/** How long to wait before the next attempt, in milliseconds; undefined where another would not help. */
function patienceFor(error: unknown, attempt: number): number | undefined {
  const usual = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  if (!isHttpFailure(error)) return isConnectionFailure(error) ? usual : undefined;
  const asked = askedPatience(error);
  if (asked !== undefined) return asked;
  // octokit gives connections that broke the status 500
  return error.status >= 500 || error.status === 429 ? usual : undefined;
}

/** `retry-after` in seconds, or when a limit that is used up begins anew, in seconds since 1970. */
function askedPatience({ status, response }: HttpFailure): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const { headers = {} } = response ?? {};
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  if (String(headers["x-ratelimit-remaining"]) !== "0") return undefined;
  return Math.max(FIRST_WAIT_MS, Number(headers["x-ratelimit-reset"] ?? 0) * 1000 - Date.now());
}

function isHttpFailure(error: unknown): error is HttpFailure {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

function isConnectionFailure(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("fetch failed");
}
