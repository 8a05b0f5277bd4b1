import type { ByteString } from "../foundation/index.ts";
import { errorOfCode } from "./system-error.ts";

const PATH_MAX = 4096;

// calls are synchronous and a thread has its own copy of this module, so that two buffers serve all of them
const pathRoom = Buffer.alloc(PATH_MAX);
const nameRoom = Buffer.alloc(PATH_MAX);

function terminated(room: Buffer, value: ByteString, syscall: string): Buffer {
  if (value.length >= PATH_MAX) throw errorOfCode("ENAMETOOLONG", syscall, value);
  // a NUL inside would silently name another file
  if (value.includes("\0")) throw errorOfCode("EINVAL", syscall, value);
  room.write(value, 0, "latin1");
  room[value.length] = 0;
  return room;
}

/** A path as C takes it; valid until the next call. */
export function cPath(path: ByteString, syscall: string): Buffer {
  return terminated(pathRoom, path, syscall);
}

/** The name of an attribute as C takes it; valid until the next call. */
export function cName(name: ByteString, syscall: string): Buffer {
  return terminated(nameRoom, name, syscall);
}
