import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/foundation/index.ts";
import { type Run, Workspace } from "./command-line.ts";

describe("dist/plakar", () => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace("dist/plakar");
    space.plakar("create");
  });
  afterEach(() => space.remove());

  /** Runs with something on standard input. */
  const piped = (input: Uint8Array | string, ...words: string[]): Run => {
    const { command, environment } = space.invocation(...words);
    const run = spawnSync(command[0] as string, command.slice(1), { env: environment, input, encoding: "utf8" });
    return { code: run.status, out: run.stdout, err: run.stderr };
  };

  test("what comes through a pipe is saved under its name, however long it is", () => {
    const long = Buffer.from(new SeededRandom(1).bytes(11_000_000));
    expect(piped(long, "backup", "stdin:dumps/shop.sql")).toMatchObject({ code: 0, err: "" });
    space.plakar("restore", "-to", space.path("back"), "latest");
    expect(readFileSync(space.path("back", "dumps", "shop.sql")).equals(long)).toBe(true);
    expect(piped("", "backup", "stdin:")).toMatchObject({ code: 0 });
    expect(space.plakar("cat", "latest:/stdin")).toMatchObject({ code: 0, out: "" });
    expect(space.plakar("check").code).toBe(0);
  });

  test("a command's output is saved, and none of one that fails", () => {
    expect(space.plakar("backup", "-stdin-command", "seq 1 100000", "stdin:numbers").code).toBe(0);
    expect(space.plakar("cat", "latest:/numbers").out).toBe(
      spawnSync("seq", ["1", "100000"], { encoding: "utf8" }).stdout,
    );
    for (const command of ["seq 1 1000000; exit 3", "kill -9 $$", "no-such-command", "false"]) {
      const run = space.plakar("backup", "-stdin-command", command);
      expect(run.code).toBe(1);
      expect(run.err).toContain("No snapshot was made");
    }
    expect(space.plakar("ls").out.trim().split("\n")).toHaveLength(1);
    expect(readdirSync(join(space.store, "locks"))).toStrictEqual([]);
  });

  test("I-07: the command does not see the passphrase", () => {
    expect(space.plakar("backup", "-stdin-command", "env", "stdin:env").code).toBe(0);
    const seen = space.plakar("cat", "latest:/env").out;
    expect(seen).toContain("HOME=");
    expect(seen).not.toContain("a passphrase for tests");
  });

  test.each([
    ["a pipe that nobody ends", ["backup", "stdin:endless"]],
    ["a command that does not end", ["backup", "-stdin-command", "sleep 1000 | cat"]],
  ])("Ctrl-C ends %s, and leaves no lock", async (_, words) => {
    const { command, environment } = space.invocation(...words);
    const child = spawn(command[0] as string, command.slice(1), {
      env: environment,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    while (readdirSync(join(space.store, "locks")).length === 0 && child.exitCode === null) await pause(10);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(readdirSync(join(space.store, "locks"))).toStrictEqual([]);
    expect(space.plakar("ls")).toMatchObject({ code: 0, out: "" });
  });

  test("streams mix with nothing, and their names stay inside", () => {
    for (const words of [
      ["stdin:a", "stdin:b"],
      ["stdin:a", "/etc"],
      ["stdin:../a"],
      ["-stdin-command", "true", "/etc"],
    ]) {
      expect(space.plakar("backup", ...words)).toMatchObject({ code: 2 });
    }
    expect(space.plakar("backup", "tar:/no/such/archive").code).toBe(1);
  });

  // one worker reads the first; the second is cut by the main thread
  test.each([1_000_000, 40_000_000])(
    "a file of %i bytes that grows for ever is saved as read, and told",
    async (bytes) => {
      const path = space.path("log");
      writeFileSync(path, "line\n".repeat(bytes / 5));
      const { command, environment } = space.invocation("backup", path);
      const child = spawn(command[0] as string, command.slice(1), {
        env: environment,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const writer = spawn("sh", ["-c", 'while :; do head -c 200000 /dev/zero >> "$0"; done', path]);
      const code = await ended;
      writer.kill();
      expect(said).toContain("changed while it was read");
      expect(code).toBe(3);
      expect(space.plakar("check").code).toBe(0);
      expect(space.plakar("restore", "-to", space.path("back")).code).toBe(3);
    },
  );
});

describe("what may be a mistake", () => {
  let space: Workspace;
  beforeEach(() => {
    space = new Workspace();
    space.passphrase = undefined;
    space.plakar("create", "-plaintext");
  });
  afterEach(() => space.remove());

  test("a directory as standard input is no empty stream", () => {
    const { command, environment } = space.invocation("backup", "stdin:d");
    const run = spawnSync("/bin/sh", ["-c", '"$@" < /', "sh", ...command], { env: environment, encoding: "utf8" });
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining("it is a directory") });
    expect(space.plakar("ls").out).toBe("");
  });

  test("an empty command or target is a mistake, and no wish", () => {
    for (const words of [
      ["backup", "-stdin-command", "", "stdin:z"],
      ["restore", "-to", "", "latest"],
      ["backup", "-tag=", "/etc/hostname"],
    ])
      expect(space.plakar(...words)).toMatchObject({ code: 2, err: expect.stringContaining("empty value") });
  });

  test("I-07 a shell command, which may hold a password, is not kept in the snapshot", () => {
    for (const words of [["-stdin-command", "echo hunter2"], ["--stdin-command=echo hunter2"]]) {
      expect(space.plakar("backup", ...words, "stdin:z").code).toBe(0);
      const { out } = space.plakar("info", "latest");
      expect(out).toContain("CommandLine: plakar");
      expect(out).not.toContain("hunter2");
    }
  });
});
