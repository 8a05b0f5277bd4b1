/** The proof of a release: what would be published, installed by the package managers that people have, and used. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { ScriptError } from "../support/script-error.ts";
import { apkClient } from "./clients/apk.ts";
import { aptClient } from "./clients/apt.ts";
import { archiveClient } from "./clients/archive.ts";
import type { Client } from "./clients/client.ts";
import { dnfClient } from "./clients/dnf.ts";
import { prove } from "./clients/proof.ts";
import type { Release } from "./context.ts";
import { serve } from "./serve.ts";
import type { Outcome } from "./step.ts";

const clients: readonly Client[] = [archiveClient, aptClient, dnfClient, apkClient];

/** Fails with the first client that cannot install, or whose installed program does not work; tells which were not there. */
export async function verifyByClients(release: Release): Promise<Outcome> {
  const { say, folder, packages, repositories, version } = release;
  const skipped: string[] = [];
  const server = await serve([
    [`/releases/download/v${version}/`, join(folder, "assets")],
    ["/", repositories],
  ]);
  mkdirSync(folder, { recursive: true });
  try {
    for (const client of clients) {
      const reason = client.missing();
      if (reason !== undefined) {
        skipped.push(`${client.name}: ${reason}`);
        continue;
      }
      const root = mkdtempSync(join(resolve(folder), `root-${client.name}-`));
      try {
        const addresses = { PLAKAR_REPOSITORIES: server.url, PLAKAR_DOWNLOADS: `${server.url}/releases` };
        const installed = await client.install({ root, script: resolve(packages, "install.sh"), addresses });
        await prove(installed, root, version);
        say(`      ${client.name}: installed, and its program backs up, checks and restores`);
      } finally {
        client.leave(root);
        rmSync(root, { recursive: true, force: true });
      }
    }
  } finally {
    server.close();
  }
  if (skipped.length === clients.length) throw new ScriptError("release: no client is here that could verify it");
  return { skipped };
}
