// What Node's fs lacks: extended attributes, special files, exact times, holes, kernel locks, account names.
// By node:ffi on Linux and on Windows, bound on first use; elsewhere calls answer ENOTSUP and `capabilities` says why.
export { absolutePath } from "./absolute-path.ts";
export { forgetAccountNames, groupName, userName } from "./account-names.ts";
export * from "./capabilities.ts";
export * from "./extended-attributes.ts";
export * from "./file-lock.ts";
export * from "./holes.ts";
export { inodeFlags, setInodeFlags } from "./inode-flags.ts";
export * from "./item-stat.ts";
export * from "./mount.ts";
export { peerUserId } from "./peer.ts";
export * from "./protected-memory.ts";
export * from "./special-files.ts";
export { describeSystemError } from "./system-error.ts";
export * from "./times.ts";
export * from "./windows-attributes.ts";
export * from "./windows-files.ts";
export { alternateStreams, streamPath } from "./windows-streams.ts";
