// The one WebAssembly module: what the host sees. Addresses and lengths are NOT checked here but in src/kernels.
export { cut, cutConfigure } from "./gear";
export { entropy } from "./entropy";
export { hash, hasherBytes, hasherDigest, hasherReset, hasherResetUnkeyed, hasherUpdate, mac, macKeyAddress } from "./blake3";
export { lz4Frame } from "./lz4-frame";
export { lz4Unframe } from "./lz4-unframe";
export {
  sivBegin, sivFinish, sivForget, sivKeyAddress, sivKeyExpand, sivMessageKeyAddress, sivOpen, sivOpenBegin, sivOpenFinish, sivSeal,
} from "./siv";
export { xxh32 } from "./xxh32";

/** Where the host's part of the memory may begin. */
export function heapBase(): usize {
  return __heap_base;
}
