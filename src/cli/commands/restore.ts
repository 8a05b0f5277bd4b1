import { formatDuration, formatSize, toDisplay } from "../../foundation/index.ts";
import { type RestoreReport, restore } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

export const restoreCommand: Command = {
  name: "restore",
  summary: "restore files and directories",
  usage: "restore -to DIRECTORY [flags] [SNAPSHOT[:PATH]]",
  description: [
    "Restores a snapshot, or what lies at PATH in it, into DIRECTORY; without SNAPSHOT the newest one. What was below the",
    "source's root lands in DIRECTORY itself; SNAPSHOT:/ restores the whole absolute tree below it.",
    "Nothing is ever written outside DIRECTORY. Every byte is verified; what cannot be restored is listed: exit code 65 when the",
    "store has lost it, else 3.",
  ],
  flags: [
    { name: "to", kind: "text", value: "DIRECTORY", help: "where to; it is made when it does not exist" },
    { name: "skip-permissions", kind: "boolean", help: "leave owners and modes as new files have them" },
  ],
  examples: [
    ["plakar restore -to /tmp/back latest", "Restore the newest snapshot."],
    ["plakar restore -to . b2c70a17:/etc/fstab", "Restore one file."],
  ],
  async run(context) {
    const { args, flags, output, signal } = context;
    if (args.length > 1) throw usageError("restore takes one snapshot", "See: plakar help restore");
    const to = flags.text("to");
    if (to === "") throw usageError("restore needs -to DIRECTORY", "See: plakar help restore");
    const workers = flags.number("cpu");
    const report = await withRepository(context, (repository) =>
      restore(repository, {
        target: args[0] ?? "",
        to,
        skipPermissions: flags.is("skip-permissions"),
        ...(workers ? { workers } : {}),
        progress: output.progress,
        signal,
      }),
    );
    render(report, output);
    if (report.failures.some(({ damaged }) => damaged)) return ExitCode.damaged;
    return report.failures.length > 0 || report.partial ? ExitCode.incomplete : ExitCode.done;
  },
};

function render(report: RestoreReport, output: Output): void {
  const { snapshot, to, files, directories, links, bytes, failures, partial, durationMs } = report;
  for (const warning of report.warnings) output.warning(warning);
  if (partial)
    output.warning(
      `snapshot ${snapshot.slice(0, 8)} lacks items that could not be read when it was taken: plakar info -errors ${snapshot.slice(0, 8)}`,
    );
  if (output.json) {
    output.object({
      type: "summary",
      command: "restore",
      snapshot,
      to,
      files,
      directories,
      links,
      bytes,
      partial,
      durationMs,
      errors: failures.length,
      failures: failures.map((failure) => ({ ...failure, path: toDisplay(failure.path) })),
    });
    return;
  }
  const failed = failures.length > 0 ? `; ${failures.length} items FAILED` : "";
  output.line(
    `${snapshot.slice(0, 8)}: restored ${files} files (${formatSize(bytes)}), ${directories} directories, ${links} links to ${to} in ${formatDuration(durationMs)}${failed}`,
  );
}
