import { type Chunker, type ChunkingParameters, createChunker } from "../chunking/index.ts";
import type { Kernels } from "../kernels/index.ts";
import type { ContentReader } from "./content-reader.ts";

/** A small file must be seen whole in one read. */
const MIN_WINDOW_BYTES = 1 << 20;

/** A chunk in kernel memory, until the next one is asked for. */
export interface CutPiece {
  readonly address: number;
  readonly length: number;
  /** Bytes of the content that lie at the address, those behind the chunk included. */
  readonly heldBytes: number;
  /** Whether it is known to be the last. */
  readonly isLast: boolean;
}

/** Kernel memory that a cutter needs. */
export function cutterArenaBytes(chunking: ChunkingParameters): number {
  return Math.max(MIN_WINDOW_BYTES, chunking.maxBytes * 2) + 64;
}

/** Reads content through a window of kernel memory and cuts it into chunks. */
export class ContentCutter {
  readonly #kernels: Kernels;
  readonly #chunker: Chunker;
  readonly #windowBytes: number;
  /** Where the window begins, for who has content to put there. */
  readonly window: number;

  constructor(chunking: ChunkingParameters, kernels: Kernels) {
    this.#kernels = kernels;
    this.#chunker = createChunker(chunking, kernels);
    this.#windowBytes = Math.max(MIN_WINDOW_BYTES, chunking.maxBytes * 2);
    this.window = kernels.allocate(cutterArenaBytes(chunking));
  }

  /** The chunks from beginning to end; of empty content one that is empty. */
  *cut(reader: ContentReader): Generator<CutPiece> {
    const { window } = this;
    const { bytes } = this.#kernels;
    let held = 0; // bytes in the window, not yet cut
    let ended = false;
    let any = false;
    do {
      while (!ended && held < this.#chunker.maxBytes) {
        const got = reader.read(bytes, window + held, this.#windowBytes - held);
        if (got === 0) ended = true;
        held += got;
      }
      if (held === 0 && any) return; // the last cut took everything
      any = true;
      // Cut while a full chunk is certain: all that is left at the end, else as long as the largest chunk is held.
      let at = 0;
      do {
        const length = this.#chunker.cut(window + at, held - at);
        const heldBytes = held - at;
        yield { address: window + at, length, heldBytes, isLast: ended && length === heldBytes };
        at += length;
      } while (at < held && (ended || held - at >= this.#chunker.maxBytes));
      held -= at;
      if (held > 0) bytes.copyWithin(window, window + at, window + at + held);
    } while (!ended || held > 0);
  }
}
