/**
 * @yao-pkg/pkg in its SEA mode (https://github.com/yao-pkg/pkg): the second maker, kept so that the two can be compared
 * anew. What it makes is slower to start and obeys NODE_OPTIONS: not for a release.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ScriptError } from "../support/script-error.ts";
import { targets } from "../support/targets.ts";
import type { MakerJob } from "./maker.ts";

const pkgVersion = "6.23.0";
const nodeVersion = process.versions.node;

export function pkgMaker({ target, base, main, assets, parts, output }: MakerJob): void {
  if (!target.startsWith("linux")) throw new ScriptError("build: --maker pkg is for Linux only");
  const program = fetchPkg();
  const project = resolve(parts, "pkg");
  const home = resolve(parts, "pkg-home");
  for (const folder of [project, home]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  copyFileSync(main, join(project, "main.cjs"));
  for (const [name, source] of Object.entries(assets)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    copyFileSync(source, join(project, name));
  }
  const manifest = { name: "plakar", version: "0.0.0", bin: "main.cjs", pkg: { assets: Object.keys(assets) } };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  const platform = targets[target].node;
  seed(home, base, platform);
  const words = ["--sea", "--targets", `node${nodeVersion}-${platform}`, "--output", resolve(output), project];
  execFileSync(process.execPath, [program, ...words], {
    env: { ...process.env, HOME: home },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** pkg would fetch Node from nodejs.org: it finds the prepared base where it keeps what it has fetched and found good. */
function seed(home: string, base: string, platform: string): void {
  const name = `node-v${nodeVersion}-${platform}`;
  const cache = join(home, ".pkg-cache", "sea");
  mkdirSync(join(cache, name, "bin"), { recursive: true });
  copyFileSync(base, join(cache, name, "bin", "node"));
  const archive = join(cache, `${name}.tar.gz`);
  execFileSync("tar", ["-c", "--use-compress-program=gzip -1", "-f", archive, "-C", cache, name]);
  rmSync(join(cache, name), { recursive: true });
  writeFileSync(`${archive}.ok`, "");
}

/** pkg by its own lock file, and into .cache/: a hundred packages that nothing else needs. */
function fetchPkg(): string {
  const folder = resolve(`.cache/pkg-${pkgVersion}`);
  const program = join(folder, "node_modules/@yao-pkg/pkg/lib-es5/bin.js");
  if (existsSync(program)) return program;
  mkdirSync(".cache", { recursive: true });
  const unfinished = mkdtempSync(resolve(".cache/pkg-"));
  try {
    for (const name of ["package.json", "package-lock.json"])
      copyFileSync(join("scripts/executable/pkg", name), join(unfinished, name));
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["ci", ...options], { cwd: unfinished, stdio: ["ignore", "ignore", "inherit"] });
    renameSync(unfinished, folder);
  } catch (cause) {
    throw new ScriptError(
      `build: pkg ${pkgVersion} could not be installed: ${String(cause)}\nIs the registry within reach?`,
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return program;
}
