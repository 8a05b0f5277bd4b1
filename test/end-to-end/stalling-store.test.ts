import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeTree } from "../support/tree.ts";
import { programs, Workspace } from "./command-line.ts";

/** Whoever opens a FIFO that nobody writes to is in a system call that does not come back: as on a disk that stalls. */
function stall(path: string): () => void {
  renameSync(path, `${path}.away`);
  execFileSync("mkfifo", [path]);
  return () => {
    rmSync(path);
    renameSync(`${path}.away`, path);
  };
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe.skipIf(process.platform === "win32").each(Object.keys(programs))("%s", (program) => {
  test.each([
    ["backup", "states", ["backup", "tree"]],
    ["restore", "packfiles", ["restore", "-to", "back"]],
    ["check", "packfiles", ["check"]],
  ] as const)(
    "I-02 a %s whose store stalls (%s) ends at the first SIGINT, and the store is sound",
    async (_, kind, words) => {
      const space = new Workspace(program);
      onTestFinished(() => space.remove());
      mkdirSync(space.path("tree"));
      makeTree(space.path("tree"));
      space.plakar("create");
      space.plakar("backup", space.path("tree"));
      const cache = space.invocation("ls").environment["XDG_CACHE_HOME"];
      if (cache !== undefined) rmSync(cache, { recursive: true, force: true });
      const mend = filesOf(join(space.store, kind)).map(stall);
      const paths = words.map((word) => (word === "tree" || word === "back" ? space.path(word) : word));
      const { command, environment } = space.invocation(...paths);
      const child = spawn(command[0] as string, command.slice(1), { env: environment, stdio: "ignore" });
      const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
        child.once("exit", (code, signal) => resolve([code, signal])),
      );
      await pause(1500);
      expect(child.exitCode).toBeNull();
      child.kill("SIGINT");
      expect([
        [130, null],
        [null, "SIGINT"],
      ]).toContainEqual(await ended);
      for (const back of mend) back();
      expect(space.plakar("check").code).toBe(0);
      expect(space.plakar("backup", space.path("tree")).code).toBe(0);
    },
  );
});
