/** Repository: an opened store. Open, read with verification, pack, commit, lock. The only place that knows sealing and store. */
export * from "./blob-index.ts";
export * from "./blob-reader.ts";
export * from "./create.ts";
export * from "./lock.ts";
export * from "./merged-state.ts";
export * from "./open.ts";
export * from "./orphans.ts";
export * from "./pack-index.ts";
export * from "./packer.ts";
export * from "./packfile-list.ts";
export { packfileProblem } from "./packfile-mac.ts";
export { LISTING_CONTENT_TYPE } from "./put-content.ts";
export * from "./repository.ts";
export { storeState, writeTombstone } from "./session-state.ts";
export type { KeptStates } from "./state-cache.ts";
export * from "./state-loader.ts";
export * from "./trust.ts";
export * from "./writer.ts";
