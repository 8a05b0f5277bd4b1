// What is read: the contract, and the file system.
// A source lists and describes; the content of files is read by whoever walks it.
export * from "./contract.ts";
export { openFsSource } from "./fs/fs-source.ts";
export type { FsSourceOptions } from "./fs/options.ts";
