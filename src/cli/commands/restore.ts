import {
  count,
  formatDuration,
  formatSize,
  formatTime,
  fromText,
  systemClock,
  toDisplay,
} from "../../foundation/index.ts";
import { type RestoreReport, restore, restoreToStream, wantedBy } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { fieldFlags, filterOf } from "../filter-flags.ts";
import type { Output } from "../output.ts";
import { usageError } from "../parse.ts";
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
    "",
    "With `-to -` a file goes to standard output as it is, and a directory as a tar archive of what is below it.",
  ],
  flags: [
    {
      name: "to",
      kind: "text",
      value: "DIRECTORY",
      help: "where to, made when missing (default: plakar-TIME here); -: standard output",
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
    ...fieldFlags.map((flag) => ({ ...flag, help: `without SNAPSHOT: ${flag.help}` })),
    { name: "skip-permissions", kind: "boolean", help: "leave owners and modes as new files have them" },
  ],
  examples: [
    ["plakar restore -to /tmp/back latest", "Restore the newest snapshot."],
    ["plakar restore -to . -include '*.md' -exclude node_modules latest:/home/me", "Restore some files."],
    ["plakar restore -to . b2c70a17:/etc/fstab", "Restore one file."],
    ["plakar restore -to - latest:/home/me | tar -t", "A directory as a tar archive."],
    ["plakar restore -to /srv/www -delete -dry-run latest", "Say what it takes to make a directory what it was."],
  ],
  async run(context) {
    const { flags, output } = context;
    refuseFilterBesideSnapshot(context);
    const toOutput = flags.text("to") === "-";
    const report = await withRepository(context, (repository) =>
      toOutput ? restoreToStream(repository, streamOptionsOf(context)) : restore(repository, optionsOf(context)),
    );
    if (toOutput) renderStream(report, output);
    else render(report, output, flags.is("dry-run"));
    if (report.failures.some(({ damaged }) => damaged)) return ExitCode.damaged;
    return report.failures.length > 0 || report.partial ? ExitCode.incomplete : ExitCode.done;
  },
};

/** As the Go implementation names it; a colon on Windows would begin the name of a stream. */
function defaultTarget(): string {
  const name = `plakar-${formatTime(systemClock.nowNs())}`;
  return process.platform === "win32" ? name.replaceAll(":", "-") : name;
}

/** What of a restore into files makes no sense in a stream. */
const forFiles = ["overwrite", "delete", "dry-run", "verify", "no-sparse", "skip-permissions"];

function streamOptionsOf({ args, flags, output, signal }: CommandContext): Parameters<typeof restoreToStream>[1] {
  const said = forFiles.find((name) => flags.has(name));
  if (said) throw usageError(`-${said} is for a restore into files, not to standard output`, "Leave it away.");
  if (args.length > 1) throw usageError("standard output takes one file or directory", "Name one: SNAPSHOT:PATH");
  if (output.json)
    throw usageError("-json and what is restored cannot both go to standard output", "Leave -json away.");
  if (process.stdout.isTTY)
    throw usageError(
      "what is restored would go to the terminal",
      "Put a pipe or a file behind it: > FILE, or | tar -t",
    );
  return {
    target: args[0] ?? "",
    filter: filterOf(flags),
    wants: wantedBy(flags.list("include").map(fromText), flags.list("exclude").map(fromText)),
    write: (bytes) => {
      output.bytes(bytes);
      return !output.readerIsGone && output.failure === undefined;
    },
    progress: output.progress,
    signal,
  };
}

/** The flags choose the newest snapshot among some; a snapshot that is named is chosen already. */
function refuseFilterBesideSnapshot({ args, flags }: CommandContext): void {
  const said = fieldFlags.find(({ name }) => flags.has(name));
  const named = args.find((target) => !/^(latest)?(:|$)/.test(target));
  if (!said || named === undefined) return;
  throw usageError(
    `-${said.name} chooses among snapshots, and ${named} is one already`,
    "Leave one of the two away. See: plakar help restore",
  );
}

function renderStream(report: RestoreReport, output: Output): void {
  warn(report, output);
  const { snapshots, durationMs } = report;
  output.message(
    `${snapshots[0]?.slice(0, 8)}: restored ${itemsOf(report)} to standard output in ${formatDuration(durationMs)}${failedOf(report)}`,
  );
}

function optionsOf({ args, flags, output, signal }: CommandContext): Parameters<typeof restore>[1] {
  const workers = flags.number("cpu");
  const overwrite = overwriteRules.find((rule) => rule === flags.text("overwrite"));
  return {
    targets: args.length > 0 ? args : [""],
    filter: filterOf(flags),
    to: flags.text("to") || defaultTarget(),
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
  const { snapshots, failures, partial, warnings: _told, ...numbers } = report;
  const shown = shownIds(report);
  warn(report, output);
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

function shownIds({ snapshots }: RestoreReport): string {
  return snapshots.map((id) => id.slice(0, 8)).join(", ");
}

function warn(report: RestoreReport, output: Output): void {
  const shown = shownIds(report);
  for (const warning of report.warnings) output.warning(warning);
  if (report.partial)
    output.warning(
      `snapshot ${shown} lacks items that could not be read when it was taken: plakar info -errors ${shown}`,
    );
}

/** `3 files (1 KiB), 1 directory, 2 links`. */
function itemsOf({ files, bytes, directories, links }: RestoreReport): string {
  return `${count(files, "file")} (${formatSize(bytes)}), ${count(directories, "directory", "directories")}, ${count(links, "link")}`;
}

function whatOf(report: RestoreReport): string {
  const { bytesWritten, filesUnchanged, filesUpdated, kept, removed, to } = report;
  const before = [
    filesUnchanged > 0 ? `${count(filesUnchanged, "file")} as they should be` : "",
    filesUpdated > 0 ? `${filesUpdated} changed in place` : "",
    filesUnchanged + filesUpdated > 0 ? `${formatSize(bytesWritten)} written` : "",
    kept > 0 ? `${count(kept, "item")} left as they are` : "",
    removed > 0 ? `${count(removed, "item")} removed` : "",
  ].filter(Boolean);
  const extra = before.length > 0 ? ` (${before.join(", ")})` : "";
  return `${itemsOf(report)} to ${to}${extra}`;
}

function failedOf({ failures }: RestoreReport): string {
  return failures.length > 0 ? `; ${count(failures.length, "item")} FAILED` : "";
}
