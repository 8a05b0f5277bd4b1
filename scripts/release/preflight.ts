/** What must hold before anything of a release is made: all that is wrong is said at once, with what to do. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { changesOf } from "../../packaging/deb/changelog.ts";
import { isBelow } from "../support/is-below.ts";
import { ScriptError } from "../support/script-error.ts";
import { compareVersions, isReleaseVersion, isVersion } from "../support/version.ts";
import { missingSettings, type Setting } from "./settings.ts";

export interface PreflightFacts extends LocalFacts {
  readonly version: string;
  /** Versions that are published, wherever. */
  readonly published: readonly string[];
  /** Whether this very version may be there: a release that was stopped goes on. */
  readonly mayBePublished: boolean;
}

/** What is known without asking anybody. */
export interface LocalFacts {
  /** Files that git knows to differ from the commit, or does not know. */
  readonly changedFiles: readonly string[];
  readonly changes: readonly string[];
  readonly missing: readonly Setting[];
  /** Where repositories are to be published, if what is there is thrown away in the course of the work. */
  readonly publishesIntoWork?: string;
}

export interface Problem {
  readonly what: string;
  readonly advice: string;
  /** A trial may go on all the same. */
  readonly forgivable: boolean;
}

/** Everything that stands in the way, in the order in which it is best dealt with. */
export function problemsOf(facts: PreflightFacts): Problem[] {
  const problems: Problem[] = [];
  const say = (what: string, advice: string, forgivable = true): void =>
    void problems.push({ what, advice, forgivable });
  const { version, published, changedFiles } = facts;
  if (!isReleaseVersion(version)) {
    say(`"${version}" is not a version such as 1.2.3 or 1.2.3-rc.1`, "give another: --version 1.2.3", false);
    return problems;
  }
  const newest = published.filter(isVersion).toSorted(compareVersions).at(-1);
  const isThere = newest !== undefined && compareVersions(version, newest) === 0;
  if (newest !== undefined && compareVersions(version, newest) <= 0 && !(isThere && facts.mayBePublished))
    say(`${version} is not newer than ${newest}, which is published`, "release a newer version", false);
  if (changedFiles.length > 0)
    say(`the tree is not as it was committed: ${shorten(changedFiles)}`, "commit, or put it back");
  if (facts.changes.length === 0)
    say(`CHANGELOG.md says nothing of ${version}`, `write what is new under "## ${version}"`);
  if (facts.publishesIntoWork)
    say(
      `${facts.publishesIntoWork} is a folder of releases at work`,
      "publish to another place: PLAKAR_RELEASE_PUBLISH_TO",
    );
  for (const { name, what } of facts.missing) say(`${name} is not set`, `set it to ${what}`);
  return problems;
}

/** Throws when something stands in the way; for a trial, answers what it goes on without. */
export function requireFit(problems: readonly Problem[], isTrial: boolean): string[] {
  const grave = problems.filter(({ forgivable }) => !forgivable || !isTrial);
  if (grave.length > 0)
    throw new ScriptError(
      `release: nothing was done, since\n${grave.map(({ what, advice }) => `  - ${what}: ${advice}`).join("\n")}`,
    );
  return problems.map(({ what }) => what);
}

/** Looks at the tree, the changelog and the environment. */
export function localFacts(version: string): LocalFacts {
  return {
    changedFiles: filesNotCommitted(),
    changes: changesOf(readFileSync("CHANGELOG.md", "utf8"), version),
    missing: missingSettings(process.env),
    ...intoWork(process.env["PLAKAR_RELEASE_PUBLISH_TO"] ?? ""),
  };
}

function intoWork(place: string): Pick<LocalFacts, "publishesIntoWork"> {
  return place !== "" && isBelow("dist/release", place) ? { publishesIntoWork: place } : {};
}

/** What git says of the tree; "everything", where there is no history to compare with. */
function filesNotCommitted(): string[] {
  try {
    const text = execFileSync("git", ["status", "--porcelain"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(3));
  } catch {
    return ["everything (there is no history)"];
  }
}

function shorten(files: readonly string[]): string {
  const shown = files.slice(0, 3).join(", ");
  return files.length > 3 ? `${shown} and ${files.length - 3} more` : shown;
}
