import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** Every path that was asked for. */
  readonly requests: string[];
  /** Which directory is served; may change, as what is published does. */
  root: string;
  /** Other bytes for a file, as somebody in between would send them. */
  tamper: (path: string, content: Buffer) => Buffer;
}

/** A web server for one directory, on the loopback. */
export async function serveFiles(root: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    served.requests.push(path);
    readFile(join(served.root, path)).then(
      (content) => response.end(request.method === "HEAD" ? undefined : served.tamper(path, content)),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const served: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    root,
    tamper: (_, content) => content,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return served;
}
