// What is read: the contract, and the file system.
// A source lists and describes; the content of files is read by whoever walks it.

export { type Capabilities as SystemReport, capabilities as systemReport } from "../system/index.ts";
export * from "./contract.ts";
export { openFsSource } from "./fs/fs-source.ts";
export type { FsSourceOptions } from "./fs/options.ts";
export { readPathList, readPatternFile } from "./fs/path-list.ts";
export { Glob } from "./ignore/glob.ts";
export { IgnoreRules } from "./ignore/ignore-rules.ts";
export type { LeaveOutOptions } from "./ignore/walk-rules.ts";
export { CommandOutput } from "./stream/command-output.ts";
export { closeStandardInput, readStandardInput } from "./stream/standard-input.ts";
export { openStreamSource, streamName } from "./stream/stream-source.ts";
export { openTarSource } from "./tar/tar-source.ts";
