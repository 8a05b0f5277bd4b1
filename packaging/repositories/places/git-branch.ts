import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NewFile } from "../contract.ts";
import { RepositoryError } from "../repository-error.ts";
import { type Git, openGit } from "./git.ts";
import type { Changes, Place } from "./place.ts";

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
  await git(["init", "--bare", "--quiet"]); // completes one that was killed
  const tip = await fetchTip(git, options);
  const files = tip === undefined ? new Map<string, BranchFile>() : await listFiles(git, tip);
  return {
    name: `${repository}#${branch}`,
    read: async (path) => {
      const file = files.get(path);
      return file === undefined ? undefined : git(["cat-file", "blob", file.object]);
    },
    sizeOf: async (path) => files.get(path)?.sizeBytes,
    rehearse: async (changes) => pushTree(git, options, tip, await changeFiles(git, files, changes), ["--dry-run"]),
    apply: async (changes) => pushTree(git, options, tip, await changeFiles(git, files, changes)),
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

/** The files of the branch afterwards, their contents in our copy. Refuses what is too large before it stores anything. */
async function changeFiles(
  git: Git,
  before: ReadonlyMap<string, BranchFile>,
  { immutable, roots, deletions }: Changes,
): Promise<ReadonlyMap<string, BranchFile>> {
  const written = [...immutable, ...roots, noJekyll];
  const sizes = new Map([...before].map(([path, { sizeBytes }]) => [path, sizeBytes]));
  for (const { path, content } of written) sizes.set(path, content.length);
  for (const path of deletions) sizes.delete(path);
  requireRoom(sizes, new Set(before.keys()));
  const files = new Map(before);
  for (const file of written)
    files.set(file.path, { object: await storeFile(git, file), sizeBytes: file.content.length });
  for (const path of deletions) files.delete(path);
  return files;
}

async function storeFile(git: Git, { content }: NewFile): Promise<string> {
  return (await git(["hash-object", "-w", "--stdin"], { input: content })).toString().trim();
}

function requireRoom(sizes: ReadonlyMap<string, number>, before: ReadonlySet<string>): void {
  const advice = "keep fewer versions (--keep), or publish to object storage (docs/repositories.md, GitHub Pages)";
  const sum = (entries: readonly [string, number][]): number => entries.reduce((total, [, size]) => total + size, 0);
  const [total, added] = [sum([...sizes]), sum([...sizes].filter(([path]) => !before.has(path)))];
  if (total > largestSiteBytes) {
    const parts = `${megabytes(added)} that are new and ${megabytes(total - added)} that are there`;
    throw new RepositoryError(
      "full",
      `${parts} are more than the ${megabytes(largestSiteBytes)} that GitHub Pages serves`,
      advice,
    );
  }
  const [path, size] = [...sizes].find(([, sizeBytes]) => sizeBytes > largestFileBytes) ?? [];
  if (path !== undefined && size !== undefined)
    throw new RepositoryError(
      "full",
      `${path} has ${megabytes(size)}, GitHub takes ${megabytes(largestFileBytes)}`,
      advice,
    );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

async function pushTree(
  git: Git,
  { repository, branch, author, timeSeconds }: GitBranchOptions,
  tip: string | undefined,
  files: ReadonlyMap<string, BranchFile>,
  pushOptions: readonly string[] = [],
): Promise<void> {
  const tree = await writeTree(git, files);
  const identity = { name: author.name, email: author.email, date: `${timeSeconds} +0000` };
  const commit = (await git(["commit-tree", "-m", "Publish repositories", tree], { identity })).toString().trim();
  const lease = `--force-with-lease=refs/heads/${branch}:${tip ?? ""}`;
  await git(["push", "--quiet", ...pushOptions, lease, "--", repository, `${commit}:refs/heads/${branch}`]);
}

/** By an index of this run alone: the shared one stays locked when a run is killed, and other places use it, too. */
async function writeTree(git: Git, files: ReadonlyMap<string, BranchFile>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plakar-branch-"));
  try {
    const indexFile = join(folder, "index");
    const lines = [...files].map(([path, { object }]) => `100644 ${object}\t${path}\0`).join("");
    await git(["update-index", "-z", "--index-info"], { input: Buffer.from(lines), indexFile });
    return (await git(["write-tree"], { indexFile })).toString().trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
