/** The steps of a release, in their order. Nothing is published before the last three, and everything is tried before those. */

import { collectAssets } from "./assets.ts";
import type { Release } from "./context.ts";
import { checkFitness } from "./fitness.ts";
import { writeInstallScript } from "./install-script.ts";
import { makePackages } from "./package-step.ts";
import { signChecksums, writeBillOfMaterials, writeProvenance } from "./papers.ts";
import { releaseContent } from "./release-content.ts";
import { publishRepositories, rehearse, stageRepositories } from "./repository-steps.ts";
import type { Step } from "./step.ts";
import { clientsHere, verifyByClients } from "./verify.ts";

export function stepsFor({ targets }: Release): Step<Release>[] {
  const common = ({ version, commit, sources, timeSeconds, fast }: Release): string[] => [
    version,
    commit,
    sources,
    String(timeSeconds),
    String(fast),
  ];
  const keys = ({ keys: { pgp, apk } }: Release): string[] => [pgp.getFingerprint(), apk.name];
  return [
    {
      name: "preflight",
      why: "nothing is begun that cannot be ended: version, tree, changelog, keys, leave to publish",
      always: true,
      run: checkFitness,
    },
    // bundle, put into Node, wrap and sign: of each target on its own, so that little is lost when a run ends early
    ...targets.map(
      (target): Step<Release> => ({
        name: `package ${target}`,
        why: "executables and packages, signed where their kind has signatures",
        inputs: (release) => [...common(release), ...keys(release)],
        run: (release) => makePackages(release, target),
      }),
    ),
    {
      name: "repositories",
      why: "apt, yum and apk repositories of this release alone, to be tried before anybody sees them",
      inputs: (release) => [...common(release), ...keys(release)],
      run: stageRepositories,
    },
    {
      name: "install script",
      why: "knows the digests of keys and archives, so that one command installs what was released and nothing else",
      inputs: ({ addresses }) => [addresses.repositories, addresses.downloads],
      run: writeInstallScript,
    },
    {
      name: "bill of materials",
      why: "what is in the executables (CycloneDX), from the bundle and its base",
      inputs: common,
      run: writeBillOfMaterials,
    },
    {
      name: "provenance",
      why: "from which sources and bases it was made (in-toto in DSSE), signed",
      inputs: (release) => [...common(release), ...keys(release)],
      run: writeProvenance,
    },
    {
      name: "assets",
      why: "every file under the name that it has on GitHub, which tells its architecture",
      inputs: common,
      run: collectAssets,
    },
    {
      name: "checksums",
      why: "of all of them, signed: what people verify who install by hand",
      inputs: keys,
      run: signChecksums,
    },
    {
      name: "verify",
      why: "apt, dnf, apk and a bare root install it from what would be published, and back up and restore with it",
      inputs: (release) => [...common(release), ...clientsHere()],
      run: verifyByClients,
    },
    {
      name: "rehearsal",
      why: "the repositories as they would be published, up to the last step: what speaks against it is said before anything is shown",
      always: true,
      run: rehearse,
    },
    {
      name: "draft",
      why: "the release on GitHub, complete to the last byte, and seen by nobody",
      always: true,
      run: async (release) => ({ note: await release.github.prepare(releaseContent(release)) }),
    },
    {
      name: "publish",
      why: "the draft is shown; from now on it is never changed",
      always: true,
      run: async (release) => {
        await release.github.publish(releaseContent(release));
        return {};
      },
    },
    {
      name: "repositories live",
      why: "packages first, signed roots last: from then on `apt install plakar` finds it",
      always: true,
      run: publishRepositories,
    },
  ];
}
