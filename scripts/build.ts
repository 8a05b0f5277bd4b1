/** The sources as one executable: two CommonJS bundles and the kernels inside a copy of Node. Equal sources, equal bytes. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { signMachO } from "../packaging/darwin/index.ts";
import { prepareBase } from "./executable/base.ts";
import { type Bundle, bundleSources } from "./executable/bundle.ts";
import { isMakerName, type MakerName, makers } from "./executable/maker.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";
import { hostTarget, isTarget, type Target, targets } from "./support/targets.ts";

const kernels = "build/kernels.wasm";

export interface BuildOptions {
  /** Where the executable goes. */
  readonly output: string;
  /** Where the parts go; `metafile.json` there says what the bundles contain. */
  readonly parts: string;
  readonly target: Target;
  /** What `plakar version` answers, where it is not the sources' own. */
  readonly version?: string | undefined;
  /** Node's own way unless told otherwise. */
  readonly maker?: MakerName;
}

/** Builds the executable and answers the bundles that are in it. Throws a ScriptError when a source or a tool is missing. */
export async function buildExecutable(options: BuildOptions): Promise<Bundle> {
  const { output, parts, target, version, maker = "sea" } = options;
  requireNode26();
  mkdirSync(parts, { recursive: true });
  execFileSync(process.execPath, ["scripts/kernels.ts"], { stdio: ["ignore", "inherit", "inherit"] });
  if (!existsSync(kernels)) throw new ScriptError(`build: scripts/kernels.ts did not write ${kernels}`);
  const bundle = await bundleSources(parts, version);
  const base = prepareBase(target);
  mkdirSync(dirname(output), { recursive: true });
  // the finished file takes its place in one step: a running one stays whole
  const unfinished = `${output}.unfinished-${process.pid}`;
  try {
    const assets = { ...bundle.assets, "kernels.wasm": kernels };
    makers[maker]({ target, base, main: bundle.main, assets, parts, output: unfinished });
    if (target.startsWith("darwin")) signMachO(unfinished, "plakar");
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return bundle;
}

function requireNode26(): void {
  if (Number.parseInt(process.versions.node, 10) >= 26) return;
  throw new ScriptError(`build: this is Node ${process.versions.node}; run \`npm run build\`, which brings Node 26`);
}

const usage = `usage: npm run build -- [--target ${Object.keys(targets).join("|")}] [--maker ${Object.keys(makers).join("|")}]`;

function readRequest(args: string[]): { target: Target; maker: MakerName } {
  const text = { type: "string" } as const;
  const { target = hostTarget() ?? "", maker = "sea" } = parse(
    () => parseArgs({ args, options: { target: text, maker: text } }).values,
  );
  if (!isTarget(target) || !isMakerName(maker)) throw new ScriptError(usage, 2);
  return { target, maker };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new ScriptError(usage, 2);
  }
}

async function main(): Promise<void> {
  const { target, maker } = readRequest(process.argv.slice(2));
  const isForeign = target !== hostTarget();
  const name = targets[target].executable;
  const output = isForeign && name === "plakar" ? join("dist", target, name) : join("dist", name);
  await buildExecutable({ output, parts: isForeign ? join("build", target) : "build", target, maker });
  process.stdout.write(`${output}  ${(statSync(output).size / 1e6).toFixed(1)} MB\n`);
}

if (import.meta.main) await reportErrors(main);
