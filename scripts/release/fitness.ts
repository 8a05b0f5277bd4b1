import type { Release } from "./context.ts";
import { localFacts, problemsOf, requireFit } from "./preflight.ts";
import { rehearseWithoutPackages, releasedVersions } from "./repository-steps.ts";
import type { Outcome } from "./step.ts";

/** Refuses what cannot be released, before anything is made. */
export async function checkFitness(release: Release): Promise<Outcome> {
  const { version, isTrial, github } = release;
  const tags = await github.publishedTags();
  const published = [...tags.map((tag) => tag.replace(/^v/, "")), ...(await releasedVersions(release))];
  const problems = problemsOf({
    version,
    published,
    // a run that was stopped after its draft was shown still has to bring the repositories up to it
    mayBePublished: tags.includes(`v${version}`),
    ...localFacts(version),
  });
  const forgiven = requireFit(problems, isTrial);
  await rehearseWithoutPackages(release);
  return { skipped: forgiven.map((what) => `${what}: a release would be refused`) };
}
