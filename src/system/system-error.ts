import { constants } from "node:os";
import { getSystemErrorMessage } from "node:util";
import { type ByteString, toDisplay } from "../foundation/index.ts";

// some numbers have two names; these are the ones Node uses
const preferred = ["ENOTSUP", "EAGAIN"] as const;
const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) names.set(number, name);
for (const name of preferred) names.set(constants.errno[name], name);

/** A path, or an open descriptor. */
type Subject = ByteString | number | undefined;

/** The error of a failed call by its errno: `code`, `errno`, `syscall` and `path` as Node's own errors have them. */
export function errorOfErrno(errno: number, syscall: string, subject: Subject): NodeJS.ErrnoException {
  return makeError(names.get(errno) ?? `E${errno}`, errno, syscall, subject);
}

/** What Windows calls them, of those that callers tell apart (winerror.h). */
const windowsErrors: ReadonlyMap<number, keyof typeof constants.errno> = new Map([
  [2, "ENOENT"],
  [3, "ENOENT"],
  [5, "EPERM"],
  [19, "EROFS"],
  [32, "EBUSY"],
  [33, "EBUSY"],
  [50, "ENOTSUP"],
  [87, "EINVAL"],
  [112, "ENOSPC"],
  [123, "ENOENT"],
  [1314, "EPERM"],
]);

/** The error of a failed call of Windows by its number; unknown ones keep it in their code, as `EWIN1`. */
export function errorOfWindows(number: number, syscall: string, subject?: Subject): NodeJS.ErrnoException {
  const code = windowsErrors.get(number);
  return makeError(code ?? `EWIN${number}`, code === undefined ? number : constants.errno[code], syscall, subject);
}

/** An error of a given code, without a call. */
export function errorOfCode(
  code: keyof typeof constants.errno,
  syscall: string,
  subject?: Subject,
  cause?: unknown,
): NodeJS.ErrnoException {
  return makeError(code, constants.errno[code], syscall, subject, cause);
}

function makeError(
  code: string,
  errno: number,
  syscall: string,
  subject: Subject,
  cause?: unknown,
): NodeJS.ErrnoException {
  const what = typeof subject === "string" ? ` '${toDisplay(subject)}'` : "";
  const message = `${code}: ${messageOfErrno(-errno) ?? "unknown error"}, ${syscall}${what}`;
  const error: NodeJS.ErrnoException = new Error(message, cause === undefined ? undefined : { cause });
  error.code = code;
  error.errno = -errno;
  error.syscall = syscall;
  if (typeof subject === "string") error.path = subject;
  return error;
}

function messageOfErrno(negative: number): string | undefined {
  const text = getSystemErrorMessage(negative);
  return text === undefined || text.startsWith("Unknown system error") ? undefined : text;
}

/**
 * What went wrong, for people, without the path: `permission denied (EACCES)`. Node's own messages carry the raw path,
 * which may hold control characters; this text never does.
 */
export function describeSystemError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("errno" in error && "code" in error) || typeof error.errno !== "number") return error.message;
  const text = messageOfErrno(error.errno);
  return text === undefined ? String(error.code) : `${text} (${String(error.code)})`;
}
