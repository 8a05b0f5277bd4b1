import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../src/foundation/index.ts";
import { compileKernels, instantiateKernels } from "../../src/kernels/index.ts";
import { type Repository, readPackIndex } from "../../src/repository/index.ts";
import { Sealer, type SealingParameters } from "../../src/sealing/index.ts";
import { storeOf } from "../support/damage/store-image.ts";
import { goldenFolder } from "../support/golden-archive.ts";
import { openGolden } from "../support/golden-reader.ts";
import type { FuzzTarget } from "./fuzz-target.ts";

const kernels = instantiateKernels(compileKernels());
const random = new SeededRandom(31);
const secret = random.bytes(32);
const compressions = ["LZ4", "GZIP", "ZSTD", null] as const;
const wraps = [null, "AES256-KW", "AES256-GCM"] as const;
/** Small, so that some content has several slices. */
const SLICE_BYTES = 1024;

function sealer(compression: SealingParameters["compression"], wrap: (typeof wraps)[number]): Sealer {
  const encryption = wrap && { subKeyAlgorithm: wrap, sliceBytes: SLICE_BYTES };
  return new Sealer(
    { hashing: "BLAKE3", compression, encryption, macKey: secret, secret: wrap && secret },
    kernels,
    random,
  );
}

/** Empty, short, long and even, long and not to be compressed. */
const contents = [
  new Uint8Array(),
  Buffer.from("abc"),
  Buffer.from("the same again and ".repeat(400)),
  random.bytes(5000),
];

/** Opening as readers do it, with the limit that the sealed length sets, and with a tight one. */
function openTarget(compression: SealingParameters["compression"], wrap: (typeof wraps)[number]): FuzzTarget {
  const own = sealer(compression, wrap);
  const what = "fuzzed bytes";
  return {
    name: `opening ${compression ?? "uncompressed"}, ${wrap ?? "not encrypted"}`,
    seeds: contents.map((content) => own.seal(content)),
    run: (bytes) => {
      const limit = bytes.length % 2 === 0 ? 1000 : bytes.length * 1100 + 65536;
      const opened = own.open(bytes, { maxBytes: limit, what });
      if (opened.length > limit) throw new Error(`${opened.length} bytes where ${limit} were allowed`);
    },
  };
}

/** LZ4 frames and slices without what surrounds them in blobs: one right key, so that the slices themselves are reached. */
function openAtTarget(wrap: "AES256-KW" | null): FuzzTarget {
  const own = sealer("LZ4", wrap);
  const seeds = contents.map((content) => own.seal(content));
  const roomBytes = 1 << 17;
  const from = kernels.allocate(roomBytes);
  const to = kernels.allocate(roomBytes);
  return {
    name: `opening in kernel memory, ${wrap ?? "not encrypted"}`,
    seeds,
    run: (bytes) => {
      kernels.bytes.set(bytes, from);
      own.openAt(from, bytes.length, to, roomBytes);
    },
  };
}

const ptar = new Uint8Array(readFileSync(join(goldenFolder, "plain.ptar")));

async function readPtar(bytes: Uint8Array): Promise<void> {
  const store = storeOf(new Map([["ptar", bytes]]));
  await store.readConfiguration();
  for (const kind of ["states", "packfiles"] as const) {
    for (const { id } of await store.list(kind)) await store.get(kind, id);
  }
}

const { raw: packfile, id } = openGolden("plain.ptar").packs[0] as { raw: Buffer; id: string };
const packId = id.padEnd(64, "0").replaceAll(/[^0-9a-f]/g, "0");
const plainSealer = sealer("LZ4", null);

/** The index and footer of a packfile, found from its end. */
async function readPackfile(bytes: Uint8Array): Promise<void> {
  const store = storeOf(
    new Map([
      ["CONFIG", bytes],
      [`packfiles/${packId}`, bytes],
    ]),
  );
  await readPackIndex({ store, sealer: plainSealer } as Repository, packId);
}

/** Everything between stored bytes and plaintext, and the files around them. */
export const sealingTargets: readonly FuzzTarget[] = [
  ...compressions.flatMap((compression) => wraps.map((wrap) => openTarget(compression, wrap))),
  openAtTarget(null),
  openAtTarget("AES256-KW"),
  { name: "ptar", seeds: [ptar], run: readPtar },
  { name: "packfile", seeds: [packfile], run: readPackfile },
];
