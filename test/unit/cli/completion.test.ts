import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Shell, shells } from "../../../src/cli/completion/index.ts";

const program = join(import.meta.dirname, "../../../src/main.ts");
let folder: string;

// as the program prints them, which is how packages get them
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plakar-completion-"));
  for (const shell of shells) {
    const words = ["--disable-warning=ExperimentalWarning", program, "help", "-completion", shell];
    const script = execFileSync(process.execPath, words, { encoding: "utf8" });
    writeFileSync(join(folder, shell === "zsh" ? "_plakar" : shell), script);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How each real shell is asked what it offers after a line; the cursor is at its end. */
const ask: Record<Shell, (line: string, last: string) => string> = {
  bash: (line) => `source ${folder}/bash
    COMP_WORDS=(${line.endsWith(" ") ? `${line}''` : line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _plakar; printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: (line) => `source ${folder}/fish; complete -C '${line}' | string split -f1 \\t`,
  // zsh completes only where it edits a line: in a terminal of its own, in which Tab is pressed, until the last word is seen
  zsh: (line, last) => `zmodload zsh/zpty; zpty shell zsh -f -i
    zpty -w shell "fpath=(${folder} \\$fpath); autoload -Uz compinit; compinit -u -d ${folder}/dump; print REA''DY"
    zpty -r shell seen '*READY*'; zpty -w -n shell '${line}'$'\\t'; offered=
    for ((turn = 0; turn < 200; turn++)); do
      while zpty -r -t shell seen; do offered+=\${seen//[^[:print:][:space:]]/}; done
      [[ $offered == *'${last}'* ]] && break; sleep 0.1
    done; print -r -- $offered; zpty -d shell`,
};

describe.each(shells)("completion in %s", (shell) => {
  const missing = spawnSync(shell, ["-c", "true"]).status !== 0;
  beforeEach((context) => context.skip(missing, `needs ${shell}, which this machine has not`));

  test.each<[string, string[], string[]]>([
    ["plakar re", ["restore"], ["backup"]],
    ["plakar at /store restore -over", ["-overwrite"], ["-hashing"]],
    ["plakar restore -overwrite ", ["always", "if-changed", "if-newer", "never"], ["backup"]],
    ["plakar -cpu 2 backup -one", ["-one-file-system"], ["-overwrite"]],
    ["plakar help ver", ["version"], ["restore"]],
  ])("offers what fits after %j", (line, offered, others) => {
    const { stdout, stderr } = spawnSync(shell, ["-c", ask[shell](line, offered.at(-1) ?? "")], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(stderr).toBe("");
    for (const word of offered) expect(stdout).toContain(word);
    for (const word of others) expect(stdout).not.toContain(word);
  });
});
