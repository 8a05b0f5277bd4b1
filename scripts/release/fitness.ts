import { readFileSync } from "node:fs";
import { changesOf } from "../../packaging/deb/changelog.ts";
import type { Release } from "./context.ts";
import { filesNotCommitted, problemsOf, requireFit } from "./preflight.ts";
import { releasedVersions } from "./repository-steps.ts";
import type { Outcome } from "./step.ts";

/** Refuses what cannot be released, before anything is made. */
export async function checkFitness(release: Release): Promise<Outcome> {
  const { version, isTrial, github, keys, hasToken } = release;
  const tags = isTrial || hasToken ? await github.publishedTags() : [];
  const published = [...tags.map((tag) => tag.replace(/^v/, "")), ...(await releasedVersions(release))];
  const problems = problemsOf({
    version,
    published,
    // a run that was stopped after its draft was shown still has to bring the repositories up to it
    mayBePublished: tags.includes(`v${version}`),
    changedFiles: filesNotCommitted(),
    changes: changesOf(readFileSync("CHANGELOG.md", "utf8"), version),
    hasToken,
    throwAwayKeys: keys.throwAway,
  });
  const forgiven = requireFit(problems, isTrial);
  return { skipped: forgiven.map((what) => `${what}: a release would be refused`) };
}
