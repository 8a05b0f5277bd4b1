// Where snapshots are restored: the contract, the file system, and the functions workers need for it.
// Nothing here ever writes outside the target directory.
export * from "./contract.ts";
export { refusesWriting } from "./fs/files.ts";
export { FsDestination, openFsDestination } from "./fs/fs-destination.ts";
export { finishDescriptorSync, finishFileSync, type Metadata } from "./fs/metadata.ts";
export type { MetadataPolicy } from "./fs/metadata-policy.ts";
export { isWithin, realPathOf } from "./fs/real-path.ts";
export { removeTree } from "./fs/remove-tree.ts";
export { requireSafeName } from "./fs/safe-path.ts";
export { encodeTarHeader, fitsInTar, tarEnd, tarPadding } from "./tar/tar-header.ts";
export { twinsAmong } from "./twin-names.ts";
