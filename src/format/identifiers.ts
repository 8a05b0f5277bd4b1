import { corrupted } from "../foundation/index.ts";

declare const macBrand: unique symbol;
declare const idBrand: unique symbol;

/** 32 bytes that name and verify content. */
export type Mac = Uint8Array<ArrayBuffer> & { readonly [macBrand]: true };
export type PackfileId = string & { readonly [idBrand]: "packfile" };
export type StateId = string & { readonly [idBrand]: "state" };
export type SnapshotId = string & { readonly [idBrand]: "snapshot" };
export type LockId = string & { readonly [idBrand]: "lock" };

export const MAC_BYTES = 32;

/**
 * Checks the length and copies, so that a MAC never keeps a larger buffer alive. (To look whether it would costs more than
 * to copy: `buffer` moves the bytes of a small array out of the heap.)
 */
export function asMac(bytes: Uint8Array): Mac {
  if (bytes.length !== MAC_BYTES)
    throw corrupted("mac-length", `a MAC has ${bytes.length} bytes instead of ${MAC_BYTES}`);
  return new Uint8Array(bytes) as Mac;
}

export const zeroMac: Mac = new Uint8Array(MAC_BYTES) as Mac;

const idForm = /^[0-9a-f]{64}$/;

/** Whether a file name is an id: 64 lower-case hex digits. */
export function isId(name: string): boolean {
  return idForm.test(name);
}

export function asPackfileId(hex: string): PackfileId {
  return checkedId(hex, "packfile") as PackfileId;
}

export function asStateId(hex: string): StateId {
  return checkedId(hex, "state") as StateId;
}

export function asSnapshotId(hex: string): SnapshotId {
  return checkedId(hex, "snapshot") as SnapshotId;
}

export function asLockId(hex: string): LockId {
  return checkedId(hex, "lock") as LockId;
}

function checkedId(hex: string, kind: string): string {
  if (!isId(hex)) throw corrupted("id-form", `a ${kind} id is not 64 hex digits`);
  return hex;
}

/** What a wrapped file or a blob is (kloset-format section 1). 8 is burnt. */
export const ResourceType = {
  config: 1,
  lock: 2,
  state: 3,
  packfile: 4,
  snapshot: 5,
  signature: 6,
  object: 7,
  chunk: 9,
  vfsBtree: 10,
  vfsNode: 11,
  vfsEntry: 12,
  errorBtree: 13,
  errorNode: 14,
  errorEntry: 15,
  xattrBtree: 16,
  xattrNode: 17,
  xattrEntry: 18,
  btreeRoot: 19,
  btreeNode: 20,
  vfsSummary: 21,
  padding: 255,
} as const;
export type ResourceType = (typeof ResourceType)[keyof typeof ResourceType];
