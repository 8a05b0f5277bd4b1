import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeTree, makeTree } from "../support/tree.ts";
import { programs, Workspace } from "./command-line.ts";

/** Nobody waits for the end of it. */
const ENDLESS_BYTES = 2 ** 40;

describe.each(Object.keys(programs))("%s", (program) => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace(program);
    mkdirSync(space.path("tree"));
    makeTree(space.path("tree"));
    mkdirSync(space.path("endless"));
    writeFileSync(space.path("endless", "zeros"), "");
    truncateSync(space.path("endless", "zeros"), ENDLESS_BYTES);
    space.plakar("create");
    space.plakar("backup", space.path("tree"));
  });
  afterEach(() => space.remove());

  /** Starts a command, waits until `isWorking`, sends the signal; answers the exit code and what it said. */
  const interrupt = async (
    words: readonly string[],
    signal: NodeJS.Signals,
    isWorking: () => boolean,
  ): Promise<{ code: number | null; err: string }> => {
    const { command, environment } = space.invocation(...words);
    const child = spawn(command[0] as string, command.slice(1), {
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    while (!isWorking() && child.exitCode === null) await pause(10);
    child.kill(signal);
    return { code: await ended, err };
  };

  const locks = (): string[] => readdirSync(join(space.store, "locks"));

  const expectSound = (): void => {
    rmSync(space.path("endless"), { recursive: true });
    expect(space.plakar("backup", space.path("tree")).code).toBe(0);
    expect(space.plakar("check").code).toBe(0);
    expect(space.plakar("restore", "-to", space.path("back")).code).toBe(0);
    expect(describeTree(space.path("back"))).toStrictEqual(describeTree(space.path("tree")));
    expect(locks()).toEqual([]);
  };

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 143],
  ] as const)("I-02 a backup that gets %s ends with %d, leaves no lock and a sound store", async (signal, code) => {
    const run = await interrupt(["backup", space.path("endless")], signal, () => locks().length > 0);
    expect(run.code).toBe(code);
    expect(run.err).toContain("interrupted");
    expect(locks()).toEqual([]);
    expect(space.plakar("ls").out.trim().split("\n")).toHaveLength(1);
    expectSound();
  });

  test("I-02 after a backup that was killed, the next one succeeds and everything is whole", async () => {
    const run = await interrupt(["backup", space.path("endless")], "SIGKILL", () => locks().length > 0);
    expect(run.code).toBeNull();
    // what it left must not keep anybody away; a later maintenance takes it for stale
    const left = locks();
    expect(left).toHaveLength(1);
    expect(space.plakar("backup", space.path("tree")).code).toBe(0);
    rmSync(join(space.store, "locks", left[0] as string));
    expectSound();
  });

  test("I-02 a restore that gets SIGINT ends with 130, and the next one completes it", async () => {
    const many = space.path("many");
    mkdirSync(many);
    for (let i = 0; i < 3_000; i++) writeFileSync(join(many, `file-${i}`), `content ${i}`);
    expect(space.plakar("backup", many).code).toBe(0);
    const target = space.path("restored");
    const run = await interrupt(
      ["restore", "-to", target],
      "SIGINT",
      () => existsSync(target) && readdirSync(target).length > 0,
    );
    expect(run.code).toBe(130);
    expect(space.plakar("restore", "-to", target).code).toBe(0);
    expect(describeTree(target)).toStrictEqual(describeTree(many));
    expect(locks()).toEqual([]);
  });
});
