import { formatDuration, formatSize, toDisplay } from "../../foundation/index.ts";
import { type CheckReport, check, type Problem } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { withRepository } from "../store.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "verify that everything is in the store and sound",
  usage: "check [-fast] [SNAPSHOT...]",
  description: [
    "Reads every byte of every packfile and state and follows every snapshot: all that it refers to must be there and be what",
    "was stored. Damage is named by packfile, snapshot and path, and makes the exit code 65. With SNAPSHOT only what it needs.",
  ],
  flags: [
    { name: "fast", kind: "boolean", help: "structure only: what snapshots refer to is there; contents are not read" },
    { name: "no-verify", kind: "boolean", help: "accepted: signatures are not verified in this version" },
  ],
  examples: [["plakar at /srv/backup check", "Verify the whole store."]],
  async run(context) {
    const { args, flags, output, signal } = context;
    const workers = flags.number("cpu");
    const report = await withRepository(context, (repository) =>
      check(repository, {
        targets: args,
        fast: flags.is("fast"),
        ...(workers ? { workers } : {}),
        progress: output.progress,
        signal,
      }),
    );
    renderCheck(report, output, flags.is("fast"));
    return report.damaged ? ExitCode.damaged : ExitCode.done;
  },
};

/** What a check found, line by line. */
export function renderCheck(report: CheckReport, output: Output, fast: boolean): void {
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
    const verdict = problems.length > 0 ? `${problems.length} problems` : "sound";
    const lacks = partial ? "; partial: some items could not be read when it was taken (info -errors)" : "";
    output.line(`${id.slice(0, 8)}: ${verdict}: ${files} files, ${formatSize(bytes)}${lacks}`);
  }
  for (const note of report.notes) output.message(note);
  const hit = report.snapshots.filter(({ problems }) => problems.length > 0).length;
  const took = formatDuration(report.durationMs);
  if (output.json)
    output.object({
      type: "summary",
      command: "check",
      damaged: report.damaged,
      snapshots: report.snapshots.length,
      snapshotsDamaged: hit,
      storeProblems: report.storeProblems.length,
      durationMs: report.durationMs,
    });
  else if (report.damaged)
    output.line(
      `check found damage in ${took}: ${hit} of ${report.snapshots.length} snapshots are hit; restore what is whole, and back up again`,
    );
  else
    output.line(
      `check found no damage in ${took}: ${report.snapshots.length} snapshots${fast ? " (structure only)" : ""}`,
    );
}

function shown(problem: Problem): Omit<Problem, "path"> & { readonly path?: string } {
  const { path, ...rest } = problem;
  return path === undefined ? rest : { ...rest, path: toDisplay(path) };
}
