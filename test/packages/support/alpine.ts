import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { gunzipSync, inflateRawSync } from "node:zlib";

/** A package of Alpine, read as apk-tools reads it: three gzip members, of which the first signs the second and that names the third. */
export interface AlpinePackage {
  readonly keyName: string;
  readonly signature: Uint8Array;
  /** As they lie in the file. */
  readonly control: Uint8Array;
  readonly data: Uint8Array;
  readonly information: ReadonlyMap<string, string>;
}

export function readAlpinePackage(file: Uint8Array): AlpinePackage {
  const signed = memberLength(file);
  const control = file.subarray(signed, signed + memberLength(file.subarray(signed)));
  const [member] = firstTarMember(gunzipSync(file.subarray(0, signed)));
  const [information] = firstTarMember(gunzipSync(control));
  if (member === undefined || information === undefined) throw new Error("an empty member");
  const lines = information.content.toString().trim().split("\n");
  return {
    keyName: member.name.replace(".SIGN.RSA256.", ""),
    signature: member.content,
    control,
    data: file.subarray(signed + control.length),
    information: new Map(lines.map((line) => line.split(" = ", 2) as [string, string])),
  };
}

export function isSigned({ signature, control }: AlpinePackage, key: KeyObject): boolean {
  return verify("sha256", control, createPublicKey(key), signature);
}

function memberLength(bytes: Uint8Array): number {
  const { engine } = inflateRawSync(bytes.subarray(10), { info: true }) as unknown as {
    engine: { bytesWritten: number };
  };
  return 10 + engine.bytesWritten + 8;
}

function firstTarMember(tar: Buffer): { name: string; content: Buffer }[] {
  const size = Number.parseInt(tar.toString("latin1", 124, 135), 8);
  const [name = ""] = tar.toString("latin1", 0, 100).split("\0");
  return [{ name, content: tar.subarray(512, 512 + size) }];
}
