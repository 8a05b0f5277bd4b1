import { type StoreConfiguration, V1_0_0 } from "../../../src/format/index.ts";
import { SeededRandom } from "../../../src/foundation/index.ts";

export function plainConfiguration(): StoreConfiguration {
  return {
    version: V1_0_0,
    timestampNs: 0n,
    repositoryId: new SeededRandom(9).bytes(16),
    packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 64n << 20n },
    chunking: { algorithm: "fastcdc-v1.0.0", minBytes: 512 << 10, normalBytes: 1 << 20, maxBytes: 8 << 20 },
    hashing: { algorithm: "BLAKE3", bits: 256 },
    compression: { algorithm: "LZ4", level: 131072, windowSize: -1, chunkSize: -1, blockSize: -1, enableCrc: false },
    encryption: null,
  };
}
