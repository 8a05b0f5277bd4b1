import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { NewFile } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import { type Git, openGit } from "./git.ts";
import type { Place } from "./place.ts";

export interface GitBranchOptions {
  /** What `git push` takes. */
  readonly repository: string;
  readonly branch: string;
  /** Where a bare copy of the branch is kept from one time to the next. */
  readonly workFolder: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly timeSeconds: number;
}

/** What GitHub Pages has room for (docs.github.com, "GitHub Pages limits"; "About large files"). */
const largestSiteBytes = 1e9;
const largestFileBytes = 100 * 1024 * 1024;

/**
 * A branch, as GitHub Pages serves it. Each publication is one commit without a parent, so that the repository does not grow
 * with packages that are gone; it replaces the branch at once, and only if that is what was read. Files that are not ours,
 * such as `CNAME`, stay.
 */
export async function gitBranchPlace(options: GitBranchOptions): Promise<Place> {
  const { repository, branch, workFolder } = options;
  await mkdir(workFolder, { recursive: true });
  const git = openGit(workFolder);
  if (!existsSync(`${workFolder}/HEAD`)) await git(["init", "--bare", "--quiet"]);
  const tip = await fetchTip(git, options);
  const files = tip === undefined ? new Map<string, BranchFile>() : await listFiles(git, tip);
  return {
    name: `${repository}#${branch}`,
    read: async (path) => {
      const file = files.get(path);
      return file === undefined ? undefined : git(["cat-file", "blob", file.object]);
    },
    sizeOf: async (path) => files.get(path)?.sizeBytes,
    apply: async (changes) => {
      for (const file of [...changes.immutable, ...changes.roots, noJekyll])
        files.set(file.path, { object: await storeFile(git, file), sizeBytes: file.content.length });
      for (const path of changes.deletions) files.delete(path);
      requireRoom(files);
      await pushTree(git, options, tip, files);
    },
  };
}

/** GitHub would otherwise run the files through Jekyll, which leaves some out. */
const noJekyll: NewFile = { path: ".nojekyll", content: new Uint8Array() };

interface BranchFile {
  readonly object: string;
  readonly sizeBytes: number;
}

async function fetchTip(git: Git, { repository, branch }: GitBranchOptions): Promise<string | undefined> {
  const listed = (await git(["ls-remote", "--", repository, `refs/heads/${branch}`])).toString().trim();
  if (listed === "") return undefined;
  const [tip = ""] = listed.split(/\s/);
  await git(["fetch", "--quiet", "--depth=1", "--", repository, tip]);
  return tip;
}

async function listFiles(git: Git, tip: string): Promise<Map<string, BranchFile>> {
  const lines = (await git(["ls-tree", "-r", "-z", "--long", tip])).toString().split("\0").slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [, object = "", size, path = ""] = /^\d+ blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
      return [path, { object, sizeBytes: Number(size) }];
    }),
  );
}

async function storeFile(git: Git, { content }: NewFile): Promise<string> {
  return (await git(["hash-object", "-w", "--stdin"], { input: content })).toString().trim();
}

function requireRoom(files: ReadonlyMap<string, BranchFile>): void {
  const sum = [...files.values()].reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const advice = "keep fewer versions, or publish to object storage";
  if (sum > largestSiteBytes)
    throw new RepositoryError("full", `${Math.ceil(sum / 1e6)} MB are more than GitHub Pages serves`, advice);
  const large = [...files].find(([, { sizeBytes }]) => sizeBytes > largestFileBytes)?.[0];
  if (large !== undefined) throw new RepositoryError("full", `${large} is larger than GitHub takes`, advice);
}

async function pushTree(
  git: Git,
  { repository, branch, author, timeSeconds }: GitBranchOptions,
  tip: string | undefined,
  files: ReadonlyMap<string, BranchFile>,
): Promise<void> {
  const lines = [...files].map(([path, { object }]) => `100644 ${object}\t${path}\0`).join("");
  await git(["read-tree", "--empty"]);
  await git(["update-index", "-z", "--index-info"], { input: Buffer.from(lines) });
  const tree = (await git(["write-tree"])).toString().trim();
  const identity = { name: author.name, email: author.email, date: `${timeSeconds} +0000` };
  const commit = (await git(["commit-tree", "-m", "Publish repositories", tree], { identity })).toString().trim();
  const lease = `--force-with-lease=refs/heads/${branch}:${tip ?? ""}`;
  await git(["push", "--quiet", lease, "--", repository, `${commit}:refs/heads/${branch}`]);
}
