import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3StandIn extends AsyncDisposable {
  readonly endpoint: string;
  /** What lies in the bucket, by key. */
  readonly objects: Map<string, { readonly content: Buffer; readonly headers: IncomingMessage["headers"] }>;
  /** Runs before each request is served; what it answers is a status to fail with. */
  intercept: (method: string, key: string) => number | undefined;
}

export const credentials = { accessKeyId: "stand-in", secretAccessKey: "secret/of+the stand-in", region: "nowhere-1" };

/**
 * One bucket of S3's protocol on the loopback: GET, HEAD, PUT with If-Match and If-None-Match, DELETE. Every request has to
 * be signed (Signature Version 4) and every body to have the digest that it claims.
 */
export async function serveS3(bucket: string): Promise<S3StandIn> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(standIn, bucket, request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const standIn: S3StandIn = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    intercept: () => undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

function answer(
  standIn: S3StandIn,
  bucket: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const { method = "", url = "", headers } = request;
  const refuse = (status: number, code: string): void =>
    void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  const key = decodeURIComponent(url).slice(`/${bucket}/`.length);
  const failure = standIn.intercept(method, key);
  if (failure !== undefined) return refuse(failure, "Intercepted");
  if (!url.startsWith(`/${bucket}/`)) return refuse(404, "NoSuchBucket");
  if (signatureOf(request) !== /Signature=([0-9a-f]+)/.exec(headers.authorization ?? "")?.[1])
    return refuse(403, "SignatureDoesNotMatch");
  const found = standIn.objects.get(key);
  if (method === "DELETE") return void (standIn.objects.delete(key), response.writeHead(204).end());
  if (method === "PUT") {
    if (sha256(body) !== headers["x-amz-content-sha256"]) return refuse(400, "XAmzContentSHA256Mismatch");
    if (headers["if-none-match"] === "*" && found !== undefined) return refuse(412, "PreconditionFailed");
    const wanted = headers["if-match"];
    if (wanted !== undefined && (found === undefined || etag(found.content) !== wanted))
      return refuse(412, "PreconditionFailed");
    standIn.objects.set(key, { content: body, headers });
    return void response.writeHead(200, { etag: etag(body) }).end();
  }
  if (found === undefined) return refuse(404, "NoSuchKey");
  response.writeHead(200, { etag: etag(found.content), "content-length": found.content.length });
  response.end(method === "HEAD" ? undefined : found.content);
}

function etag(content: Buffer): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** By Amazon's own description: "Authenticating Requests: Using the Authorization Header". */
function signatureOf({ method, url = "", headers }: IncomingMessage): string {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
  const path = url
    .split("/")
    .map((part) => encodeStrictly(decodeURIComponent(part)))
    .join("/");
  const canonicalHeaders = names
    .map((name) => `${name}:${String(headers[name]).trim().replaceAll(/\s+/g, " ")}\n`)
    .join("");
  const canonical = [method, path, "", canonicalHeaders, names.join(";"), headers["x-amz-content-sha256"]].join("\n");
  const time = String(headers["x-amz-date"]);
  const scope = [time.slice(0, 8), credentials.region, "s3", "aws4_request"];
  const key = scope.reduce<Buffer | string>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  return createHmac("sha256", key).update(text).digest("hex");
}

function encodeStrictly(part: string): string {
  return encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
