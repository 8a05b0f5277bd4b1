import { type ByteString, fromBytes, fromText, systemCode, toFsPath } from "../foundation/index.ts";
import { hasKernel32, kernel32, lastWindowsError } from "./kernel32.ts";
import { wideString } from "./wide-string.ts";

/** Content of a file, or of a directory, beside the one that everybody sees. */
export interface AlternateStream {
  readonly name: ByteString;
  readonly sizeBytes: number;
}

const INVALID_HANDLE = -1n;
/** WIN32_FIND_STREAM_DATA: 64 bits of size, and 296 characters of a name, ended by NUL. */
const FOUND_BYTES = 8 + 296 * 2;

/** What one answer says; undefined for the stream that everybody sees, and for what is no content. */
export function streamOf(found: Buffer): AlternateStream | undefined {
  const text = found.toString("utf16le", 8);
  const [, name = "", type] = /^:([^:]*):([^\0]*)\0/.exec(text) ?? [];
  if (name === "" || type !== "$DATA") return undefined;
  return { name: fromText(name), sizeBytes: Number(found.readBigInt64LE(0)) };
}

/** The streams of an item but the first; none where the file system has none, and without native calls. */
export function alternateStreams(path: ByteString): readonly AlternateStream[] {
  if (!hasKernel32()) return [];
  const native = toFsPath(path);
  const wide = wideString(typeof native === "string" ? (native as ByteString) : fromBytes(native));
  const found = Buffer.alloc(FOUND_BYTES);
  const handle = kernel32("FindFirstStreamW")(wide, 0, found, 0);
  if (handle === INVALID_HANDLE) return noneOrThrow(path);
  try {
    const streams: AlternateStream[] = [];
    do {
      const stream = streamOf(found);
      if (stream) streams.push(stream);
    } while (kernel32("FindNextStreamW")(handle, found) !== 0);
    return streams;
  } finally {
    kernel32("FindClose")(handle);
  }
}

/** There is none (ERROR_HANDLE_EOF), or the file system does not know them. */
const none: readonly string[] = ["EWIN38", "EWIN1", "EINVAL", "ENOTSUP"];

function noneOrThrow(path: ByteString): readonly AlternateStream[] {
  const error = lastWindowsError("FindFirstStream", path);
  if (none.includes(systemCode(error) ?? "")) return [];
  throw error;
}

/** The path under which Node reads and writes a stream. */
export function streamPath(path: ByteString, name: ByteString): Buffer {
  return Buffer.concat([Buffer.from(toFsPath(path)), Buffer.from(`:${name}`, "latin1")]);
}
