import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { messageOf, toDisplay, toHex } from "../../../src/foundation/index.ts";
import { type RestoreReport, restore } from "../../../src/operations/index.ts";
import { Repository } from "../../../src/repository/index.ts";
import { type DamageCase, damagedBy } from "./damage-cases.ts";
import type { Knowledge } from "./knowledge.ts";
import { storeOf } from "./store-image.ts";

const DAMAGED = 65;

/** Restores every snapshot from the damaged store to a disk; answers what must not be, each a line. */
export async function restoreFaults(known: Knowledge, damage: DamageCase, target: string): Promise<string[]> {
  const faults: string[] = [];
  for (const id of known.snapshots.keys()) {
    const told: string[] = [];
    const { parts } = known.repository;
    const store = storeOf(damagedBy(damage, known.sample.image));
    const repository = new Repository({ ...parts, store, onDamage: ({ message }) => told.push(message) });
    const options = { targets: [`${id}:/`], to: target, skipPermissions: true, workers: 1, progress: () => undefined };
    try {
      const report = await restore(repository, options);
      faults.push(...wrongFiles(known, id, target, report, told));
    } catch (error) {
      const isLost = "code" in (error as object) && (error as { code: unknown }).code === "snapshot-not-found";
      if (exitCodeOf(error) !== DAMAGED && !isLost) faults.push(`real restore: ${messageOf(error)}`);
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  }
  return faults;
}

/** Files that are there must be right; without a failure that is damage, all must be there. */
function wrongFiles(
  known: Knowledge,
  id: string,
  target: string,
  { failures }: RestoreReport,
  told: readonly string[],
): string[] {
  const there = new Set(namesBelow(target, ""));
  const isTold = told.length > 0 || failures.some(({ damaged }) => damaged);
  const wrong: string[] = [];
  for (const [path, line] of known.contents.get(id) ?? []) {
    const [kind = ""] = line.split(" ");
    if (!there.delete(path)) {
      if (!isTold) wrong.push(`${toDisplay(path)} is missing and nothing was said`);
    } else if (kind === "file") {
      const name = Buffer.from(target + path, "latin1");
      if (lstatSync(name).isFile() && toHex(readFileSync(name)) !== known.files.get(id)?.get(path))
        wrong.push(`${toDisplay(path)} has wrong bytes`);
    } else if (kind === "symlink" && !line.includes(readlinkSync(Buffer.from(target + path, "latin1")))) {
      wrong.push(`${toDisplay(path)} leads elsewhere`);
    }
  }
  return [...wrong, ...[...there].map((path) => `${path} was never there`)].map((each) => `real restore: ${each}`);
}

/** Without those behind links to directories, which readdir would follow. */
function namesBelow(target: string, directory: string): string[] {
  const entries = readdirSync(Buffer.from(target + directory, "latin1"), { encoding: "buffer", withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${directory}/${entry.name.toString("latin1")}`;
    return entry.isDirectory() ? [path, ...namesBelow(target, path)] : [path];
  });
}
