/**
 * `real-release.ts VERSION`: a release that is no trial, of this machine's packages alone, since those of all systems take long.
 * Where it publishes is what the environment says.
 */
import { openRelease } from "../../../../scripts/release/context.ts";
import { runSteps } from "../../../../scripts/release/step.ts";
import { stepsFor } from "../../../../scripts/release/steps.ts";
import { reportErrors } from "../../../../scripts/support/script-error.ts";

await reportErrors(async () => {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const [version = ""] = process.argv.slice(2);
  const target = process.arch === "x64" ? "linux-amd64" : "linux-arm64";
  const release = await openRelease({ version, isTrial: false, targets: [target], fast: true }, say);
  try {
    await runSteps(stepsFor(release), release, { progressFile: `${release.folder}/progress.json`, say });
  } finally {
    await release.close();
  }
});
