/** What worker threads use of the repository: the index in shared memory, and the packer. */
export { BlobIndex, type SharedBlobIndex } from "./blob-index.ts";
export { type FinishedPack, macOfWhole, Packer, type SealedBlobs } from "./packer.ts";
export { LISTING_CONTENT_TYPE, madeChunkBytes, putContent } from "./put-content.ts";
