/**
 * `node scripts/bench-peers.ts [NAME...]`: installs what `npm run bench` compares with into .cache/peers/bin, in fixed
 * versions, each from where its own users get it. What is there already is left alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { reportErrors, ScriptError } from "./support/script-error.ts";

const folder = resolve(".cache/peers");
const bin = resolve(folder, "bin");

interface Step {
  readonly command: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Recipe {
  /** What it takes, and cannot be brought by this script. */
  readonly needs: string;
  readonly steps: readonly Step[];
  /** Where it lies afterwards, when that is not `bin`. */
  readonly program?: string;
}

const goInstall = (module: string, ...options: string[]): Recipe => ({
  needs: "go",
  steps: [{ command: "go", words: ["install", ...options, module], env: { GOBIN: bin, GOFLAGS: "-mod=mod" } }],
});

const recipes: Readonly<Record<string, Recipe>> = {
  restic: goInstall("github.com/restic/restic/cmd/restic@v0.18.1"),
  // without the pages of its own interface, which come from elsewhere
  kopia: goInstall("github.com/kopia/kopia@v0.22.3", "-tags", "nohtmlui"),
  borg: {
    needs: "python3",
    steps: [
      { command: "python3", words: ["-m", "venv", resolve(folder, "borg")] },
      // compiled here: in Debian it takes libacl1-dev, libssl-dev, liblz4-dev, libzstd-dev, libxxhash-dev, pkg-config
      { command: resolve(folder, "borg/bin/pip"), words: ["install", "--quiet", "borgbackup==1.4.5"] },
    ],
    program: resolve(folder, "borg/bin/borg"),
  },
  rustic: {
    needs: "cargo",
    steps: [
      {
        command: "cargo",
        words: ["install", "--locked", "--no-default-features", "--version", "0.11.4", "--root", folder, "rustic-rs"],
      },
    ],
  },
};

function install(name: string): string {
  const recipe = recipes[name];
  if (!recipe)
    throw new ScriptError(`bench-peers: there is no ${name}; there are ${Object.keys(recipes).join(", ")}`, 2);
  const { needs, steps, program } = recipe;
  if (existsSync(resolve(bin, name))) return `${name} is there`;
  if (spawnSync(needs, ["--version"], { stdio: "ignore" }).error !== undefined)
    return `${name}: not installed, there is no ${needs}`;
  mkdirSync(bin, { recursive: true });
  for (const { command, words, env } of steps) {
    const { status } = spawnSync(command, words, { stdio: "inherit", env: { ...process.env, ...env } });
    if (status !== 0) return `${name}: not installed, ${command} ended with ${status}`;
  }
  if (program !== undefined) symlinkSync(program, resolve(bin, name));
  return `${name} is installed`;
}

await reportErrors(() => {
  const named = process.argv.slice(2);
  for (const name of named.length > 0 ? named : Object.keys(recipes)) process.stdout.write(`${install(name)}\n`);
});
