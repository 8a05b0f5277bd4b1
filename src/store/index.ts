// Stores: where sealed bytes live. A directory, one .ptar file, memory; `openStore` finds the right one for a location.
// Layers: `throttle` limits the rate; the others are for tests and simulation: calls that fail, programs that are stopped,
// disks that lose their power.
export * from "./contract.ts";
export { type DirectoryEntry, type FileStatus, type FileSystem } from "./file-system.ts";
export { type FsStoreOptions, openFsStore } from "./fs.ts";
export type { PowerCut } from "./layers/disk-nodes.ts";
export * from "./layers/fault.ts";
export * from "./layers/faulty-file-system.ts";
export { SimulatedDisk } from "./layers/simulated-disk.ts";
export { type ThrottleOptions, withThrottle } from "./layers/throttle.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory.ts";
export { openStore } from "./open.ts";
export { openPtarStore, type PtarStoreOptions } from "./ptar.ts";
