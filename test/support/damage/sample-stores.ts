import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeConfiguration, ResourceType, type StoreConfiguration, V1_0_0, wrap } from "../../../src/format/index.ts";
import { type ByteString, FakeClock, fromText, SeededRandom } from "../../../src/foundation/index.ts";
import { compileKernels, instantiateKernels } from "../../../src/kernels/index.ts";
import { configurationMac, deriveSecret, Sealer } from "../../../src/sealing/index.ts";
import { createMemoryStore } from "../../../src/store/index.ts";
import { setExtendedAttribute } from "../../../src/system/index.ts";
import { archivedFiles, goldenFolder, goldenPassphrase } from "../golden-archive.ts";
import { InProcess } from "../in-process.ts";
import { imageOf, type StoreImage } from "./store-image.ts";

/** A small store, and how it is opened. */
export interface SampleStore {
  readonly name: string;
  readonly image: StoreImage;
  readonly passphrase: string | null;
  /** What its files hold, by the ends of their paths: where we know it from elsewhere than the store. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

interface Sort {
  readonly hashing: "BLAKE3" | "SHA256";
  readonly compression: "LZ4" | "GZIP" | "ZSTD" | null;
  readonly encrypted: boolean;
}

export const sorts: Readonly<Record<string, Sort>> = {
  plain: { hashing: "BLAKE3", compression: "LZ4", encrypted: false },
  encrypted: { hashing: "BLAKE3", compression: "LZ4", encrypted: true },
  SHA256: { hashing: "SHA256", compression: "LZ4", encrypted: false },
  uncompressed: { hashing: "BLAKE3", compression: null, encrypted: false },
  "encrypted, uncompressed": { hashing: "SHA256", compression: null, encrypted: true },
  GZIP: { hashing: "BLAKE3", compression: "GZIP", encrypted: false },
  ZSTD: { hashing: "BLAKE3", compression: "ZSTD", encrypted: false },
};
export const ptars = ["plain.ptar", "encrypted.ptar"] as const;

const passphrase = "cheap to derive";
/** Chunks and padding so small that a store of several of each has some 20 kB. */
const chunking = { algorithm: "fastcdc-v1.0.0", minBytes: 256, normalBytes: 1024, maxBytes: 4096 };

/** A store that the Go implementation made. */
function goldenStore(name: string): SampleStore {
  const isPtar = name.endsWith(".ptar");
  const image = isPtar
    ? new Map([["ptar", new Uint8Array(readFileSync(join(goldenFolder, name)))]])
    : directoryImage(name);
  const isPlain = name.startsWith("plain") || name === "sha256";
  return { name, image, passphrase: isPlain ? null : goldenPassphrase, contents: new Map() };
}

/** Files lie in folders by the first byte of their ids. */
function directoryImage(name: string): StoreImage {
  const files = [...archivedFiles(name)].filter(([path]) => !path.startsWith("locks/"));
  return new Map(files.map(([path, bytes]) => [path.replace(/^(\w+)\/.*\//, "$1/"), new Uint8Array(bytes)]));
}

/** A store of one sort with two snapshots of a tree that has one of everything, or one of Go's. */
export async function sampleStore(name: string): Promise<SampleStore> {
  const sort = sorts[name];
  if (!sort) return goldenStore(name.replace(/^golden /, ""));
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "plakar-damage-")));
  try {
    const store = createMemoryStore();
    await store.create(await cheapConfiguration(sort));
    const clock = new FakeClock();
    const plakar = new InProcess(store, { passphrase: sort.encrypted ? passphrase : null, clock });
    const tree = join(directory, "tree");
    const first = makeTree(tree);
    const options = { padding: true, hostName: "host" };
    await plakar.backup(tree, options);
    clock.advanceMs(3_600_000);
    writeFileSync(join(tree, "sub", "later"), "only in the second");
    await plakar.backup(tree, options);
    const contents = new Map([...first, ["/sub/later", Buffer.from("only in the second")]]);
    return { name, image: await imageOf(store), passphrase: sort.encrypted ? passphrase : null, contents };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeTree(tree: string): Map<string, Uint8Array> {
  mkdirSync(join(tree, "sub", "hollow"), { recursive: true });
  const contents = new Map<string, Uint8Array>([
    ["/text", Buffer.from("some text, some more\n".repeat(12))],
    ["/empty", new Uint8Array()],
    ["/chunks", new SeededRandom(8).bytes(6000)],
    ["/sub/inner", Buffer.from("within")],
  ]);
  for (const [path, bytes] of contents) writeFileSync(tree + path, bytes);
  linkSync(join(tree, "text"), join(tree, "text again"));
  contents.set("/text again", contents.get("/text") as Uint8Array);
  symlinkSync("sub/inner", join(tree, "link"));
  try {
    setExtendedAttribute(fromText(join(tree, "text")), "user.note" as ByteString, Buffer.from("remember"));
  } catch {
    // not every file system has them; the golden stores do
  }
  return contents;
}

/** A CONFIG like that of `create`, but for chunks, and a key derivation that takes no time. */
async function cheapConfiguration({ hashing, compression, encrypted }: Sort): Promise<Uint8Array> {
  const random = new SeededRandom(3);
  const kernels = instantiateKernels(compileKernels());
  const kdf = {
    algorithm: "ARGON2ID",
    salt: random.bytes(16),
    argon2id: { saltSize: 16, time: 1, memoryKiB: 8, threads: 1, keyLength: 32 },
  };
  const secret = encrypted ? await deriveSecret(kdf, Buffer.from(passphrase)) : null;
  const cipher = { subKeyAlgorithm: "AES256-KW", sliceBytes: 65536 } as const;
  const canarySealer =
    secret && new Sealer({ hashing, compression: null, encryption: cipher, macKey: secret, secret }, kernels, random);
  const configuration: StoreConfiguration = {
    version: V1_0_0,
    timestampNs: new FakeClock().nowNs(),
    repositoryId: random.bytes(16),
    packfile: { minBytes: 0n, averageBytes: 0n, maxBytes: 64n << 20n },
    chunking,
    hashing: { algorithm: hashing, bits: 256 },
    compression: compression && {
      algorithm: compression,
      level: 131072,
      windowSize: -1,
      chunkSize: -1,
      blockSize: -1,
      enableCrc: false,
    },
    encryption: canarySealer && {
      subKeyAlgorithm: cipher.subKeyAlgorithm,
      dataAlgorithm: "AES256-GCM-SIV",
      chunkSize: cipher.sliceBytes,
      kdf,
      canary: canarySealer.seal(random.bytes(32)),
    },
  };
  const body = encodeConfiguration(configuration);
  return wrap(ResourceType.config, V1_0_0, body, configurationMac(secret, kernels));
}
