/**
 * `npm run fidelity`: one item of each kind is saved and restored as root by every program that is found, alone, and what
 * came back is compared with what was there. Prints the table of docs/fidelity.md, and the commands.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { kindsOfItems } from "./fidelity/items.ts";
import { type Program, programs } from "./fidelity/programs.ts";

type Verdict = "yes" | "told" | "**lost**";

const scratch = mkdtempSync(join(tmpdir(), "plakar-fidelity-"));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

function main(): number {
  if (process.geteuid?.() !== 0) {
    complain("npm run fidelity makes devices and gives files away: only root may.");
    return 1;
  }
  const found = programs().filter(({ name, file }) => {
    if (existsSync(file)) return true;
    complain(`${name} is not here: left out`);
    return false;
  });
  say(`| saved and restored by root | ${found.map(({ name, version }) => `${name} ${version()}`).join(" | ")} |`);
  say(`|---${"|---".repeat(found.length)}|`);
  for (const kind of kindsOfItems) {
    const cells = found.map((program) => verdictOn(program, kind));
    say(`| ${kind.name} | ${cells.join(" | ")} |`);
  }
  say("\nCommands:");
  for (const { name, commands } of found) {
    say(`\n    # ${name}`);
    for (const [program = "", ...words] of commands({ tree: "TREE", store: "STORE", back: "BACK" }))
      say(`    ${basename(program)} ${words.join(" ")}`);
  }
  return 0;
}

function verdictOn(program: Program, kind: (typeof kindsOfItems)[number]): Verdict {
  const place = mkdtempSync(join(scratch, "try-"));
  const tree = join(place, "tree");
  const [store, back] = [join(place, "store"), join(place, "back")];
  try {
    for (const directory of [tree, back, join(place, "home")]) mkdirSync(directory);
    kind.make(tree);
    // all of them: a backup that complains may restore all the same
    const told = program
      .commands({ tree, store, back })
      .map((words) => failed(words, place, program))
      .includes(true);
    const restored = [back, join(back, tree)].findLast((path) => existsSync(path)) ?? back;
    if (isSame(kind, tree, restored)) return "yes";
    return told ? "told" : "**lost**";
  } finally {
    spawnSync("chattr", ["-R", "-i", "-a", place]);
    rmSync(place, { recursive: true, force: true });
  }
}

function isSame(kind: (typeof kindsOfItems)[number], tree: string, restored: string): boolean {
  try {
    return kind.isSame(tree, restored);
  } catch {
    return false; // it is not there at all
  }
}

/** Whether a command says by its exit code that something is not as it should be. */
function failed([command = "", ...words]: readonly string[], place: string, { environment }: Program): boolean {
  const home = join(place, "home");
  const run = spawnSync(command, words, {
    cwd: join(place, "back"),
    stdio: "ignore",
    env: { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, ".cache"), ...environment },
  });
  return run.status !== 0;
}

try {
  process.exitCode = main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
