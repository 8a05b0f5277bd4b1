/** The sources as a few CommonJS files: what every start needs, what a command adds when it is called, and the worker. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type BuildOptions, build, type Metafile, transform } from "esbuild";
import { replaceVersion } from "../support/replace-version.ts";
import { ScriptError } from "../support/script-error.ts";

const mainEntry = "src/main.ts";
const workerEntry = "src/pipeline/worker.ts";

export interface Bundle {
  /** What runs first: it loads the rest. */
  readonly main: string;
  /** What is loaded at run time: name -> file. All lie beside `main`. */
  readonly assets: Readonly<Record<string, string>>;
}

const common = {
  bundle: true,
  platform: "node",
  target: "node26",
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  logLevel: "warning",
  metafile: true,
} as const satisfies BuildOptions;

/** CommonJS has no `import.meta`; what it is used for is read from the executable's assets. */
const define = { "import.meta.dirname": "__dirname", "import.meta.url": '"file:///"' };

/**
 * Bundles into `folder`, which then also holds `metafile.json`: what is in the bundles, for whoever lists what a release
 * contains. V8 looks at every byte of a file before it runs the first, so each command is a file of its own.
 */
export async function bundleSources(folder: string, version: string | undefined): Promise<Bundle> {
  for (const source of [mainEntry, workerEntry]) {
    if (!existsSync(source)) throw new ScriptError(`build: ${source} is missing, so there is nothing to bundle`);
  }
  const chunks = await bundleMain(join(folder, "chunks"), version);
  const worker = join(folder, "worker.cjs");
  const { metafile } = await build({ ...common, entryPoints: [workerEntry], outfile: worker, format: "cjs", define });
  const main = join(folder, "main.cjs");
  writeFileSync(main, readFileSync("scripts/executable/loader.cjs"));
  writeFileSync(join(folder, "metafile.json"), JSON.stringify(merge(chunks.metafile, metafile)));
  return { main, assets: { ...chunks.files, "worker.cjs": worker } };
}

/** esbuild splits modules of ECMAScript only; each part then becomes CommonJS, where an import is a call of `require`. */
async function bundleMain(
  folder: string,
  version: string | undefined,
): Promise<{ files: Record<string, string>; metafile: Metafile }> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { main: mainEntry },
    outdir: folder,
    format: "esm",
    splitting: true,
    write: false,
    plugins: version === undefined ? [] : [replaceVersion(version)],
  });
  const files: Record<string, string> = {};
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, {
      format: "cjs",
      platform: "node",
      target: "node26",
      supported: { "dynamic-import": false },
      minifySyntax: true,
      minifyWhitespace: true,
      define,
    });
    writeFileSync(path, code);
    files[`chunks/${basename(path)}`] = path;
  }
  return { files, metafile };
}

function merge(one: Metafile, other: Metafile): Metafile {
  return { inputs: { ...one.inputs, ...other.inputs }, outputs: { ...one.outputs, ...other.outputs } };
}
