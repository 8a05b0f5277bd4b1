/** Where repositories are published: a directory, S3-compatible storage, a branch of a git repository. */

export { cacheControl, contentType } from "./cache-control.ts";
export { directoryPlace } from "./directory.ts";
export { type GitBranchOptions, gitBranchPlace } from "./git-branch.ts";
export type { Changes, Place } from "./place.ts";
export { type S3Options, s3Place } from "./s3.ts";
