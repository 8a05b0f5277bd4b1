/** What went wrong, in the only terms that callers decide on. */
export type ErrorKind =
  | "usage" // the command line itself is wrong
  | "input" // something the user named is not acceptable
  | "missing" // something that was named is not there
  | "denied" // a permission or a passphrase
  | "corrupted" // bytes that fail their MAC or their format
  | "unavailable" // a store or service does not answer
  | "full" // no space, no quota
  | "conflict" // somebody else holds a lock
  | "newer" // made by a version this one does not understand
  | "interrupted" // the user or the system asked us to stop
  | "bug";

/** Whether the same call may succeed: `never`, `later` (somebody must act or time must pass), `now` (transient). */
export type Retry = "never" | "later" | "now";

export interface ErrorOptions {
  readonly kind: ErrorKind;
  /** What the user can do now, one imperative sentence. */
  readonly advice?: string;
  readonly retry?: Retry;
  /** Names and numbers for `-json`; never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/**
 * The one error of this program. `code` is stable, kebab-case, and described in docs/errors.md;
 * `message` says what failed and why in one line.
 */
export class PlakarError extends Error {
  override readonly name = "PlakarError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retry: Retry;
  readonly advice: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: string, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind;
    this.retry = options.retry ?? "never";
    this.advice = options.advice;
    this.details = options.details ?? {};
  }
}

/** Damage in stored bytes: what decoders and readers throw on anything that fails its MAC or its format. */
export function corrupted(
  code: string,
  message: string,
  details?: ErrorOptions["details"],
  cause?: unknown,
): PlakarError {
  return new PlakarError(code, message, {
    kind: "corrupted",
    ...(details && { details }),
    ...(cause !== undefined && { cause }),
  });
}

export function isPlakarError(error: unknown, kind?: ErrorKind): error is PlakarError {
  return error instanceof PlakarError && (kind === undefined || error.kind === kind);
}

/** The errno name (`ENOENT`) of a system error, or undefined: an error of our own has a code too, but is none. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof PlakarError) return undefined;
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The text of any thrown value, for messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
