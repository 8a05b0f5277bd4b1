import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SnapshotId } from "../../src/format/index.ts";
import { systemClock, systemRandom, toHex } from "../../src/foundation/index.ts";
import { openRepository } from "../../src/repository/index.ts";
import { openFsStore } from "../../src/store/index.ts";
import { Workspace } from "../end-to-end/command-line.ts";
import { storeGenerated } from "../support/generated-state.ts";

const BLOBS = 10_000_000;
const LIMIT_MIB = 512;
const BYTES_A_BLOB = 28;

/** The most memory that the executable had at any time, in MiB (VmHWM of proc_pid_status(5)), and how long it took. */
async function peakOf(space: Workspace, ...words: readonly string[]): Promise<number> {
  const { command, environment } = space.invocation(...words);
  const started = performance.now();
  const child = spawn(command[0] as string, command.slice(1), {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let peakKib = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
    peakKib = Math.max(peakKib, Number(kib ?? 0));
    await pause(5);
  }
  expect([words, await ended]).toStrictEqual([words, 0]);
  const ms = performance.now() - started;
  process.stdout.write(`${words.join(" ")}: ${(peakKib / 1024).toFixed()} MiB at most, ${ms.toFixed()} ms\n`);
  return peakKib / 1024;
}

describe.runIf(process.platform === "linux").each(["in the clear", "encrypted"])(
  "ten million blobs in one state, %s",
  (kind) => {
    let space: Workspace;
    const statesDirectory = (): string => join(space.path("home"), ".cache", "plakar-ts", "states");

    beforeAll(async () => {
      space = new Workspace("dist/plakar");
      if (kind === "in the clear") space.passphrase = undefined;
      mkdirSync(space.path("tree"));
      writeFileSync(space.path("tree", "file"), "some content");
      const options = kind === "in the clear" ? ["-plaintext"] : [];
      const runs = [space.plakar("create", ...options), space.plakar("backup", space.path("tree"))];
      if (runs.some(({ code }) => code !== 0)) throw new Error(runs.map(({ err }) => err).join("\n"));
      const repository = await openRepository({
        store: openFsStore(space.store),
        passphrase: async () => Buffer.from(space.passphrase ?? ""),
        clock: systemClock,
        random: systemRandom,
        hostName: "test",
        cacheDirectory: undefined,
        onWarning: () => undefined,
        onDamage: () => undefined,
      });
      await storeGenerated(repository, { seed: 1, count: BLOBS, id: toHex(systemRandom.bytes(32)) as SnapshotId });
      await repository.close();
    }, 600_000);
    afterAll(() => space?.remove());

    test("are merged for the first time, kept, opened, backed up beside and restored within 512 MiB", async () => {
      rmSync(statesDirectory(), { recursive: true, force: true });
      expect(await peakOf(space, "ls")).toBeLessThan(LIMIT_MIB);
      const bytes = readdirSync(statesDirectory()).map((name) => statSync(join(statesDirectory(), name)).size);
      expect(bytes.reduce((sum, each) => sum + each, 0) / BLOBS).toBeLessThan(BYTES_A_BLOB);
      expect(await peakOf(space, "ls")).toBeLessThan(LIMIT_MIB / 2);
      writeFileSync(space.path("tree", "other"), "other content");
      expect(await peakOf(space, "backup", space.path("tree"))).toBeLessThan(LIMIT_MIB);
      expect(await peakOf(space, "restore", "-to", space.path("back"), "latest")).toBeLessThan(LIMIT_MIB);
      expect(readFileSync(space.path("back", "other"), "utf8")).toBe("other content");
    });
  },
);
