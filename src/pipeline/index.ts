/** Pipeline: worker threads that carry bytes through read, chunk, seal, pack, and back. Bytes stay in the worker. */
export * from "./claims.ts";
export * from "./content-pipeline.ts";
export { canTravel, type MadeFiles, made, type NewFile, packNewFiles } from "./new-files.ts";
export { type KnownObject, KnownObjects } from "./object-facts.ts";
export * from "./pack-verifier.ts";
export * from "./pool.ts";
export type * from "./protocol.ts";
export type { Holes } from "./written-file.ts";
