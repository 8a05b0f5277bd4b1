import { count, formatDuration, formatSize, toDisplay } from "../../foundation/index.ts";
import { type CheckReport, check, type Problem, type ReadSubset, selectSnapshots } from "../../operations/index.ts";
import type { Command, Flags } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { filterFlags, filterOf, isFiltered, refuseFilterBeside } from "../filter-flags.ts";
import type { Output } from "../output.ts";
import { usageError } from "../parse.ts";
import { parseReadSubset } from "../read-subset.ts";
import { withRepository } from "../store.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "verify that everything is in the store and sound",
  usage: "check [-fast | -read-data-subset SUBSET] [flags] [SNAPSHOT...]",
  description: [
    "Reads every byte of every packfile and state and follows every snapshot: all that it refers to must be there and be what",
    "was stored. Damage is named by packfile, snapshot and path, and makes the exit code 65. With SNAPSHOT only what it needs.",
    "With -read-data-subset the structure of everything, and of the packfiles only some: a share of their bytes (5%) or a size",
    "(500M) by chance, others each time, or part n of m (2/7) by their ids, so that the parts 1/7 to 7/7 are everything.",
  ],
  flags: [
    { name: "fast", kind: "boolean", help: "structure only: what snapshots refer to is there; contents are not read" },
    { name: "read-data-subset", kind: "text", value: "SUBSET", help: "read only some packfiles: 5%, 2/7 or 500M" },
    ...filterFlags,
    { name: "no-verify", kind: "boolean", help: "accepted: signatures are not verified in this version" },
  ],
  examples: [
    ["plakar at /srv/backup check", "Verify the whole store."],
    ["plakar at /srv/backup check -read-data-subset 3/7", "On the third day of the week: the third part."],
  ],
  async run(context) {
    const { args, flags, output, signal } = context;
    const workers = flags.number("cpu");
    const subset = subsetOf(flags);
    refuseFilterBeside(args, flags, filterFlags, "check");
    const filtered = isFiltered(flags);
    const report = await withRepository(context, async (repository) =>
      check(repository, {
        targets: filtered
          ? await selectSnapshots(repository, { filter: filterOf(flags), latest: flags.is("latest") })
          : args,
        fast: flags.is("fast"),
        ...(subset && { subset }),
        ...(workers ? { workers } : {}),
        progress: output.progress,
        signal,
      }),
    );
    renderCheck(report, output);
    return report.damaged ? ExitCode.damaged : ExitCode.done;
  },
};

function subsetOf(flags: Flags): ReadSubset | undefined {
  const text = flags.text("read-data-subset");
  if (!flags.has("read-data-subset")) return undefined;
  if (flags.is("fast"))
    throw usageError("-fast reads no packfile, -read-data-subset does: give one of them", "See: plakar help check");
  return parseReadSubset(text);
}

/** What a check found, line by line. */
export function renderCheck(report: CheckReport, output: Output): void {
  for (const problem of report.storeProblems) {
    if (output.json) output.object({ type: "error", ...problem });
    else output.line(`DAMAGED ${problem.message}`);
  }
  for (const { id, files, bytes, partial, problems, gaps } of report.snapshots) {
    if (output.json) {
      output.object({
        type: "snapshot",
        snapshot: id,
        files,
        bytes,
        partial,
        problems: problems.map(shown),
        gaps: gaps.map(shown),
      });
      continue;
    }
    for (const { path, message } of problems)
      output.line(`DAMAGED ${id.slice(0, 8)}${path === undefined ? "" : `:${toDisplay(path)}`}: ${message}`);
    for (const { message } of gaps) output.line(`INCOMPLETE ${id.slice(0, 8)}: ${message}`);
    const verdict = problems.length > 0 ? count(problems.length, "problem") : "sound";
    const lacks = partial ? "; partial: some items could not be read when it was taken (info -errors)" : "";
    output.line(`${id.slice(0, 8)}: ${verdict}: ${count(files, "file")}, ${formatSize(bytes)}${lacks}`);
  }
  for (const note of report.notes) output.message(note);
  summarise(report, output);
}

function summarise(report: CheckReport, output: Output): void {
  const { snapshots, storeProblems, damaged, durationMs, read } = report;
  const hit = snapshots.filter(({ problems }) => problems.length > 0).length;
  if (output.json) {
    output.object({
      type: "summary",
      command: "check",
      damaged,
      snapshots: snapshots.length,
      snapshotsDamaged: hit,
      storeProblems: storeProblems.length,
      read,
      durationMs,
    });
    return;
  }
  const took = formatDuration(durationMs);
  const share = readShare(report);
  if (damaged)
    output.line(
      `check found damage in ${took}: ${hit} of ${count(snapshots.length, "snapshot")} ${hit === 1 ? "is" : "are"} hit; restore what is whole, and back up again${share}`,
    );
  else output.line(`check found no damage in ${took}: ${count(snapshots.length, "snapshot")}${share}`);
}

/** What was not read is not vouched for, and that is said. */
function readShare({ read }: CheckReport): string {
  const { packfiles, packfilesInAll, bytes, bytesInAll } = read;
  if (packfilesInAll === packfiles) return "";
  if (packfiles === 0) return " (structure only: no packfile was read, and what is damaged inside would not be seen)";
  const percent = bytesInAll === 0 ? 0 : (bytes / bytesInAll) * 100;
  return ` (read ${packfiles} of ${count(packfilesInAll, "packfile")}, ${formatSize(bytes)} of ${formatSize(bytesInAll)}, ${percent.toFixed(1)} %: damage in the others would not be seen)`;
}

function shown(problem: Problem): Omit<Problem, "path"> & { readonly path?: string } {
  const { path, ...rest } = problem;
  return path === undefined ? rest : { ...rest, path: toDisplay(path) };
}
