import { argon2Sync, createDecipheriv, createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { archivedFiles, goldenFolder, goldenPassphrase } from "./golden-archive.ts";
import { readPlainMsgpack } from "./plain-msgpack.ts";
import { blake3, readLz4Frame } from "./references/index.ts";

/*
 * A second reader of Kloset stores, for tests alone. It shares no code with src, so that an error in the format's codecs
 * would have to be made twice to go unseen.
 */

const PADDING = 255;

export const goldenStores = ["plain", "encrypted", "sha256", "uncompressed"] as const;
export const goldenPtars = ["plain.ptar", "encrypted.ptar"] as const;
export type GoldenName = (typeof goldenStores)[number] | (typeof goldenPtars)[number];

/** A wrapped file: the whole of it, and its body as it was before it was compressed and encrypted. */
export interface GoldenFile {
  readonly id: string;
  readonly raw: Buffer;
  readonly version: number;
  readonly body: Buffer;
}

export interface GoldenBlob {
  readonly type: number;
  readonly id: string;
  readonly content: Buffer;
}

export interface GoldenPack extends GoldenFile {
  readonly index: Buffer;
  readonly footer: Buffer;
}

export interface GoldenStore {
  readonly name: string;
  readonly configuration: GoldenFile;
  readonly states: readonly GoldenFile[];
  readonly locks: readonly GoldenFile[];
  readonly packs: readonly GoldenPack[];
  /** All but the padding. */
  readonly blobs: readonly GoldenBlob[];
  /** What signs and names everything but CONFIG. */
  mac(bytes: Uint8Array): Buffer;
  configurationMac(bytes: Uint8Array): Buffer;
}

interface Keys {
  readonly secret: Buffer | undefined;
  readonly sha256: boolean;
  readonly macKey: Buffer;
  readonly compressed: boolean;
  readonly sliceBytes: number;
}

/** Opens a store or a ptar of test/golden with everything in it. */
export function openGolden(name: GoldenName): GoldenStore {
  const files = name.endsWith(".ptar") ? ptarSections(name) : archivedFiles(name);
  const raw = (prefix: string): [string, Buffer][] =>
    [...files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, bytes]) => [path.split("/").at(-1) ?? "", bytes]);
  const configuration = takeApart("CONFIG", files.get("CONFIG") as Buffer);
  const keys = keysOf(configuration.body);
  const sealed = (prefix: string): GoldenFile[] =>
    raw(prefix).map(([id, bytes]) => {
      const file = takeApart(id, bytes);
      return { ...file, body: open(file.body, keys) };
    });
  const opened = raw("packfiles/").map(([id, bytes]) => openPack(takeApart(id, bytes), keys));
  return {
    name,
    configuration,
    states: sealed("states/"),
    locks: sealed("locks/"),
    packs: opened.map(({ pack }) => pack),
    blobs: opened.flatMap(({ blobs }) => blobs),
    mac: (bytes) => mac(bytes, keys),
    configurationMac: (bytes) => Buffer.from(blake3(bytes, keys.secret)),
  };
}

function ptarSections(name: string): Map<string, Buffer> {
  const file = readFileSync(join(goldenFolder, name));
  const number = (place: number): number => Number(file.readBigInt64LE(file.length - 48 + place * 8));
  const section = (place: number): Buffer => file.subarray(number(place), number(place) + number(place + 1));
  return new Map([
    ["CONFIG", section(0)],
    ["packfiles/only", section(2)],
    ["states/only", section(4)],
  ]);
}

function takeApart(id: string, raw: Buffer): GoldenFile {
  return { id, raw, version: raw.readUInt32LE(12), body: raw.subarray(16, raw.length - 32) };
}

function keysOf(body: Buffer): Keys {
  // biome-ignore format: one line a part of CONFIG
  const config = readPlainMsgpack(body) as {
    RepositoryID: Buffer; Hashing: { Algorithm: string }; Compression: object | null;
    Encryption: { ChunkSize: number; KDFParams: { Salt: Buffer; argon2id: Record<string, number> } } | null;
  };
  const sha256 = config.Hashing.Algorithm === "SHA256";
  const encryption = config.Encryption;
  const secret = encryption ? passphraseKey(encryption.KDFParams) : undefined;
  const id = config.RepositoryID;
  const macKey = secret ?? (sha256 ? createHash("sha256").update(id).digest() : Buffer.from(blake3(id)));
  return { secret, sha256, macKey, compressed: config.Compression !== null, sliceBytes: encryption?.ChunkSize ?? 0 };
}

function passphraseKey(kdf: { Salt: Buffer; argon2id: Record<string, number> }): Buffer {
  const cost = (name: string): number => kdf.argon2id[name] as number;
  return argon2Sync("argon2id", {
    message: goldenPassphrase,
    nonce: kdf.Salt,
    parallelism: cost("Threads"),
    passes: cost("Time"),
    memory: cost("Memory"),
    tagLength: cost("KeyLen"),
  });
}

function mac(bytes: Uint8Array, { sha256, macKey }: Keys): Buffer {
  return sha256 ? createHmac("sha256", macKey).update(bytes).digest() : Buffer.from(blake3(bytes, macKey));
}

/** Decrypts, then decompresses. */
function open(sealed: Buffer, keys: Keys): Buffer {
  const packed = keys.secret ? decrypt(sealed, keys.secret, keys.sliceBytes) : sealed;
  return keys.compressed ? Buffer.from(readLz4Frame(packed)) : packed;
}

function decrypt(sealed: Buffer, secret: Buffer, sliceBytes: number): Buffer {
  const wrapped = createDecipheriv("id-aes256-wrap", secret, Buffer.alloc(8, 0xa6));
  const key = Buffer.concat([wrapped.update(sealed.subarray(0, 40)), wrapped.final()]);
  const slices: Buffer[] = [];
  for (let at = 40; at < sealed.length; at += sliceBytes + 28) {
    const slice = sealed.subarray(at, at + sliceBytes + 28);
    const cipher = "aes-256-gcm-siv" as "aes-256-gcm";
    const decipher = createDecipheriv(cipher, key, slice.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(slice.subarray(slice.length - 16));
    slices.push(decipher.update(slice.subarray(12, slice.length - 16)), decipher.final());
  }
  return Buffer.concat(slices);
}

function openPack(file: GoldenFile, keys: Keys): { pack: GoldenPack; blobs: GoldenBlob[] } {
  const { body } = file;
  const footerAt = body.length - 4 - body.readUInt32LE(body.length - 4);
  const footer = open(body.subarray(footerAt, body.length - 4), keys);
  const index = open(body.subarray(Number(footer.readBigUInt64LE(12)), footerAt), keys);
  const blobs: GoldenBlob[] = [];
  for (let at = 0; at < index.length; at += 56) {
    const type = index.readUInt32LE(at);
    if (type === PADDING) continue;
    const start = Number(index.readBigUInt64LE(at + 40));
    const content = open(body.subarray(start, start + index.readUInt32LE(at + 48)), keys);
    blobs.push({ type, id: index.toString("hex", at + 8, at + 40), content });
  }
  return { pack: { ...file, index, footer }, blobs };
}
