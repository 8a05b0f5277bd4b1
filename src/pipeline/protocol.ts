import type { ChunkingParameters } from "../chunking/index.ts";
import type { Mac, ResourceType } from "../format/index.ts";
import type { ByteString } from "../foundation/index.ts";
import type { SealedBlobs, SharedBlobIndex } from "../repository/contract.ts";
import type { SealingParameters } from "../sealing/index.ts";
import type { SharedRing } from "./byte-ring.ts";
import type { SharedClaims } from "./claims.ts";
import type { MadeFiles, NewFiles } from "./new-files.ts";
import type { Holes } from "./written-file.ts";

/** What every worker is given at its start. Keys travel only between threads of this process. */
export interface WorkerSetup {
  readonly kernels: WebAssembly.Module;
  readonly sealing: SealingParameters;
  /** Present for backups. */
  readonly backup?: BackupSetup;
  /** Present for checks. */
  readonly index?: SharedBlobIndex;
}

export interface BackupSetup {
  readonly chunking: ChunkingParameters;
  readonly index: SharedBlobIndex;
  readonly claims: SharedClaims;
  readonly packTargetBytes: number;
  readonly packPaddingBytes: number;
  /** One Int32: packs handed over and not yet stored; the worker waits while there are too many. */
  readonly packsUnderWay: SharedArrayBuffer;
}

/** A file to read, chunk, seal and pack. The stat values are those of the walk. */
export interface FileToStore {
  readonly path: ByteString;
  /** Where there is no file to read: the content itself, or where it is about to come from. */
  readonly content?: Uint8Array<ArrayBuffer> | SharedRing;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
}

/** What became of a file. `failure` alone when it could not be read at all. */
export interface StoredFileContent {
  readonly object: Uint8Array;
  readonly contentType: string;
  readonly entropy: number;
  readonly chunks: number;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  /** It went on changing while it was read, twice: what is stored may be a mixture. */
  readonly changed: boolean;
  readonly failure?: { readonly message: string; readonly code: string };
}

/** A blob that a worker has stored, or that was there. */
export interface StoredBlob {
  readonly mac: Mac;
  /** Bits a byte, of a chunk; else 0. */
  readonly entropy: number;
}

/** Files to store, as columns. */
export interface FileBatch {
  /** Joined by NUL, which no path holds. */
  readonly paths: string;
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly modifiedNs: BigInt64Array<ArrayBuffer>;
  /** Of the few that are not read from their path, by their place in the batch. */
  readonly contents: readonly (readonly [number, Uint8Array<ArrayBuffer> | SharedRing])[];
}

/** What became of them, as columns in the same order. */
export interface StoredBatch {
  /** 32 bytes each. */
  readonly objects: Uint8Array<ArrayBuffer>;
  /** Each content type once, and which of them a file has. */
  readonly contentTypes: readonly string[];
  readonly contentType: Uint16Array<ArrayBuffer>;
  readonly entropy: Float64Array<ArrayBuffer>;
  readonly chunks: Uint32Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly modifiedNs: BigInt64Array<ArrayBuffer>;
  readonly changed: readonly number[];
  readonly failures: readonly (readonly [number, NonNullable<StoredFileContent["failure"]>])[];
}

/** A blob inside a fetched range, and where its content belongs. */
export interface Piece {
  readonly at: number;
  readonly length: number;
  readonly mac: Uint8Array;
  /** Length of the content. */
  readonly contentBytes: number;
  readonly file: number;
  readonly fileOffset: number;
}

export type WorkerRequest =
  | { readonly kind: "store-files"; readonly files: FileBatch }
  | { readonly kind: "store-blob"; readonly type: ResourceType; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "finish" }
  | {
      readonly kind: "write-pieces";
      readonly bytes: Uint8Array;
      /** Open for writing by path; each exists already. */
      readonly files: readonly { readonly path: ByteString; readonly holes: Holes }[];
      readonly pieces: readonly Piece[];
    }
  | ({ readonly kind: "make-files" } & NewFiles)
  | {
      readonly kind: "compare-pieces";
      readonly files: readonly ByteString[];
      readonly pieces: readonly Omit<Piece, "at" | "length">[];
    }
  | {
      readonly kind: "verify-pack";
      readonly bytes: Uint8Array;
      /** Where in the packfile `bytes` begin; 0 for a whole one. */
      readonly origin: number;
      /** Records of the index that lie in these bytes. */
      readonly records: Uint32Array;
    };

/** What is not answered: the bytes of a packfile that is stored, to be written over. */
export interface StoredPackMessage {
  readonly kind: "pack-stored";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type WorkerAnswer =
  | { readonly kind: "stored-files"; readonly results: StoredBatch }
  | { readonly kind: "stored-blob"; readonly blob: StoredBlob }
  | { readonly kind: "finished"; readonly rest: SealedBlobs | undefined }
  | { readonly kind: "wrote-pieces"; readonly failures: readonly PieceFailure[] }
  | ({ readonly kind: "made-files" } & MadeFiles)
  /** One byte a piece: 1 where the file holds it already. */
  | { readonly kind: "compared-pieces"; readonly same: Uint8Array<ArrayBuffer> }
  | { readonly kind: "verified-pack"; readonly verdict: PackVerdict };

export interface PieceFailure {
  readonly piece: number;
  readonly message: string;
  readonly code: string;
  /** The stored bytes are wrong, as opposed to: they could not be written. */
  readonly damaged: boolean;
}

export interface PackVerdict {
  /** Records whose blobs do not open or do not match. */
  readonly damaged: readonly { readonly record: number; readonly message: string }[];
  /** What files consist of, of the sound objects: see object-facts.ts. */
  readonly objects: Uint32Array<ArrayBuffer>;
}

/** A finished packfile on its way from a worker to the store. */
export interface PackMessage {
  readonly kind: "pack";
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly index: Uint8Array<ArrayBuffer>;
}

/** Errors cross threads as data: classes do not survive structured cloning. */
export interface FailureMessage {
  readonly kind: "failed";
  readonly message: string;
  readonly code: string;
  readonly errorKind: string;
  readonly stack: string;
}

export type FromWorker = WorkerAnswer | PackMessage | FailureMessage;
