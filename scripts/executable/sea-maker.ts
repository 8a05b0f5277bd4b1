/** Node's own single executables: https://nodejs.org/api/single-executable-applications.html */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MakerJob } from "./maker.ts";

/** The Node that runs this must be of the base's version: they share the layout of what is injected. */
export function seaMaker({ base, main, assets, parts, output }: MakerJob): void {
  const configuration = join(parts, "sea.json");
  writeFileSync(
    configuration,
    JSON.stringify({
      main,
      executable: base,
      output,
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false, // would differ from build to build
      execArgv: ["--disable-warning=ExperimentalWarning"],
      execArgvExtension: "none", // NODE_OPTIONS must not inject code into a root's backup
      assets,
    }),
  );
  execFileSync(process.execPath, ["--build-sea", configuration], { stdio: ["ignore", "ignore", "inherit"] });
}
