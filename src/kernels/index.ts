// The hot loops in WebAssembly: cutting, hashing, compressing and sealing bytes in one memory that files are read into.
// The sources of the module are in assembly/, `npm run kernels` compiles them; everything here checks addresses first.
export { instantiateKernels } from "./instance.ts";
export {
  type CutParameters,
  type Hasher,
  type Kernels,
  LZ4_CHECKSUM,
  LZ4_DAMAGED,
  LZ4_TOO_LARGE,
  LZ4_UNSUPPORTED,
  type Lz4FrameOptions,
  SIV_OVERHEAD_BYTES,
  SIV_WHOLE_MAX_BYTES,
} from "./kernels.ts";
export { compileKernels } from "./module.ts";
