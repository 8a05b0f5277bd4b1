/*
 * Where a release came from, signed: an in-toto statement (in-toto Attestation Framework, Statement v1) with a SLSA
 * provenance (v1), in an envelope of DSSE (Dead Simple Signing Envelope, v1.0).
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

export interface Material {
  readonly uri: string;
  /** By algorithm, in hex: `{ "gitCommit": "…" }`, `{ "sha512": "…" }`. */
  readonly digest: Readonly<Record<string, string>>;
}

export interface ReleaseOrigin {
  readonly version: string;
  /** Who ran it: the address of a workflow, or of a machine that is nobody's business. */
  readonly builder: string;
  /** The sources first, then everything that was not made from them. */
  readonly materials: readonly Material[];
  /** Name and SHA-256 (hex) of each file that came of it. */
  readonly subjects: readonly { readonly name: string; readonly sha256: string }[];
}

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** The statement, the same for the same origin: it bears no time of its own. */
export function statementOf({ version, builder, materials, subjects }: ReleaseOrigin): object {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:plakar:release:v1",
        externalParameters: { version },
        resolvedDependencies: materials,
      },
      runDetails: { builder: { id: builder } },
    },
  };
}

export interface Envelope {
  readonly payloadType: string;
  /** Base64, as all bytes in it. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Signs a statement with RSA (PKCS #1 v1.5, SHA-256), which openssl and every library verify. `key`: PEM. */
export function seal(statement: object, key: string): Envelope {
  const payload = Buffer.from(JSON.stringify(statement));
  const privateKey = createPrivateKey(key);
  const signature = sign("sha256", preAuthentication(payload), privateKey);
  const keyid = fingerprint(createPublicKey(privateKey));
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString("base64"),
    signatures: [{ keyid, sig: signature.toString("base64") }],
  };
}

/** The statement in an envelope. Throws when no signature in it is by the key (PEM). */
export function open(envelope: Envelope, publicKey: string): object {
  const payload = Buffer.from(envelope.payload, "base64");
  const key = createPublicKey(publicKey);
  const isSigned =
    envelope.payloadType === PAYLOAD_TYPE &&
    envelope.signatures.some(({ sig }) =>
      verify("sha256", preAuthentication(payload), key, Buffer.from(sig, "base64")),
    );
  if (!isSigned) throw new Error("the provenance is not signed by this key");
  return JSON.parse(payload.toString("utf8")) as object;
}

/** What is signed: kind and payload, each behind its length (DSSE protocol, "PAE"). */
function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function fingerprint(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}
