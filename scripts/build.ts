/** The sources as one executable: two CommonJS bundles and the kernels inside a copy of Node. Equal sources, equal bytes. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { type ForeignTarget, fetchNode, foreignTargets, isForeignTarget } from "./fetch-node.ts";
import { replaceVersion } from "./support/replace-version.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";

/** Bundle name -> its entry. The worker travels as text inside the executable, and is started from there. */
const entries = { main: "src/main.ts", worker: "src/pipeline/worker.ts" } as const;
const kernels = "build/kernels.wasm";

export interface BuildOptions {
  /** Where the executable goes. */
  readonly output: string;
  /** Where the parts go. */
  readonly parts: string;
  /** What `plakar version` answers, where it is not the sources' own. */
  readonly version?: string;
  /** Another system than the one this runs on. */
  readonly target?: ForeignTarget | undefined;
}

/** Builds the executable, for the machine this runs on unless told otherwise. Throws a ScriptError when a source or a tool is missing. */
export async function buildExecutable({ output, parts, version, target }: BuildOptions): Promise<void> {
  requireNode26();
  for (const source of Object.values(entries)) {
    if (!existsSync(source)) throw new ScriptError(`build: ${source} is missing, so there is nothing to bundle`);
  }
  mkdirSync(parts, { recursive: true });
  execFileSync(process.execPath, ["scripts/kernels.ts"], { stdio: ["ignore", "inherit", "inherit"] });
  if (!existsSync(kernels)) throw new ScriptError(`build: scripts/kernels.ts did not write ${kernels}`);
  const metafile = await bundle(parts, version);
  writeFileSync(join(parts, "metafile.json"), JSON.stringify(metafile));
  assemble(parts, output, target ? fetchNode(target) : baseExecutable());
}

function requireNode26(): void {
  if (Number.parseInt(process.versions.node, 10) >= 26) return;
  throw new ScriptError(`build: this is Node ${process.versions.node}; run \`npm run build\`, which brings Node 26`);
}

async function bundle(parts: string, version: string | undefined): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: entries,
    outdir: parts,
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
  return metafile;
}

/** Puts the bundles into a copy of Node. The finished file takes its place in one step: a running one stays whole. */
function assemble(parts: string, output: string, executable: string): void {
  const unfinished = `${output}.unfinished-${process.pid}`;
  const configuration = join(parts, "sea.json");
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(
    configuration,
    JSON.stringify({
      main: join(parts, "main.cjs"),
      executable,
      output: unfinished,
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false, // would differ from build to build
      execArgv: ["--disable-warning=ExperimentalWarning"],
      execArgvExtension: "none", // NODE_OPTIONS must not inject code into a root's backup
      assets: { "worker.cjs": join(parts, "worker.cjs"), "kernels.wasm": kernels },
    }),
  );
  try {
    execFileSync(process.execPath, ["--build-sea", configuration], { stdio: ["ignore", "ignore", "inherit"] });
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** A copy of the running Node without its symbols (a fifth of its size), kept in build/ for the next time. */
function baseExecutable(): string {
  const strip = process.platform === "linux" && hasStrip();
  const name = `node-${process.versions.node}-${process.platform}-${process.arch}`;
  const base = join("build", strip ? `${name}-stripped` : name);
  if (existsSync(base)) return base;
  const unfinished = `${base}.unfinished-${process.pid}`;
  copyFileSync(process.execPath, unfinished);
  if (strip) execFileSync("strip", [unfinished]);
  else process.stderr.write("build: no `strip` here, so the executable is a quarter larger than it need be\n");
  renameSync(unfinished, base);
  return base;
}

function hasStrip(): boolean {
  try {
    execFileSync("strip", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** `--target windows-amd64`; undefined for the machine this runs on. */
function targetOf(words: readonly string[]): ForeignTarget | undefined {
  const [flag, target = ""] = words;
  if (flag === undefined) return undefined;
  if (words.length === 2 && flag === "--target" && isForeignTarget(target)) return target;
  throw new ScriptError(`usage: npm run build -- [--target ${Object.keys(foreignTargets).join("|")}]`, 2);
}

async function main(): Promise<void> {
  const target = targetOf(process.argv.slice(2));
  const name = target ? foreignTargets[target].executable : process.platform === "win32" ? "plakar.exe" : "plakar";
  const output = join("dist", name);
  await buildExecutable({ output, parts: target ? join("build", target) : "build", target });
  process.stdout.write(`${output}  ${(statSync(output).size / 1e6).toFixed(1)} MB\n`);
}

if (import.meta.main) await reportErrors(main);
