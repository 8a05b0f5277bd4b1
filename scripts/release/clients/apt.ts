import { spawnSync } from "node:child_process";
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { $ } from "zx";
import { ScriptError } from "../../support/script-error.ts";
import { type Client, lacks, runScript, startWithin } from "./client.ts";

/** apt in a root of Debian 12, made the first time and kept in .cache/. */
export const aptClient: Client = {
  name: "apt",
  missing: () => lacks("debootstrap", "apt-get", "chroot"),
  async install(setting) {
    const { root } = setting;
    await makeDebianRoot(root);
    await runScript(setting, "apt");
    return startWithin(root, "/usr/bin/plakar");
  },
  leave: leaveDebianRoot,
};

/** A Debian 12 of its own, in a folder that is there. */
export async function makeDebianRoot(root: string): Promise<void> {
  cpSync(await debianRoot(), root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  await $`mount -t proc proc ${join(root, "proc")}`.quiet();
  await $`mount -t tmpfs tmpfs ${join(root, "run")}`.quiet();
}

/** Lets go of it, so that it can be removed. */
export function leaveDebianRoot(root: string): void {
  for (const place of ["proc", "run"]) spawnSync("umount", ["--lazy", join(root, place)]);
}

async function debianRoot(): Promise<string> {
  const kept = resolve(".cache/root-debian-12-curl");
  if (existsSync(kept)) return kept;
  const unfinished = `${kept}.unfinished-${process.pid}`;
  const mirror = process.env["PLAKAR_DEBIAN_MIRROR"] ?? "";
  const words = [
    "--variant=minbase",
    "--include=ca-certificates,curl",
    "bookworm",
    unfinished,
    ...(mirror === "" ? [] : [mirror]),
  ];
  const { exitCode, stdout } = await $({ nothrow: true, quiet: true })`debootstrap ${words}`;
  if (exitCode !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new ScriptError(
      `release: no Debian 12 can be made to try apt in:\n${stdout.split("\n").slice(-3).join("\n")}\nPLAKAR_DEBIAN_MIRROR names another mirror.`,
    );
  }
  renameSync(unfinished, kept);
  return kept;
}
