import type { Kernels } from "../kernels/index.ts";
import { madeChunkBytes, type SealedBlobs } from "../repository/contract.ts";
import type { Sealer } from "../sealing/index.ts";
import { FileStorer } from "./file-storer.ts";
import { ListingStorer } from "./listing-storer.ts";
import { PackWriter, type PackWriterOptions } from "./pack-writer.ts";
import type { StoredPackMessage } from "./protocol.ts";

/** What a worker does for a backup: contents, and directories, each into packfiles of their own. */
export class BackupWorker {
  readonly files: FileStorer;
  readonly listings: ListingStorer;
  readonly #packs: readonly PackWriter[];

  constructor(kernels: Kernels, sealer: Sealer, options: PackWriterOptions) {
    const { chunking } = options;
    const contents = new PackWriter(options);
    const metadata = new PackWriter(options);
    this.files = new FileStorer({ kernels, sealer, chunking, packs: contents });
    this.listings = new ListingStorer(sealer, metadata, madeChunkBytes(chunking.maxBytes));
    this.#packs = [contents, metadata];
  }

  /** The bytes of a packfile that is stored: whoever needs them has them. */
  takeBack({ bytes }: StoredPackMessage): void {
    this.#packs.some((packs) => packs.takeBack(bytes));
  }

  /** Hands over what is in packfiles so far; what is too little for them is answered. */
  finish(): SealedBlobs[] {
    return this.#packs.map((packs) => packs.finish()).filter((rest) => rest !== undefined);
  }
}
