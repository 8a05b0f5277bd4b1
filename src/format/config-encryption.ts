import { corrupted } from "../foundation/index.ts";
import { KeyTable } from "./key-table.ts";
import type { MsgpackReader } from "./msgpack-reader.ts";
import type { MsgpackWriter } from "./msgpack-writer.ts";

export interface KdfParameters {
  /** `ARGON2ID`, `SCRYPT`, `PBKDF2`, as stored. */
  readonly algorithm: string;
  readonly salt: Uint8Array;
  readonly argon2id?: Argon2idCost;
  readonly scrypt?: ScryptCost;
  readonly pbkdf2?: Pbkdf2Cost;
}

export interface Argon2idCost {
  readonly saltSize: number;
  readonly time: number;
  readonly memoryKiB: number;
  readonly threads: number;
  readonly keyLength: number;
}

export interface ScryptCost {
  readonly saltSize: number;
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly keyLength: number;
}

export interface Pbkdf2Cost {
  readonly saltSize: number;
  readonly iterations: number;
  readonly keyLength: number;
  readonly hashing: string;
}

export interface EncryptionConfiguration {
  readonly subKeyAlgorithm: string;
  readonly dataAlgorithm: string;
  /** Plaintext bytes of an encrypted slice. */
  readonly chunkSize: number;
  readonly kdf: KdfParameters;
  readonly canary: Uint8Array;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Bounds of what a reader can work with; those of the costs are where the key is derived. */
const MAX_SLICE_BYTES = 64 << 20;
const MAX_SALT_BYTES = 1024;
const MAX_CANARY_BYTES = 4096;
const MAX_MEMORY_KIB = 4 << 20;

const keys = new KeyTable(["SubKeyAlgorithm", "DataAlgorithm", "ChunkSize", "KDFParams", "Canary"] as const);
const kdfKeys = new KeyTable(["KDF", "Salt", "argon2id", "scrypt", "pbkdf2"] as const);
const argon2idKeys = new KeyTable(["SaltSize", "Time", "Memory", "Threads", "KeyLen"] as const);
const scryptKeys = new KeyTable(["SaltSize", "N", "R", "P", "KeyLen"] as const);
const pbkdf2Keys = new KeyTable(["SaltSize", "Iterations", "KeyLen", "Hashing"] as const);

export function writeEncryption(w: MsgpackWriter, e: EncryptionConfiguration): void {
  const k = keys.of;
  w.map(5).key(k.SubKeyAlgorithm).text(e.subKeyAlgorithm).key(k.DataAlgorithm).text(e.dataAlgorithm);
  w.key(k.ChunkSize).int(e.chunkSize).key(k.KDFParams);
  writeKdf(w, e.kdf);
  w.key(k.Canary).bin(e.canary);
}

/** The structures of algorithms that are not in use are left out. */
function writeKdf(w: MsgpackWriter, { algorithm, salt, argon2id, scrypt, pbkdf2 }: KdfParameters): void {
  const k = kdfKeys.of;
  w.map(2 + Number(!!argon2id) + Number(!!scrypt) + Number(!!pbkdf2));
  w.key(k.KDF).text(algorithm).key(k.Salt).bin(salt);
  if (argon2id) {
    const a = argon2idKeys.of;
    w.key(k.argon2id).map(5).key(a.SaltSize).u32(argon2id.saltSize).key(a.Time).u32(argon2id.time);
    w.key(a.Memory).u32(argon2id.memoryKiB).key(a.Threads).u8(argon2id.threads).key(a.KeyLen).u32(argon2id.keyLength);
  }
  if (scrypt) {
    const s = scryptKeys.of;
    w.key(k.scrypt).map(5).key(s.SaltSize).u32(scrypt.saltSize).key(s.N).int(scrypt.n);
    w.key(s.R).int(scrypt.r).key(s.P).int(scrypt.p).key(s.KeyLen).int(scrypt.keyLength);
  }
  if (pbkdf2) {
    const p = pbkdf2Keys.of;
    w.key(k.pbkdf2).map(4).key(p.SaltSize).u32(pbkdf2.saltSize).key(p.Iterations).int(pbkdf2.iterations);
    w.key(p.KeyLen).int(pbkdf2.keyLength).key(p.Hashing).text(pbkdf2.hashing);
  }
}

export function decodeEncryption(r: MsgpackReader): EncryptionConfiguration {
  const e: Draft<EncryptionConfiguration> = {
    subKeyAlgorithm: "",
    dataAlgorithm: "",
    chunkSize: 0,
    kdf: { algorithm: "", salt: new Uint8Array() },
    canary: new Uint8Array(),
  };
  r.fields(keys, (key) => {
    if (key === "SubKeyAlgorithm") e.subKeyAlgorithm = r.text();
    else if (key === "DataAlgorithm") e.dataAlgorithm = r.text();
    else if (key === "ChunkSize") e.chunkSize = r.count();
    else if (key === "KDFParams") e.kdf = decodeKdf(r);
    else e.canary = r.bin();
  });
  bounded(e.chunkSize, MAX_SLICE_BYTES, "bytes in a slice");
  bounded(e.canary.length, MAX_CANARY_BYTES, "bytes of canary");
  bounded(e.kdf.salt.length, MAX_SALT_BYTES, "bytes of salt");
  if (e.kdf.argon2id) bounded(e.kdf.argon2id.memoryKiB, MAX_MEMORY_KIB, "KiB of memory for its key");
  return e;
}

function bounded(value: number, most: number, what: string): void {
  if (value < 1 || value > most)
    throw corrupted("config-damaged", `CONFIG says what no store can have: ${value} ${what}`);
}

function decodeKdf(r: MsgpackReader): KdfParameters {
  const kdf: Draft<KdfParameters> = { algorithm: "", salt: new Uint8Array() };
  r.fields(kdfKeys, (key) => {
    if (key === "KDF") kdf.algorithm = r.text();
    else if (key === "Salt") kdf.salt = r.bin();
    else if (r.nil())
      return; // as if it were left out
    else if (key === "argon2id") kdf.argon2id = decodeArgon2id(r);
    else if (key === "scrypt") kdf.scrypt = decodeScrypt(r);
    else kdf.pbkdf2 = decodePbkdf2(r);
  });
  return kdf;
}

function decodeArgon2id(r: MsgpackReader): Argon2idCost {
  const cost = { saltSize: 0, time: 0, memoryKiB: 0, threads: 0, keyLength: 0 };
  r.fields(argon2idKeys, (key) => {
    if (key === "SaltSize") cost.saltSize = r.u32();
    else if (key === "Time") cost.time = r.u32();
    else if (key === "Memory") cost.memoryKiB = r.u32();
    else if (key === "Threads") cost.threads = r.u8();
    else cost.keyLength = r.u32();
  });
  return cost;
}

function decodeScrypt(r: MsgpackReader): ScryptCost {
  const cost = { saltSize: 0, n: 0, r: 0, p: 0, keyLength: 0 };
  r.fields(scryptKeys, (key) => {
    if (key === "SaltSize") cost.saltSize = r.u32();
    else if (key === "N") cost.n = r.count();
    else if (key === "R") cost.r = r.count();
    else if (key === "P") cost.p = r.count();
    else cost.keyLength = r.count();
  });
  return cost;
}

function decodePbkdf2(r: MsgpackReader): Pbkdf2Cost {
  const cost = { saltSize: 0, iterations: 0, keyLength: 0, hashing: "" };
  r.fields(pbkdf2Keys, (key) => {
    if (key === "SaltSize") cost.saltSize = r.u32();
    else if (key === "Iterations") cost.iterations = r.count();
    else if (key === "KeyLen") cost.keyLength = r.count();
    else cost.hashing = r.text();
  });
  return cost;
}
