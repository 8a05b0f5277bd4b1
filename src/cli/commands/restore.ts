import { formatDuration, formatSize, formatTime, fromText, systemClock, toDisplay } from "../../foundation/index.ts";
import { type RestoreReport, restore, wantedBy } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { withRepository } from "../store.ts";

const overwriteRules = ["always", "if-changed", "if-newer", "never"] as const;

export const restoreCommand: Command = {
  name: "restore",
  summary: "restore files and directories",
  usage: "restore [-to DIRECTORY] [flags] [SNAPSHOT[:PATH]...]",
  description: [
    "Restores a snapshot, or what lies at PATH in it, into DIRECTORY; without SNAPSHOT the newest one. What was below the",
    "source's root lands in DIRECTORY itself; SNAPSHOT:/ restores the whole absolute tree below it.",
    "Nothing is ever written outside DIRECTORY. Every byte is verified; what cannot be restored is listed: exit code 65 when the",
    "store has lost it, else 3.",
    "",
    "Files that are there already are compared with the snapshot, and only what differs is fetched and written, in place: a",
    "restore that was interrupted goes on where it stopped.",
  ],
  flags: [
    {
      name: "to",
      kind: "text",
      value: "DIRECTORY",
      help: "where to; it is made when it does not exist (default: plakar-TIME here)",
    },
    {
      name: "overwrite",
      kind: "choice",
      choices: overwriteRules,
      help: "what is there already; if-changed, the default, writes what differs",
    },
    { name: "include", kind: "each", value: "PATTERN", help: "only what matches, as .gitignore has it (any number)" },
    { name: "exclude", kind: "each", value: "PATTERN", help: "not what matches (any number)" },
    { name: "delete", kind: "boolean", help: "remove from restored directories what the snapshot does not have" },
    { name: "dry-run", kind: "boolean", help: "change nothing, and say what would happen" },
    { name: "verify", kind: "boolean", help: "read every file back after it was written" },
    { name: "no-sparse", kind: "boolean", help: "write zeros where holes could be left" },
    { name: "skip-permissions", kind: "boolean", help: "leave owners and modes as new files have them" },
  ],
  examples: [
    ["plakar restore -to /tmp/back latest", "Restore the newest snapshot."],
    ["plakar restore -to . -include '*.md' -exclude node_modules latest:/home/me", "Restore some files."],
    ["plakar restore -to . b2c70a17:/etc/fstab", "Restore one file."],
    ["plakar restore -to /srv/www -delete -dry-run latest", "Say what it takes to make a directory what it was."],
  ],
  async run(context) {
    const { flags, output } = context;
    const report = await withRepository(context, (repository) => restore(repository, optionsOf(context)));
    render(report, output, flags.is("dry-run"));
    if (report.failures.some(({ damaged }) => damaged)) return ExitCode.damaged;
    return report.failures.length > 0 || report.partial ? ExitCode.incomplete : ExitCode.done;
  },
};

function optionsOf({ args, flags, output, signal }: CommandContext): Parameters<typeof restore>[1] {
  const workers = flags.number("cpu");
  const overwrite = overwriteRules.find((rule) => rule === flags.text("overwrite"));
  return {
    targets: args.length > 0 ? args : [""],
    // as the Go implementation names it
    to: flags.text("to") || `plakar-${formatTime(systemClock.nowNs())}`,
    skipPermissions: flags.is("skip-permissions"),
    ...(overwrite && { overwrite }),
    wants: wantedBy(flags.list("include").map(fromText), flags.list("exclude").map(fromText)),
    delete: flags.is("delete"),
    dryRun: flags.is("dry-run"),
    verify: flags.is("verify"),
    noSparse: flags.is("no-sparse"),
    ...(workers ? { workers } : {}),
    progress: output.progress,
    signal,
  };
}

function render(report: RestoreReport, output: Output, dryRun: boolean): void {
  const { snapshots, failures, partial, warnings, ...numbers } = report;
  const shown = snapshots.map((id) => id.slice(0, 8)).join(", ");
  for (const warning of warnings) output.warning(warning);
  if (partial)
    output.warning(
      `snapshot ${shown} lacks items that could not be read when it was taken: plakar info -errors ${shown}`,
    );
  if (output.json) {
    output.object({
      type: "summary",
      command: "restore",
      snapshot: snapshots[0],
      snapshots,
      dryRun,
      ...numbers,
      partial,
      errors: failures.length,
      failures: failures.map((failure) => ({ ...failure, path: toDisplay(failure.path) })),
    });
    return;
  }
  output.line(
    `${shown}: ${dryRun ? "would restore" : "restored"} ${whatOf(report)} in ${formatDuration(report.durationMs)}${failedOf(report)}`,
  );
}

function whatOf(report: RestoreReport): string {
  const { files, bytes, bytesWritten, directories, links, filesUnchanged, filesUpdated, kept, removed, to } = report;
  const before = [
    filesUnchanged > 0 ? `${filesUnchanged} files were as they should be` : "",
    filesUpdated > 0 ? `${filesUpdated} changed in place` : "",
    filesUnchanged + filesUpdated > 0 ? `${formatSize(bytesWritten)} written` : "",
    kept > 0 ? `${kept} items left as they are` : "",
    removed > 0 ? `${removed} items removed` : "",
  ].filter(Boolean);
  const extra = before.length > 0 ? ` (${before.join(", ")})` : "";
  return `${files} files (${formatSize(bytes)}), ${directories} directories, ${links} links to ${to}${extra}`;
}

function failedOf({ failures }: RestoreReport): string {
  return failures.length > 0 ? `; ${failures.length} items FAILED` : "";
}
