import {
  armor,
  type Config,
  createCleartextMessage,
  createMessage,
  config as defaults,
  enums,
  PacketList,
  type PrivateKey,
  readCleartextMessage,
  readKeys,
  readSignature,
  SignaturePacket,
  sign,
  verify,
} from "openpgp";
import { messageOf, unknownSigner } from "../repository-error.ts";
import type { OpenPgpSigner } from "./openpgp-signer.ts";

/** No random salt in signatures, so that the same text, key and time give the same bytes. */
const repeatable: Config = {
  ...defaults,
  preferredHashAlgorithm: enums.hash.sha512,
  nonDeterministicSignaturesViaNotation: false,
};

/** A text with the signature of each signer below it (RFC 9580 section 7), as apt's InRelease is. */
export async function clearSign(text: string, signers: readonly OpenPgpSigner[], timeSeconds: number): Promise<string> {
  const message = await createCleartextMessage({ text });
  const signingKeys = signers.map(({ privateKey }) => privateKey);
  const signed = await sign({ message, signingKeys, date: new Date(timeSeconds * 1000), config: repeatable });
  // what is signed has network line ends, whatever the file has; people expect the file's
  return signed.replaceAll("\r\n", "\n");
}

export interface DetachedOptions {
  readonly timeSeconds: number;
  /** After that the signature counts for nothing; undefined is never. */
  readonly validForSeconds: number | undefined;
}

/** Armored signatures over a file, one of each signer. */
export async function detachedSign(
  content: Uint8Array,
  signers: readonly OpenPgpSigner[],
  options: DetachedOptions,
): Promise<string> {
  const packets = new PacketList<SignaturePacket>();
  for (const { privateKey } of signers) packets.push(await signaturePacket(content, privateKey, options));
  // with a checksum: without one gpg 2.2 finds no data in an armor that ends without padding
  return armor(enums.armor.signature, packets.write(), undefined, undefined, undefined, true, repeatable);
}

/** What the library's packets take, beyond what their types say. */
type SignPacket = (key: unknown, literal: unknown, date: Date, detached: boolean, config: Config) => Promise<void>;

/** The library's `sign` cannot make a signature expire; its packets can (RFC 9580 section 5.2.3.18). */
async function signaturePacket(
  content: Uint8Array,
  privateKey: PrivateKey,
  { timeSeconds, validForSeconds }: DetachedOptions,
): Promise<SignaturePacket> {
  const date = new Date(timeSeconds * 1000);
  const { keyPacket } = await privateKey.getSigningKey(undefined, date);
  const [literal] = (await createMessage({ binary: content })).packets;
  const packet = new SignaturePacket();
  packet.signatureType = enums.signature.binary;
  packet.publicKeyAlgorithm = enums.publicKey.rsaEncryptSign; // the only kind that signers are made of
  packet.hashAlgorithm = enums.hash.sha512;
  packet.signatureExpirationTime = validForSeconds ?? null;
  await (packet.sign as SignPacket).call(packet, keyPacket, literal, date, true, repeatable);
  return packet;
}

/** The text of a clearsigned message. Throws unless one of the keys made one of its signatures; undefined ignores the time. */
export async function verifyClearSigned(
  signed: string,
  keys: readonly string[],
  timeSeconds: number | undefined,
): Promise<string> {
  const message = await readCleartextMessage({ cleartextMessage: signed });
  const verificationKeys = await readPublicKeys(keys);
  const { signatures } = await verify({ message, verificationKeys, date: dateOf(timeSeconds) });
  await requireGood(signatures);
  return message.getText();
}

/**
 * From when on a detached signature, armored or not, counts for nothing, undefined being never. Throws unless one of the keys made one of the
 * signatures over these bytes; undefined as the time ignores it.
 */
export async function verifyDetached(
  content: Uint8Array,
  signed: string | Uint8Array,
  keys: readonly string[],
  timeSeconds: number | undefined,
): Promise<number | undefined> {
  const message = await createMessage({ binary: content });
  const signature =
    typeof signed === "string"
      ? await readSignature({ armoredSignature: signed })
      : await readSignature({ binarySignature: signed });
  const verificationKeys = await readPublicKeys(keys);
  const { signatures } = await verify({ message, signature, verificationKeys, date: dateOf(timeSeconds) });
  const good = await requireGood(signatures);
  const [packet] = (await good.signature).packets;
  const { created, signatureExpirationTime } = packet as SignaturePacket;
  if (created === null || signatureExpirationTime === null) return undefined;
  return created.getTime() / 1000 + signatureExpirationTime;
}

/** During a rotation there are two signatures; clients are content with one that they can check. */
async function requireGood<Result extends { verified: Promise<true> }>(signatures: readonly Result[]): Promise<Result> {
  const problems: string[] = [];
  for (const signature of signatures) {
    try {
      await signature.verified;
      return signature;
    } catch (problem) {
      problems.push(messageOf(problem));
    }
  }
  if (problems.length > 0 && problems.every((problem) => problem.includes("Could not find signing key")))
    throw unknownSigner(problems.map((problem) => problem.split(" ").at(-1) ?? ""));
  throw new Error(problems.join("; ") || "there is no signature");
}

async function readPublicKeys(keys: readonly string[]): Promise<Awaited<ReturnType<typeof readKeys>>> {
  return (await Promise.all(keys.map((armoredKeys) => readKeys({ armoredKeys })))).flat();
}

function dateOf(timeSeconds: number | undefined): Date | null {
  return timeSeconds === undefined ? null : new Date(timeSeconds * 1000);
}
