import type { DynamicLibrary, FunctionSignature } from "node:ffi";
import { bindOnUse } from "./bound-functions.ts";
import { errorOfCode, errorOfErrno } from "./system-error.ts";

type Bytes = NodeJS.ArrayBufferView;

/** Every C function this program calls. */
export interface NativeFunctions {
  llistxattr(path: Bytes, list: Bytes, size: bigint): bigint;
  listxattr(path: Bytes, list: Bytes, size: bigint): bigint;
  flistxattr(descriptor: number, list: Bytes, size: bigint): bigint;
  lgetxattr(path: Bytes, name: Bytes, value: Bytes, size: bigint): bigint;
  getxattr(path: Bytes, name: Bytes, value: Bytes, size: bigint): bigint;
  fgetxattr(descriptor: number, name: Bytes, value: Bytes, size: bigint): bigint;
  lsetxattr(path: Bytes, name: Bytes, value: Bytes, size: bigint, flags: number): number;
  fsetxattr(descriptor: number, name: Bytes, value: Bytes, size: bigint, flags: number): number;
  lremovexattr(path: Bytes, name: Bytes): number;
  fremovexattr(descriptor: number, name: Bytes): number;
  mkfifo(path: Bytes, mode: number): number;
  mknod(path: Bytes, mode: number, device: bigint): number;
  utimensat(directory: number, path: Bytes, times: Bytes, flags: number): number;
  futimens(descriptor: number, times: Bytes): number;
  lseek(descriptor: number, offset: bigint, whence: number): bigint;
  fallocate(descriptor: number, mode: number, offset: bigint, length: bigint): number;
  flock(descriptor: number, operation: number): number;
  statx(directory: number, path: Bytes, flags: number, mask: number, result: Bytes): number;
  ioctl(descriptor: number, request: bigint, argument: Bytes): number;
  mount(source: Bytes, target: Bytes, type: Bytes, flags: bigint, data: Bytes): number;
  umount2(target: Bytes, flags: number): number;
  umask(mask: number): number;
  getpwuid_r(id: number, record: Bytes, text: Bytes, size: bigint, result: Bytes): number;
  getgrgid_r(id: number, record: Bytes, text: Bytes, size: bigint, result: Bytes): number;
  mlock(start: Bytes, length: bigint): number;
  madvise(start: Bytes, length: bigint, advice: number): number;
  prctl(option: number, one: bigint, two: bigint, three: bigint, four: bigint): number;
  setrlimit(resource: number, limits: Bytes): number;
  getsockopt(descriptor: number, level: number, option: number, value: Bytes, length: Bytes): number;
  __errno_location(): bigint;
}

/**
 * A wrong line here is a crash, not an error. The sizes are those of 64-bit Linux: the same for x86-64 and arm64, glibc
 * and musl. None of the functions is variadic but ioctl and prctl, whose arguments
 * go where those of any other function go on Linux, on both (System V and AAPCS64).
 */
const signatures: Readonly<Record<keyof NativeFunctions, FunctionSignature>> = {
  llistxattr: { return: "int64", arguments: ["buffer", "buffer", "uint64"] },
  listxattr: { return: "int64", arguments: ["buffer", "buffer", "uint64"] },
  flistxattr: { return: "int64", arguments: ["int32", "buffer", "uint64"] },
  lgetxattr: { return: "int64", arguments: ["buffer", "buffer", "buffer", "uint64"] },
  getxattr: { return: "int64", arguments: ["buffer", "buffer", "buffer", "uint64"] },
  fgetxattr: { return: "int64", arguments: ["int32", "buffer", "buffer", "uint64"] },
  lsetxattr: { return: "int32", arguments: ["buffer", "buffer", "buffer", "uint64", "int32"] },
  fsetxattr: { return: "int32", arguments: ["int32", "buffer", "buffer", "uint64", "int32"] },
  lremovexattr: { return: "int32", arguments: ["buffer", "buffer"] },
  fremovexattr: { return: "int32", arguments: ["int32", "buffer"] },
  mkfifo: { return: "int32", arguments: ["buffer", "uint32"] },
  mknod: { return: "int32", arguments: ["buffer", "uint32", "uint64"] },
  utimensat: { return: "int32", arguments: ["int32", "buffer", "buffer", "int32"] },
  futimens: { return: "int32", arguments: ["int32", "buffer"] },
  lseek: { return: "int64", arguments: ["int32", "int64", "int32"] },
  fallocate: { return: "int32", arguments: ["int32", "int32", "int64", "int64"] },
  flock: { return: "int32", arguments: ["int32", "int32"] },
  statx: { return: "int32", arguments: ["int32", "buffer", "int32", "uint32", "buffer"] },
  ioctl: { return: "int32", arguments: ["int32", "uint64", "buffer"] },
  mount: { return: "int32", arguments: ["buffer", "buffer", "buffer", "uint64", "buffer"] },
  umount2: { return: "int32", arguments: ["buffer", "int32"] },
  umask: { return: "uint32", arguments: ["uint32"] },
  getpwuid_r: { return: "int32", arguments: ["uint32", "buffer", "buffer", "uint64", "buffer"] },
  getgrgid_r: { return: "int32", arguments: ["uint32", "buffer", "buffer", "uint64", "buffer"] },
  mlock: { return: "int32", arguments: ["buffer", "uint64"] },
  madvise: { return: "int32", arguments: ["buffer", "uint64", "int32"] },
  prctl: { return: "int32", arguments: ["int32", "uint64", "uint64", "uint64", "uint64"] },
  setrlimit: { return: "int32", arguments: ["int32", "buffer"] },
  getsockopt: { return: "int32", arguments: ["int32", "int32", "int32", "buffer", "buffer"] },
  __errno_location: { return: "pointer", arguments: [] },
};

type Ffi = typeof import("node:ffi");

// per thread: every worker loads this module anew, and the address of errno differs between threads
let ffi: Ffi | undefined;
let library: DynamicLibrary | undefined;
let errnoAddress: bigint | undefined;

/** node:ffi, loaded on first use: programs that never need it neither pay for it nor see its warning. */
function openLibrary(): DynamicLibrary {
  if (library) return library;
  if (process.platform !== "linux") throw errorOfCode("ENOTSUP", "dlopen");
  ffi = process.getBuiltinModule("node:ffi") as Ffi | undefined;
  if (!ffi) throw errorOfCode("ENOTSUP", "dlopen");
  library = new ffi.DynamicLibrary(null);
  // now, since looking it up after a failed call could change errno
  errnoAddress = native("__errno_location")();
  return library;
}

/** A C function, bound on first use. Throws ENOTSUP where the platform, this Node or this C library does not have it. */
export const native: <N extends keyof NativeFunctions>(name: N) => NativeFunctions[N] = bindOnUse<NativeFunctions>(
  openLibrary,
  signatures,
);

const available = new Map<keyof NativeFunctions, boolean>();

/** Whether `native(name)` works here. */
export function hasNative(name: keyof NativeFunctions): boolean {
  let answer = available.get(name);
  if (answer === undefined) {
    try {
      answer = native(name) !== undefined;
    } catch {
      answer = false;
    }
    available.set(name, answer);
  }
  return answer;
}

/** The error of the call that has just failed; nothing may be called in between. */
export function lastError(syscall: string, subject?: Parameters<typeof errorOfErrno>[2]): NodeJS.ErrnoException {
  const errno = ffi && errnoAddress !== undefined ? ffi.getInt32(errnoAddress, 0) : 0;
  return errorOfErrno(errno, syscall, subject);
}

/** The NUL-terminated string at `address`. */
export function stringAt(address: bigint): string {
  return ffi?.toString(address) ?? "";
}

/** Where a buffer begins; undefined where native calls cannot be made. */
export function addressOf(buffer: ArrayBuffer): bigint | undefined {
  return hasNative("__errno_location") ? ffi?.getRawPointer(buffer) : undefined;
}
