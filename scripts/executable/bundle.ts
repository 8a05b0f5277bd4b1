/** The sources as CommonJS bundles. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { replaceVersion } from "../support/replace-version.ts";
import { ScriptError } from "../support/script-error.ts";

/** Bundle name -> its entry. The worker travels as text inside the executable, and is started from there. */
const entries = { main: "src/main.ts", worker: "src/pipeline/worker.ts" } as const;

export interface Bundle {
  readonly main: string;
  readonly worker: string;
}

/**
 * Bundles into `folder`, which then also holds `metafile.json`: what is in the bundles, for whoever lists what a release
 * contains. Commands stay lazy: a dynamic import becomes a function of the one file, which runs when it is called.
 */
export async function bundleSources(folder: string, version: string | undefined): Promise<Bundle> {
  for (const source of Object.values(entries)) {
    if (!existsSync(source)) throw new ScriptError(`build: ${source} is missing, so there is nothing to bundle`);
  }
  const { metafile } = await build({
    entryPoints: entries,
    outdir: folder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    // both are empty in CommonJS; what they are used for is read from the executable's assets
    define: { "import.meta.dirname": "__dirname", "import.meta.url": '"file:///"' },
    plugins: version === undefined ? [] : [replaceVersion(version)],
    logLevel: "warning",
    metafile: true,
  });
  writeFileSync(join(folder, "metafile.json"), JSON.stringify(metafile));
  return { main: join(folder, "main.cjs"), worker: join(folder, "worker.cjs") };
}
