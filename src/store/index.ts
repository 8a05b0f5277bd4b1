/** Stores: where sealed bytes live. The contract, the file system, memory, ptar; layers for tests and simulation. */
export * from "./contract.ts";
export { type FileSystem, systemFileSystem } from "./file-system.ts";
export { FsStore, type FsStoreOptions } from "./fs.ts";
export { CrashingFileSystem, PowerCut } from "./layers/fault.ts";
export { MemoryStore } from "./memory.ts";
export { openStore } from "./open.ts";
export { PtarStore } from "./ptar.ts";
