/** Snapshot: what was saved. Built from a walk, read by path, chosen by id or name. */
export * from "./btree.ts";
export * from "./builder.ts";
export * from "./children.ts";
export * from "./entry-of.ts";
export { type HeaderFacts, listFacts, type SnapshotFacts } from "./facts.ts";
export * from "./filter.ts";
export * from "./item.ts";
export * from "./listing.ts";
export type { StoredListing } from "./listing-writer.ts";
export * from "./selection.ts";
export * from "./shapes.ts";
export * from "./summary.ts";
export { isNewestTarget } from "./target.ts";
export * from "./view.ts";
