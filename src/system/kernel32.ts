import type { DynamicLibrary, FunctionSignature } from "node:ffi";
import { bindOnUse } from "./bound-functions.ts";
import { errorOfCode, errorOfWindows } from "./system-error.ts";

type Bytes = NodeJS.ArrayBufferView;

/** Every function of Windows this program calls. */
export interface WindowsFunctions {
  GetFileAttributesW(path: Bytes): number;
  CreateFileW(
    path: Bytes,
    access: number,
    sharing: number,
    security: bigint,
    disposition: number,
    flags: number,
    template: bigint,
  ): bigint;
  GetFileInformationByHandleEx(handle: bigint, what: number, content: Bytes, size: number): number;
  SetFileInformationByHandle(handle: bigint, what: number, content: Bytes, size: number): number;
  FindFirstStreamW(path: Bytes, level: number, found: Bytes, flags: number): bigint;
  FindNextStreamW(handle: bigint, found: Bytes): number;
  FindClose(handle: bigint): number;
  CloseHandle(handle: bigint): number;
  GetLastError(): number;
}

/** A wrong line here is a crash, not an error. A BOOL and a DWORD have 32 bits, a HANDLE 64. */
const signatures: Readonly<Record<keyof WindowsFunctions, FunctionSignature>> = {
  GetFileAttributesW: { return: "uint32", arguments: ["buffer"] },
  CreateFileW: {
    return: "int64",
    arguments: ["buffer", "uint32", "uint32", "uint64", "uint32", "uint32", "uint64"],
  },
  GetFileInformationByHandleEx: { return: "int32", arguments: ["int64", "uint32", "buffer", "uint32"] },
  SetFileInformationByHandle: { return: "int32", arguments: ["int64", "uint32", "buffer", "uint32"] },
  FindFirstStreamW: { return: "int64", arguments: ["buffer", "uint32", "buffer", "uint32"] },
  FindNextStreamW: { return: "int32", arguments: ["int64", "buffer"] },
  FindClose: { return: "int32", arguments: ["int64"] },
  CloseHandle: { return: "int32", arguments: ["int64"] },
  GetLastError: { return: "uint32", arguments: [] },
};

// per thread, as in native.ts
let library: DynamicLibrary | undefined;

function openLibrary(): DynamicLibrary {
  if (library) return library;
  const ffi = process.platform === "win32" ? process.getBuiltinModule("node:ffi") : undefined;
  if (!ffi) throw errorOfCode("ENOTSUP", "LoadLibrary");
  library = new ffi.DynamicLibrary("kernel32.dll");
  return library;
}

/** A function of kernel32.dll, bound on first use. Throws ENOTSUP where the platform or this Node does not have it. */
export const kernel32: <N extends keyof WindowsFunctions>(name: N) => WindowsFunctions[N] = bindOnUse<WindowsFunctions>(
  openLibrary,
  signatures,
);

let available: boolean | undefined;

/** Whether `kernel32` works here. */
export function hasKernel32(): boolean {
  if (available === undefined) {
    try {
      // bound now, for looking it up after a failed call could change what it answers
      available = kernel32("GetLastError") !== undefined;
    } catch {
      available = false;
    }
  }
  return available;
}

/** The error of the call that has just failed; nothing may be called in between. */
export function lastWindowsError(
  syscall: string,
  subject?: Parameters<typeof errorOfWindows>[2],
): NodeJS.ErrnoException {
  return errorOfWindows(kernel32("GetLastError")(), syscall, subject);
}
