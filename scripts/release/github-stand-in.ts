/*
 * A GitHub on this machine, for releases that are tried: what this program uses of its interface for releases (REST API,
 * version 2022-11-28), kept in a folder, so that it is there again after an end of the process. It fails when it is told to.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface Fault {
  /** Of which requests: method and path. */
  readonly on: RegExp;
  /** `cut`: the connection breaks in the middle of the request; `lost`: the work is done, the answer does not arrive. */
  readonly kind: "502" | "rate-limit" | "cut" | "lost";
  times: number;
}

interface StoredAsset {
  id: number;
  name: string;
  state: "starter" | "uploaded";
  size: number;
  digest: string | null;
}

interface StoredRelease {
  id: number;
  tag_name: string;
  draft: boolean;
  assets: StoredAsset[];
  [field: string]: unknown;
}

interface StoredState {
  nextId: number;
  releases: StoredRelease[];
}

export class GithubStandIn {
  readonly #folder: string;
  readonly #faults: Fault[];
  readonly #server: Server;
  /** Every request that came, as `METHOD path`. */
  readonly requests: string[] = [];
  readonly #state: StoredState;

  constructor(folder: string, faults: readonly Fault[] = []) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#faults = faults.map((fault) => ({ ...fault }));
    const file = join(folder, "releases.json");
    this.#state = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as StoredState)
      : { nextId: 1, releases: [] };
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts to listen, on this machine alone; answers the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.address;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** How often it is still to fail. */
  get faultsLeft(): number {
    return this.#faults.reduce((sum, { times }) => sum + times, 0);
  }

  get releases(): readonly StoredRelease[] {
    return this.#state.releases;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.address);
    const what = `${request.method} ${url.pathname}`;
    this.requests.push(what);
    const fault = this.#faults.find(({ on, times }) => times > 0 && on.test(what));
    if (fault) fault.times--;
    if (fault?.kind === "cut") return this.#cut(request, url);
    const body = await bodyOf(request);
    if (fault?.kind === "rate-limit")
      return send(response, 403, { message: "secondary rate limit" }, { "retry-after": "1" });
    if (fault?.kind === "502") {
      this.#leaveStarter(url);
      return send(response, 502, { message: "bad gateway" });
    }
    const { status, answer, headers } = this.#do(request.method ?? "GET", url, body);
    this.#save();
    if (fault?.kind === "lost") return void response.destroy();
    send(response, status, answer, headers);
  }

  /** An upload that breaks off leaves an asset without content, which takes the name. */
  #cut(request: IncomingMessage, url: URL): void {
    request.once("data", () => {
      this.#leaveStarter(url);
      request.destroy();
    });
  }

  #leaveStarter(url: URL): void {
    const release = this.#byId(/releases\/(\d+)\/assets$/.exec(url.pathname)?.[1]);
    const name = url.searchParams.get("name");
    if (!release || name === null || release.assets.some((asset) => asset.name === name)) return;
    release.assets.push({ id: this.#state.nextId++, name, state: "starter", size: 0, digest: null });
    this.#save();
  }

  #do(method: string, url: URL, body: Buffer): { status: number; answer?: unknown; headers?: Record<string, string> } {
    const id = /releases\/(?:assets\/)?(\d+)/.exec(url.pathname)?.[1];
    if (url.pathname.includes("/releases/assets/")) return this.#removeAsset(Number(id));
    if (method === "POST" && url.pathname.endsWith("/assets")) return this.#upload(url, body, id);
    if (method === "GET" && id === undefined) return this.#page(url);
    if (method === "POST") return this.#create(body);
    const release = this.#byId(id);
    if (!release) return { status: 404, answer: { message: "Not Found" } };
    if (method === "PATCH") Object.assign(release, JSON.parse(body.toString()));
    if (method !== "DELETE") return { status: 200, answer: release };
    this.#state.releases = this.#state.releases.filter((each) => each !== release);
    return { status: 204 };
  }

  #page(url: URL): { status: number; answer: unknown; headers: Record<string, string> } {
    const size = Number(url.searchParams.get("per_page") ?? 30);
    const page = Number(url.searchParams.get("page") ?? 1);
    const newest = this.#state.releases.toReversed();
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    const hasMore = newest.length > page * size;
    return {
      status: 200,
      answer: newest.slice((page - 1) * size, page * size).map((each) => this.#shown(each)),
      headers: hasMore ? { link: `<${next.href}>; rel="next"` } : {},
    };
  }

  #create(body: Buffer): { status: number; answer: unknown } {
    const id = this.#state.nextId++;
    const release = { draft: false, ...(JSON.parse(body.toString()) as { tag_name: string }), id, assets: [] };
    this.#state.releases.push(release);
    return { status: 201, answer: this.#shown(release) };
  }

  #upload(url: URL, body: Buffer, id: string | undefined): { status: number; answer: unknown } {
    const release = this.#byId(id);
    const name = url.searchParams.get("name") ?? "";
    if (!release) return { status: 404, answer: { message: "Not Found" } };
    if (release.assets.some((asset) => asset.name === name))
      return {
        status: 422,
        answer: { message: "Validation Failed", errors: [{ code: "already_exists", field: "name" }] },
      };
    const digest = createHash("sha256").update(body).digest("hex");
    const assetId = this.#state.nextId++;
    const asset: StoredAsset = { id: assetId, name, state: "uploaded", size: body.length, digest: `sha256:${digest}` };
    writeFileSync(join(this.#folder, `asset-${assetId}`), body);
    release.assets.push(asset);
    return { status: 201, answer: asset };
  }

  #removeAsset(id: number): { status: number } {
    for (const release of this.#state.releases) release.assets = release.assets.filter((asset) => asset.id !== id);
    rmSync(join(this.#folder, `asset-${id}`), { force: true });
    return { status: 204 };
  }

  #byId(id: string | undefined): StoredRelease | undefined {
    const found = this.#state.releases.find((release) => String(release.id) === id);
    return found && this.#shown(found);
  }

  /** Its address changes from start to start. */
  #shown(release: StoredRelease): StoredRelease {
    release["upload_url"] = `${this.address}/uploads/releases/${release.id}/assets{?name,label}`;
    return release;
  }

  #save(): void {
    const file = join(this.#folder, "releases.json");
    writeFileSync(`${file}.unfinished`, JSON.stringify(this.#state));
    renameSync(`${file}.unfinished`, file);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function send(response: ServerResponse, status: number, answer: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(answer === undefined ? "" : JSON.stringify(answer));
}
