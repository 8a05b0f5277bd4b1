import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workspace } from "./command-line.ts";

const reason =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? undefined
    : "a terminal of its own needs script(1) of util-linux";

const PASSPHRASE = "correct horse";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

describe("on a terminal", () => {
  let space: Workspace;
  beforeEach((context) => {
    context.skip(reason !== undefined, reason);
    space = new Workspace();
    space.passphrase = undefined;
  });
  afterEach(() => space?.remove());

  /** Types an answer whenever the program asks; what it shows, and its exit code. */
  const type = (answers: readonly string[], ...words: string[]): Promise<{ code: number | null; shown: string }> => {
    const { command, environment } = space.invocation(...words);
    const line = command.map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const left = [...answers];
    let shown = "";
    let asked = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      const questions = shown.split(/Passphrase: |The same again: /).length - 1;
      for (; asked < questions; asked++) child.stdin.write(left.shift() ?? CTRL_C);
    });
    return new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, shown }));
    });
  };

  test("the passphrase is asked for, twice for a new store, and never shown", async () => {
    const made = await type([`${PASSPHRASE}\r`, `${PASSPHRASE}\r`], "create");
    expect(made.code).toBe(0);
    expect(made.shown).toContain("made an encrypted store");
    const listed = await type([`${PASSPHRASE}\r`], "ls");
    expect(listed.code).toBe(0);
    const wrong = await type([`${PASSPHRASE}r\r`], "ls");
    expect(wrong.code).toBe(77);
    for (const { shown } of [made, listed, wrong]) expect(shown).not.toContain(PASSPHRASE);
  });

  test("no passphrase is asked for a store that cannot be made", async () => {
    writeFileSync(space.store, "in the way");
    const refused = await type([`${PASSPHRASE}\r`, `${PASSPHRASE}\r`], "create");
    expect(refused.code).toBe(1);
    expect(refused.shown).toContain("is not empty");
    expect(refused.shown).not.toContain("Passphrase:");
  });

  test.each([
    { how: "two that differ", answers: [`${PASSPHRASE}\r`, `${PASSPHRASE}s\r`], code: 1, says: "differ" },
    { how: "one that is short", answers: ["short\r", "short\r"], code: 1, says: "shorter" },
    { how: "none", answers: ["\r"], code: 1, says: "protects nothing" },
    { how: "Ctrl-C", answers: [`secr${CTRL_C}`], code: 130, says: "interrupted" },
    { how: "Ctrl-C at the second", answers: [`${PASSPHRASE}\r`, CTRL_C], code: 130, says: "interrupted" },
    { how: "Ctrl-D", answers: [CTRL_D], code: 77, says: "no passphrase was typed" },
  ])("create takes no for an answer: $how", async ({ answers, code, says }) => {
    const run = await type(answers, "create");
    expect(run.code).toBe(code);
    expect(run.shown).toContain(says);
    expect(existsSync(space.store)).toBe(false);
  });
});
