/** What all steps of a release know: what it is called, where things lie, and whom it is published to. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findSigningKeys, type SigningKeys } from "../../packaging/signing-keys.ts";
import { releaseTime } from "../support/release-time.ts";
import { sourcesDigest } from "../support/sources-digest.ts";
import type { Target } from "../support/targets.ts";
import { GithubReleases } from "./github.ts";
import { type Fault, GithubStandIn } from "./github-stand-in.ts";
import { lockRelease } from "./lock.ts";
import { localFacts, problemsOf, requireFit } from "./preflight.ts";

export interface Intent {
  readonly version: string;
  /** Nothing leaves this machine. */
  readonly isTrial: boolean;
  readonly targets: readonly Target[];
  readonly fast: boolean;
}

export interface Release extends Intent {
  /** Of the sources; empty where they have no history. */
  readonly commit: string;
  readonly timeSeconds: number;
  /** Stands for what is built, whether it is committed or not. */
  readonly sources: string;
  /** Notes, progress, and in a trial what would be elsewhere. */
  readonly folder: string;
  readonly packages: string;
  readonly repositories: string;
  /** Where people find the repositories, and the files of releases. */
  readonly addresses: { readonly repositories: string; readonly downloads: string };
  /** Where the repositories are published: what `npm run repositories -- --to` takes. */
  readonly publishTo: string;
  /** How many versions stay there, as a number; empty for all that retention lets stay. */
  readonly keepVersions: string;
  readonly keys: SigningKeys;
  readonly github: GithubReleases;
  readonly say: (line: string) => void;
  readonly close: () => Promise<void>;
}

/** What goes wrong at GitHub's, and must not matter. */
const faults: readonly Fault[] = [
  { on: /^POST .*\/assets$/, kind: "502", times: 1 },
  { on: /^GET .*\/releases$/, kind: "rate-limit", times: 1 },
  { on: /^POST .*\/assets$/, kind: "cut", times: 2 },
  { on: /^POST .*\/assets$/, kind: "lost", times: 1 },
  { on: /^PATCH /, kind: "502", times: 1 },
];

/**
 * Finds keys, history and places. A release is refused here, before a key is made or anybody is asked, for everything that is
 * known by then to stand in its way; a trial makes do.
 */
export async function openRelease(intent: Intent, say: (line: string) => void): Promise<Release> {
  if (!intent.isTrial) {
    const { version } = intent;
    requireFit(problemsOf({ version, published: [], mayBePublished: false, ...localFacts(version) }), false);
  }
  const folder = join("dist", "release", `${intent.version}${intent.isTrial ? "-trial" : ""}`);
  const timeSeconds = releaseTime();
  const unlock = lockRelease(folder);
  try {
    return await openLocked(intent, { folder, timeSeconds, unlock, say });
  } catch (error) {
    unlock();
    throw error;
  }
}

interface Opening {
  readonly folder: string;
  readonly timeSeconds: number;
  readonly unlock: () => void;
  readonly say: (line: string) => void;
}

async function openLocked(intent: Intent, { folder, timeSeconds, unlock, say }: Opening): Promise<Release> {
  const keys = await findSigningKeys("dist/keys", timeSeconds, (message) => say(message));
  const common = {
    ...intent,
    commit: commitOf(),
    timeSeconds,
    folder,
    sources: sourcesDigest(),
    packages: join(folder, "packages"),
    repositories: join(folder, "repositories"),
    keys,
    keepVersions: environment("PLAKAR_RELEASE_KEEP"),
    say,
  };
  if (!intent.isTrial) return { ...common, ...published(say), close: async () => unlock() };
  forgetOtherTrial(folder, `${common.sources} ${timeSeconds}\n`);
  const standIn = new GithubStandIn(join(folder, "github"), faults);
  const baseUrl = await standIn.start();
  return {
    ...common,
    addresses: { repositories: "https://packages.example", downloads: "https://downloads.example/releases" },
    publishTo: join(folder, "published"),
    github: new GithubReleases({ repository: "trial/plakar", token: "trial", baseUrl, say }),
    close: async () => {
      await standIn.stop();
      unlock();
    },
  };
}

/** What a trial has published is of no interest to that of other sources: there it would be another release of the same name. */
function forgetOtherTrial(folder: string, sources: string): void {
  const mark = join(folder, "sources");
  if (existsSync(mark) && readFileSync(mark, "utf8") === sources) return;
  for (const name of ["github", "published"]) rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, sources);
}

/** The world outside, as the environment of a release names it. */
function published(say: Release["say"]): Pick<Release, "addresses" | "publishTo" | "github"> {
  const repository = environment("GITHUB_REPOSITORY");
  const token = environment("GITHUB_TOKEN");
  const server = environment("GITHUB_SERVER_URL") || "https://github.com";
  return {
    addresses: {
      repositories: environment("PLAKAR_RELEASE_REPOSITORIES"),
      downloads: `${server}/${repository}/releases`,
    },
    publishTo: environment("PLAKAR_RELEASE_PUBLISH_TO"),
    github: new GithubReleases({ repository, token, say, ...apiOf() }),
  };
}

function apiOf(): { baseUrl?: string } {
  const baseUrl = environment("GITHUB_API_URL");
  return baseUrl === "" ? {} : { baseUrl };
}

function environment(name: string): string {
  return process.env[name] ?? "";
}

function commitOf(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}
