import { AwsClient } from "aws4fetch";
import type { NewFile } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { messageOf, RepositoryError } from "../repository-error.ts";
import { cacheControl, contentType } from "./cache-control.ts";
import type { Changes, Place } from "./place.ts";

export interface S3Options {
  /** Without the bucket, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Below which everything lies; empty is the bucket's root. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** A write of some dozen megabytes over a slow line. */
const timeoutMs = 15 * 60_000;

/**
 * S3 or what speaks its protocol. Writes are conditional (RFC 9110 section 13): what is immutable appears once, and a root
 * is replaced only while it is what was read. Thus of two who publish at once one is refused, and nothing is lost.
 */
export function s3Place(options: S3Options): Place {
  const bucket = connect(options);
  /** The tags of what was read, undefined for what was not there, by path. */
  const seen = new Map<string, string | undefined>();
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const response = await bucket("GET", path);
    seen.set(path, response.status === 404 ? undefined : (response.headers.get("etag") ?? undefined));
    return response.status === 404 ? undefined : bytesOf(response);
  };
  const write = async (file: NewFile, condition: Record<string, string>): Promise<string | undefined> => {
    const response = await bucket("PUT", file.path, {
      headers: { ...headersOf(file), ...condition },
      body: file.content,
    });
    if (response.ok) return response.headers.get("etag") ?? undefined;
    // perhaps our own write, whose answer was lost
    const there = await bucket("GET", file.path);
    if (!there.ok || Buffer.compare(await bytesOf(there), file.content) !== 0) throw changedMeanwhile(file.path);
    return there.headers.get("etag") ?? undefined;
  };
  return {
    name: `s3://${options.bucket}/${options.prefix}`,
    read,
    sizeOf: async (path) => {
      const response = await bucket("HEAD", path);
      return response.status === 404 ? undefined : Number(response.headers.get("content-length"));
    },
    rehearse: () => probe(bucket),
    apply: async ({ immutable, roots, deletions }: Changes) => {
      // something that was found there, and is written all the same, is damaged
      for (const file of immutable) await write(file, seen.has(file.path) ? conditionFor(seen, file.path) : onlyNew);
      for (const file of roots) seen.set(file.path, await write(file, conditionFor(seen, file.path)));
      for (const path of deletions) await bucket("DELETE", path);
    },
  };
}

/** A write whose condition cannot hold: it tells whether we may write, and whether conditions count, and changes nothing. */
async function probe(bucket: Bucket): Promise<void> {
  const file: NewFile = { path: ".may-we-write", content: new Uint8Array() };
  const headers = { ...headersOf(file), "if-match": '"00000000000000000000000000000000"' };
  const response = await bucket("PUT", file.path, { headers, body: file.content });
  if (!response.ok) return;
  await bucket("DELETE", file.path);
  throw new RepositoryError(
    "unavailable",
    `${file.path} was written although its condition forbade it`,
    conditionsAdvice,
  );
}

const conditionsAdvice = "this storage knows no conditional writes: publish to a directory and copy it there instead";

const onlyNew = { "if-none-match": "*" };

async function bytesOf(response: Response): Promise<Uint8Array> {
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw unreachable(new URL(response.url).origin, cause);
  });
  return new Uint8Array(bytes);
}

function conditionFor(seen: ReadonlyMap<string, string | undefined>, path: string): Record<string, string> {
  if (!seen.has(path)) return {};
  const tag = seen.get(path);
  return tag === undefined ? onlyNew : { "if-match": tag };
}

function headersOf({ path, content }: NewFile): Record<string, string> {
  return {
    "cache-control": cacheControl(path),
    "content-type": contentType(path),
    "x-amz-content-sha256": digestOf(content, "sha256"), // the other side compares it with what arrives
  };
}

type Request = { readonly headers?: Record<string, string>; readonly body?: Uint8Array };
type Bucket = (method: string, path: string, request?: Request) => Promise<Response>;

/** Answers what is found, what is not (404), and what a condition prevents (409, 412); throws for anything else. */
function connect({ endpoint, bucket, prefix, ...credentials }: S3Options): Bucket {
  const { sessionToken, ...required } = credentials;
  const client = new AwsClient({
    ...required,
    ...(sessionToken !== undefined && { sessionToken }),
    service: "s3",
    retries: 5,
  });
  return async (method, path, { headers = {}, body } = {}) => {
    const key = [bucket, ...prefix.split("/"), ...path.split("/")].filter((part) => part !== "");
    const url = `${endpoint.replace(/\/$/, "")}/${key.map(encodeURIComponent).join("/")}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method, headers, signal, ...(body !== undefined && { body: Buffer.from(body) }) };
    const response = await client.fetch(url, init).catch((cause: unknown) => {
      throw unreachable(endpoint, cause);
    });
    if (response.ok || [404, 409, 412].includes(response.status)) return response;
    throw await refusal(method, path, response);
  };
}

function unreachable(endpoint: string, cause: unknown): RepositoryError {
  const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return new RepositoryError(
    "unavailable",
    `${endpoint} does not answer: ${messageOf(reason)}`,
    "look at the network and the endpoint, then publish again: what is written already is not written twice",
    cause,
  );
}

async function refusal(method: string, path: string, response: Response): Promise<RepositoryError> {
  const code = /<Code>([^<]*)<\/Code>/.exec(await response.text())?.[1] ?? response.statusText;
  const advice: Record<number, string> = {
    401: "look at the credentials",
    403: "look at the credentials, and at what they may do in the bucket",
    501: conditionsAdvice,
  };
  return new RepositoryError(
    "unavailable",
    `${method} ${path} was refused: ${response.status} ${code}`,
    advice[response.status] ?? "try again later: what is written already is not written twice",
  );
}

function changedMeanwhile(path: string): RepositoryError {
  return new RepositoryError(
    "busy",
    `${path} has changed since it was read`,
    "somebody else publishes there; wait for them, then publish again",
  );
}
