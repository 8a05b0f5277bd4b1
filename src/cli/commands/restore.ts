import { formatTime, fromText, PlakarError, systemClock } from "../../foundation/index.ts";
import { isNewestTarget, type RestoreReport, restore, restoreToStream, wantedBy } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { fieldFlags, filterOf, refuseFilterBeside } from "../filter-flags.ts";
import { usageError } from "../parse.ts";
import { renderRestored, renderStreamed } from "../restore-report.ts";
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
    // `latest` is the newest of those that the flags choose
    const named = context.args.filter((target) => !isNewestTarget(target));
    refuseFilterBeside(named, flags, fieldFlags, "restore");
    const toOutput = flags.text("to") === "-";
    const report = await withRepository(context, (repository) =>
      toOutput ? restoreToStream(repository, streamOptionsOf(context)) : restore(repository, optionsOf(context)),
    );
    if (toOutput && output.readerIsGone && output.failure === undefined) throw streamClosed();
    requireSomething(report, flags);
    if (toOutput) renderStreamed(report, output);
    else renderRestored(report, output, flags.is("dry-run"));
    if (report.failures.some(({ damaged }) => damaged)) return ExitCode.damaged;
    const isWhole = report.failures.length === 0 && report.leftOut.length === 0 && !report.partial;
    return isWhole ? ExitCode.done : ExitCode.incomplete;
  },
};

function streamClosed(): PlakarError {
  return new PlakarError("output-closed", "standard output was closed before everything was written", {
    kind: "unavailable",
    advice: "What has arrived is not whole. Look at what reads it.",
  });
}

/** Patterns that nothing fits are a mistake more often than a wish. */
function requireSomething(report: RestoreReport, flags: CommandContext["flags"]): void {
  const { files, directories, links, kept, removed, failures } = report;
  if (files + directories + links + kept + removed + failures.length > 0) return;
  if (!flags.has("include") && !flags.has("exclude")) return;
  throw new PlakarError("nothing-selected", "nothing in the snapshot is as -include and -exclude want it", {
    kind: "missing",
    advice: "See what there is: plakar ls -recursive SNAPSHOT. Patterns are those of .gitignore, from the target on.",
  });
}

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
