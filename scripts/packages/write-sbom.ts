import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fetchRuntime } from "../../packaging/runtime/index.ts";
import { lockedPackages } from "../support/locked-packages.ts";
import { architectureOf, type Target, targets } from "../support/targets.ts";
import { writeWhole } from "../support/write-whole.ts";
import { carriesLibraries, type Request } from "./request.ts";
import { type BundleContents, sbomOf } from "./sbom.ts";

export interface SbomRequest {
  readonly version: string;
  readonly timeSeconds: number;
  /** Those that packages were made for: what was bundled for the first of them stands for all. */
  readonly targets: readonly Target[];
  /** The kinds of packages; all of them where it is undefined. */
  readonly only: Request["only"];
}

/** Writes `plakar_VERSION.cdx.json` into a folder and answers its path. */
export function writeSbom(folder: string, { version, timeSeconds, targets: made, only }: SbomRequest): string {
  const [target = "linux-amd64"] = made;
  const metafile = join("build/packages", version, target, "metafile.json");
  const sbom = sbomOf({
    ...{ version, timeSeconds, locked: lockedPackages() },
    bundle: JSON.parse(readFileSync(metafile, "utf8")) as BundleContents,
    bases: made.map((each) => targets[each].npmPackage),
    baseParts: process.versions, // the same version on every system
    compiledFrom: ["assemblyscript"],
    libraries: librariesOf(made.filter((each) => carriesLibraries(each, { only }))),
  });
  const file = join(folder, `plakar_${version}.cdx.json`);
  writeWhole(file, `${JSON.stringify(sbom, null, 2)}\n`);
  return file;
}

/** Debian's libraries in what is made for these, as the offer of their sources lists them: the same ones in each. */
function librariesOf([carrier]: readonly Target[]): { name: string; version: string }[] {
  if (carrier === undefined) return [];
  const offer = readFileSync(join(fetchRuntime(architectureOf(carrier), ".cache").folder, "SOURCES"), "utf8");
  const lines = offer.matchAll(/^ {2}(\S+) (\S+) \(\w+\): source package/gm);
  return [...lines].map(([, name = "", version = ""]) => ({ name, version }));
}
