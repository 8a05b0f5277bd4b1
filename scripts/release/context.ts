/** What all steps of a release know: what it is called, where things lie, and whom it is published to. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { findSigningKeys, type SigningKeys } from "../../packaging/signing-keys.ts";
import { releaseTime } from "../support/release-time.ts";
import type { Target } from "../support/targets.ts";
import { GithubReleases } from "./github.ts";
import { type Fault, GithubStandIn } from "./github-stand-in.ts";
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
  /** Notes, progress, and in a trial what would be elsewhere. */
  readonly folder: string;
  readonly packages: string;
  readonly repositories: string;
  /** Where people find the repositories, and the files of releases. */
  readonly addresses: { readonly repositories: string; readonly downloads: string };
  /** Where the repositories are published: what `npm run repositories -- --to` takes. */
  readonly publishTo: string;
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
  const keys = await findSigningKeys("dist/keys", timeSeconds, (message) => say(message));
  const common = {
    ...intent,
    commit: commitOf(),
    timeSeconds,
    folder,
    packages: "dist/packages",
    repositories: "dist/repositories",
    keys,
    say,
  };
  if (!intent.isTrial) return { ...common, ...published(say) };
  const standIn = new GithubStandIn(join(folder, "github"), faults);
  const baseUrl = await standIn.start();
  return {
    ...common,
    addresses: { repositories: "https://packages.example", downloads: "https://downloads.example/releases" },
    publishTo: join(folder, "published"),
    github: new GithubReleases({ repository: "trial/plakar", token: "trial", baseUrl, say }),
    close: () => standIn.stop(),
  };
}

/** The world outside, as the environment of a release names it. */
function published(say: Release["say"]): Pick<Release, "addresses" | "publishTo" | "github" | "close"> {
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
    close: async () => undefined,
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
