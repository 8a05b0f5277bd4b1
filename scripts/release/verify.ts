/** The proof of a release: what would be published, installed by the package managers that people have, and used. */
import { spawnSync } from "node:child_process";
import { runScript } from "../support/run-script.ts";
import { ScriptError } from "../support/script-error.ts";
import { clients } from "./clients/all.ts";
import type { Release } from "./context.ts";
import type { Outcome } from "./step.ts";

/** What the clients look at in the environment. */
const settings = ["APK", "PLAKAR_DEBIAN_MIRROR", "PATH"];

/** Programs for root are not always in the PATH of others. */
const path = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

/**
 * Fails with the first client that cannot install, or whose installed program does not work; tells which were not there. Package
 * managers want to be root: where this is not, and sudo asks for no password, only they are.
 */
export async function verifyByClients({ say, folder, version }: Release): Promise<Outcome> {
  const before = isRoot() || !hasSudo() ? [] : ["sudo", "--non-interactive", `--preserve-env=${settings.join(",")}`];
  const printed = await runScript("scripts/verify-release.ts", [folder, version], { before, env: { PATH: path } });
  const verdicts = printed.trim().split("\n");
  const skipped = verdicts.filter((line) => !line.endsWith("restores"));
  if (skipped.length === verdicts.length)
    throw new ScriptError(`release: no client is here that could verify it:\n${skipped.join("\n")}`);
  for (const line of verdicts.filter((each) => !skipped.includes(each))) say(`      ${line}`);
  return { skipped };
}

/** What is here to verify with: when more of it comes, more is verified. */
export function clientsHere(): string[] {
  return [String(isRoot() || hasSudo()), ...clients.map((client) => `${client.name} ${client.missing() ?? ""}`)];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function hasSudo(): boolean {
  return spawnSync("sudo", ["--non-interactive", "true"], { stdio: "ignore" }).status === 0;
}
