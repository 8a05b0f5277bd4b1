/** Operations: the use cases. Each answers data and throws PlakarError; what people read is made by the command line. */

export { isNewestTarget, matchesFilter, type SnapshotFilter } from "../snapshot/index.ts";
export { type LeaveOutOptions, readPathList, readPatternFile } from "../source/index.ts";
export * from "./backup.ts";
export type * from "./backup-contract.ts";
export * from "./cat.ts";
export * from "./check.ts";
export type * from "./check-contract.ts";
export * from "./describe.ts";
export * from "./diagnose.ts";
export * from "./diff.ts";
export * from "./digest.ts";
export * from "./list.ts";
export * from "./locate.ts";
export { tellLostSnapshots } from "./orphans.ts";
export * from "./remove.ts";
export * from "./restore.ts";
export type * from "./restore-contract.ts";
export * from "./restore-filter.ts";
export * from "./restore-stream.ts";
export { SourceAhead } from "./source-ahead.ts";
export * from "./store.ts";
export * from "./tag.ts";
export * from "./usage.ts";
