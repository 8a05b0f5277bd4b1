import { type KeyObject, sign } from "node:crypto";
import { gzipSync, inflateRawSync } from "node:zlib";

/** An RSA key, and what its public half is called in /etc/apk/keys: signatures refer to it by that name. */
export interface ApkKey {
  readonly name: string;
  readonly privateKey: KeyObject;
}

/**
 * A package of apk-tools 2 (which 3 reads) is gzip members one after the other: signature, control, data. The signature is
 * RSA with SHA-256 over the control member as it stands in the file, and that holds the digest of the data member. nfpm
 * itself signs with SHA-1 only.
 */
export function signApk(apk: Uint8Array, { name, privateKey }: ApkKey): Uint8Array {
  const signature = sign("sha256", apk.subarray(0, firstMemberLength(apk)), privateKey);
  // a tar archive without the end: for apk the members are one
  const tar = Buffer.concat([
    tarHeader(`.SIGN.RSA256.${name}`, signature.length),
    signature,
    padding(signature.length),
  ]);
  return Buffer.concat([gzipSync(tar, { level: 9 }), apk]);
}

/** What Node answers with `info`, which its types leave out. */
interface Inflated {
  readonly engine: { readonly bytesWritten: number };
}

/** gzip as nfpm writes it (RFC 1952): 10 bytes of header without optional fields, then deflate, then 8 bytes. */
function firstMemberLength(apk: Uint8Array): number {
  if (apk[0] !== 0x1f || apk[1] !== 0x8b || apk[3] !== 0) throw new Error("nfpm's apk does not begin with plain gzip");
  const { engine } = inflateRawSync(apk.subarray(10), { info: true }) as unknown as Inflated;
  return 10 + engine.bytesWritten + 8;
}

/** ustar (POSIX.1-1988) for one file of root's, of 1970. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(size, 11) + octal(0, 11), 100);
  header.write("        0", 148); // the checksum counts as spaces; then the type, a regular file
  header.write("ustar\x0000root", 257);
  header.write("root", 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}
