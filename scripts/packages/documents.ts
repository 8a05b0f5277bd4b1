/** What goes beside the executable, whatever the package: manual pages, completions, changelogs, licences. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { changesOf, debianChangelog } from "../../packaging/deb/changelog.ts";
import { maintainer, type PlakarFiles } from "../../packaging/plakar.ts";

/** Files, and what is new in the version. */
export type Documents = { readonly changes: readonly string[] } & Pick<
  PlakarFiles,
  "debianChangelog" | "changelog" | "nodeLicense" | "manPages" | "completions"
>;

export interface DocumentSources {
  /** The bundle, which explains itself on any system. */
  readonly main: string;
  /** Node's, as plain text. */
  readonly nodeLicense: string;
  readonly version: string;
  readonly timeSeconds: number;
}

/** Writes them into `folder`. */
export function makeDocuments(folder: string, { main, nodeLicense, version, timeSeconds }: DocumentSources): Documents {
  const keep = (name: string, content: string | Uint8Array): string => write(join(folder, name), content);
  const changelog = existsSync("CHANGELOG.md") ? readFileSync("CHANGELOG.md", "utf8") : "";
  const changes = changesOf(changelog, version);
  const pages = manualPages(main);
  return {
    changes,
    debianChangelog: keep("changelog.Debian.gz", gzip(debianChangelog({ version, maintainer, timeSeconds, changes }))),
    changelog: keep("changelog.gz", gzip(changelog)),
    nodeLicense: keep("LICENSE.node.gz", gzip(readFileSync(nodeLicense))),
    manPages: new Map(pages.map(([name, page]) => [`${name}.gz`, keep(`man/${name}.gz`, gzip(page))])),
    completions: {
      bash: keep("completions/plakar.bash", ask(main, "-completion", "bash")),
      zsh: keep("completions/_plakar", ask(main, "-completion", "zsh")),
      fish: keep("completions/plakar.fish", ask(main, "-completion", "fish")),
    },
  };
}

/** Manual pages by file name, from the definitions of the commands. */
function manualPages(main: string): [string, string][] {
  const lines = ask(main, "-json").trimEnd().split("\n");
  const commands = lines.map((line) => (JSON.parse(line) as { name: string }).name);
  return [
    ["plakar.1", ask(main, "-man")],
    ...commands.toSorted().map((name): [string, string] => [`plakar-${name}.1`, ask(main, "-man", name)]),
  ];
}

function ask(main: string, ...words: string[]): string {
  const options = ["--disable-warning=ExperimentalWarning", main, "help", ...words];
  return execFileSync(process.execPath, options, { encoding: "utf8" });
}

/** Node writes no time into the header. */
function gzip(content: string | Uint8Array): Uint8Array {
  return gzipSync(content, { level: 9 });
}

function write(file: string, content: string | Uint8Array): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}
