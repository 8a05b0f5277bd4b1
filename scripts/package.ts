/** The sources as packages in dist/packages. `npm run package -- --help` says how to call it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "./build.ts";
import type { Bundle } from "./executable/bundle.ts";
import { fetchNode } from "./fetch-node.ts";
import { clearUnfinished, writeChecksums } from "./packages/checksums.ts";
import { makeDocuments } from "./packages/documents.ts";
import { type Built, makePackage } from "./packages/make-package.ts";
import { prepareTools, type Tools } from "./packages/preflight.ts";
import { packageVersion, type Request, readRequest, usage, wantedKinds } from "./packages/request.ts";
import { writeSbom } from "./packages/write-sbom.ts";
import { releaseTime } from "./support/release-time.ts";
import { reportErrors, ScriptError } from "./support/script-error.ts";
import { hostTarget, type Target, targets } from "./support/targets.ts";

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (request === undefined) return void process.stdout.write(`${usage}\n`);
  requireFolder(request.folder);
  const tools = await prepareTools(request);
  clearUnfinished(request.folder);
  for (const target of request.targets) await packageTarget(target, request, tools);
  say(writeSbom(request.folder, { ...request, timeSeconds: releaseTime() }));
  say(writeChecksums(request.folder));
}

async function packageTarget(target: Target, request: Request, tools: Tools): Promise<void> {
  const { version, folder, fast } = request;
  const parts = join("build", "packages", version, target);
  rmSync(parts, { recursive: true, force: true });
  const { executable, bundle } = await build(target, request, parts);
  const timeSeconds = releaseTime();
  const nodeLicense = fetchNode(target).license;
  const documents = makeDocuments(join(parts, "documents"), { main: bundle.main, nodeLicense, version, timeSeconds });
  const built: Built = { target, version, timeSeconds, documents, executable, tools, parts, fast };
  for (const kind of wantedKinds(target, request)) say(await makePackage(kind, built, folder));
}

/** The executable, and the bundle that it is made of. */
async function build(
  target: Target,
  { version, maker }: Request,
  parts: string,
): Promise<{ executable: string; bundle: Bundle }> {
  const output = join(parts, targets[target].executable);
  const given = version === packageVersion() ? undefined : version;
  const bundle = await buildExecutable({ output, parts, target, maker, version: given });
  requireVersion(target === hostTarget() ? [output] : [process.execPath, bundle.main], version);
  return { executable: output, bundle };
}

function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOSPC") throw cause;
    throw new ScriptError(`package: ${folder} cannot be a folder: ${String(cause)}\nname another with --to`);
  }
}

/** A package must not lie about what is in it. */
function requireVersion([command = "", ...words]: string[], version: string): void {
  const answer = execFileSync(command, [...words, "version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (answer.trim() === `plakar ${version}`) return;
  throw new ScriptError(`package: the executable says "${answer.trim()}", not ${version}`);
}

function say(file: string): void {
  process.stdout.write(`${file}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
}

if (import.meta.main) await reportErrors(main);
