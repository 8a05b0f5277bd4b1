// Bytes become chunks here: what a store's configuration names, turned into cuts by the kernels.
// Pure: no files, no clock, no chance. Cuts depend on the bytes and the parameters alone, and are those of the Go implementation.
export { type Chunker, type ChunkingParameters, createChunker } from "./chunker.ts";
