import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, type PathLike } from "node:fs";
import { type ByteString, fromText, systemCode, toFsPath } from "../../foundation/index.ts";
import type { RestoreItem } from "../contract.ts";
import { blocked } from "../failures.ts";
import { whatIsAt } from "./safe-path.ts";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const PRIVATE_FILE = 0o600;
const MAX_NAME_BYTES = 255;

/** Makes a file that only its owner may read, of a size, all hole; EEXIST when the name is taken. */
export function makeFile(fsPath: PathLike, sizeBytes: number): void {
  const descriptor = openSync(fsPath, CREATE, PRIVATE_FILE);
  try {
    if (sizeBytes > 0) ftruncateSync(descriptor, sizeBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes an existing file private, writable for this process, and of the item's size. ETXTBSY for a program that runs. */
export function makeWritable(absolute: ByteString, { path, info }: RestoreItem): void {
  const fsPath = toFsPath(absolute);
  // reading is enough to change the mode; where even that is not allowed, nothing else is
  const descriptor = openSync(fsPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const there = fstatSync(descriptor);
    if (!there.isFile()) throw blocked(path, "something of another kind took its place");
    fchmodSync(descriptor, PRIVATE_FILE);
  } finally {
    closeSync(descriptor);
  }
  const writable = openSync(fsPath, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (fstatSync(writable).size !== info.sizeBytes) ftruncateSync(writable, info.sizeBytes);
  } finally {
    closeSync(writable);
  }
}

/** `NAME.incomplete`, `NAME.incomplete-2` …: the first that is free, with a name cut short where it would be too long. */
export function freeNameBeside(absolute: ByteString): ByteString {
  const slash = absolute.lastIndexOf("/");
  const directory = absolute.slice(0, slash + 1);
  const name = absolute.slice(slash + 1);
  for (let number = 1; ; number++) {
    const ending = fromText(number === 1 ? ".incomplete" : `.incomplete-${number}`);
    const free = `${directory}${name.slice(0, MAX_NAME_BYTES - ending.length)}${ending}` as ByteString;
    if (!whatIsAt(free)) return free;
  }
}

/** Whether an existing file refuses to be written to, though its name may be given to another. */
export function refusesWriting(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return ["EACCES", "EPERM", "ETXTBSY"].includes(systemCode(cause) ?? "");
}
