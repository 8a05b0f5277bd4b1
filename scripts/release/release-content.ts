import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf } from "../../packaging/deb/changelog.ts";
import { assetsOf } from "./assets.ts";
import type { Release } from "./context.ts";
import type { ReleaseContent } from "./github.ts";

/** What GitHub is to show. */
export function releaseContent(release: Release): ReleaseContent {
  const { version, commit, addresses } = release;
  const { folder, names } = assetsOf(release);
  return {
    tag: `v${version}`,
    commit,
    notes: notesOf(version, addresses.repositories),
    files: [...names, "SHA256SUMS", "SHA256SUMS.asc"].map((name) => join(folder, name)),
  };
}

function notesOf(version: string, repositories: string): string {
  const changes = changesOf(readFileSync("CHANGELOG.md", "utf8"), version);
  return [
    ...changes.map((change) => `- ${change}`),
    "",
    `Install: \`apt install plakar\`, \`dnf install plakar\`, \`apk add plakar\` from ${repositories}, or \`sh install.sh\`. Verify what you`,
    "download: `gpg --verify SHA256SUMS.asc && sha256sum --ignore-missing -c SHA256SUMS`.",
    "",
  ].join("\n");
}
