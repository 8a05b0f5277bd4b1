/**
 * `verify-release.ts FOLDER VERSION`: a release as it lies in its folder, installed and used by every package manager of this
 * machine. A line for each; a program of its own, since it is run as root where the rest of a release is not.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { clients } from "./release/clients/all.ts";
import type { Client } from "./release/clients/client.ts";
import { prove } from "./release/clients/proof.ts";
import { serve } from "./release/serve.ts";
import { reportErrors } from "./support/script-error.ts";

async function verifyHere([folder = "", version = ""]: readonly string[]): Promise<void> {
  const server = await serve([
    [`/releases/download/v${version}/`, join(folder, "assets")],
    ["/", join(folder, "repositories")],
  ]);
  try {
    for (const client of clients) {
      const reason = client.missing();
      if (reason === undefined) await verifyBy(client, { folder, version, url: server.url });
      const verdict = reason ?? "installed, and its program backs up, checks and restores";
      process.stdout.write(`${client.name}: ${verdict}\n`);
    }
  } finally {
    server.close();
  }
}

interface Served {
  readonly folder: string;
  readonly version: string;
  readonly url: string;
}

async function verifyBy(client: Client, { folder, version, url }: Served): Promise<void> {
  const root = mkdtempSync(join(resolve(folder), `root-${client.name}-`));
  try {
    const addresses = { PLAKAR_REPOSITORIES: url, PLAKAR_DOWNLOADS: `${url}/releases` };
    const installed = await client.install({ root, script: resolve(folder, "packages/install.sh"), addresses });
    await prove(installed, version);
  } finally {
    client.leave(root);
    rmSync(root, { recursive: true, force: true });
  }
}

await reportErrors(() => verifyHere(process.argv.slice(2)));
