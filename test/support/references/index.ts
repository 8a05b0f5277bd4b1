// Plain TypeScript for what the kernels do in WebAssembly: slow, short, and written from the specifications alone, so that
// an error would have to be made twice to go unseen.
export { blake3 } from "./blake3.ts";
export { shannonEntropy } from "./entropy.ts";
export { gearCut, gearTable } from "./gear.ts";
export { readLz4Frame } from "./lz4-frame.ts";
export { xxh32 } from "./xxh32.ts";
