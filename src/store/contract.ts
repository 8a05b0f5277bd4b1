/**
 * Where sealed bytes live. A store knows nothing of keys, snapshots or plaintext: it keeps whole immutable files under
 * 32-byte ids in three kinds, and one configuration. Every implementation passes test/contract/store.ts.
 *
 * All calls may run at once, from several processes too. They fail with a PlakarError whose kind is `missing` (nothing
 * there), `corrupted` (fewer bytes than there were), `full`, `denied` (read-only, or not for this user), `input` (not
 * empty) or `unavailable` (anything else that the system answers). A call that failed may be made again.
 */
export type StoreKind = "packfiles" | "states" | "locks";

/** 64 lower-case hex digits. Nothing is ever found under another name, and storing under one is a bug. */
export type StoreId = string;

export interface StoredFile {
  readonly id: StoreId;
  /** Size of the stored file: always with `sizes`, and where listing it costs nothing. */
  readonly sizeBytes?: number;
}

/** Bytes `offset` to `offset + length` of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface Store {
  /** For messages: `/srv/backup`, `memory:`. Never carries a password. */
  readonly location: string;
  /** Backups, removals and locks are refused early when false. */
  readonly writable: boolean;
  /** Whether `delete` can succeed: false for append-only stores, whose locks stay behind. */
  readonly deletable: boolean;

  /** Fails as `create` would where something is in the way already: before a user is asked for a passphrase. */
  expectEmpty(): Promise<void>;
  /**
   * Makes an empty store; the configuration is written last, and never over another one. Fails with kind `input`, code
   * `store-not-empty`, when something is there that is not the remains of a `create` that was interrupted.
   */
  create(configuration: Uint8Array): Promise<void>;
  /** The wrapped CONFIG. Fails with kind `missing`, code `store-missing`, when there is none. */
  readConfiguration(): Promise<Uint8Array>;
  /**
   * Files of a kind in no particular order; names that are not ids are ignored. Sizes cost a look at each file. A store
   * that is not there (any more) is `store-missing`, not an empty list.
   */
  list(kind: StoreKind, options?: { readonly sizes?: boolean }): Promise<StoredFile[]>;
  /**
   * A whole file, or exactly `range` of it. Fails with kind `missing`, code `file-missing`, when there is none, and with
   * kind `corrupted`, code `file-short`, when the range is not all there: fewer bytes are never answered.
   */
  get(kind: StoreKind, id: StoreId, range?: ByteRange): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Stores a whole file, over one of the same id too. When this resolves it is durable; whether it does or fails, no
   * reader ever sees a part of it. `bytes` must not change before.
   */
  put(kind: StoreKind, id: StoreId, bytes: Uint8Array): Promise<void>;
  /** Removes a file; one that is not there is no error. After a power cut it may be back. */
  delete(kind: StoreKind, id: StoreId): Promise<void>;
  close(): Promise<void>;
}
