import { count, environment, formatDuration, formatSize, fromText, toDisplay } from "../../foundation/index.ts";
import {
  type BackupOptions,
  type BackupReport,
  backup,
  check,
  type LeaveOutOptions,
  readPathList,
  readPatternFile,
  SourceAhead,
} from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { withRepository } from "../store.ts";
import { renderCheck } from "./check.ts";

export const backupCommand: Command = {
  name: "backup",
  summary: "take a snapshot of files and directories",
  usage: "backup [flags] [PATH...|stdin:NAME|tar:FILE]",
  description: [
    "Takes a snapshot of the paths, or of the working directory. Files that have not changed since the last snapshot of the",
    "same place are not read again. What cannot be read is listed, recorded in the snapshot, and makes the exit code 3.",
  ],
  flags: [
    { name: "name", kind: "text", value: "NAME", help: "name of the snapshot" },
    { name: "category", kind: "text", value: "TEXT", help: "category of the snapshot" },
    { name: "environment", kind: "text", value: "TEXT", help: "environment of the snapshot" },
    { name: "perimeter", kind: "text", value: "TEXT", help: "perimeter of the snapshot" },
    { name: "job", kind: "text", value: "TEXT", help: "job of the snapshot" },
    { name: "tag", kind: "list", value: "A,B", help: "tags of the snapshot" },
    { name: "force-timestamp", kind: "time", value: "TIME", help: "time of the snapshot instead of now" },
    { name: "cache", kind: "choice", choices: ["parent", "vfs", "path", "no"], help: "no: read every file again" },
    {
      name: "distrust",
      kind: "list",
      value: "PACKFILE,...",
      help: "do not rely on packfiles that check called damaged: store again what is needed of them",
    },
    { name: "skip-unchanged", kind: "boolean", help: "leave no snapshot when nothing has changed" },
    {
      name: "ignore",
      kind: "each",
      value: "PATTERN",
      help: "leave out what matches, as .gitignore has it (any number)",
    },
    { name: "exclude", kind: "each", value: "PATTERN", help: "the same as -ignore" },
    { name: "ignore-file", kind: "each", value: "FILE", help: "patterns from a file, one a line (any number)" },
    { name: "gitignore", kind: "boolean", help: "obey the .gitignore files that are found" },
    { name: "exclude-caches", kind: "boolean", help: "leave out what is in directories with a CACHEDIR.TAG" },
    { name: "exclude-if-present", kind: "each", value: "NAME", help: "leave out what is beside a file of this name" },
    { name: "larger-than", kind: "size", value: "SIZE", help: "leave out files that are larger" },
    { name: "one-file-system", kind: "boolean", help: "do not enter other file systems" },
    {
      name: "files-from",
      kind: "each",
      value: "FILE",
      help: "back up what a file lists, one path a line; - is standard input",
    },
    { name: "no-xattr", kind: "boolean", help: "leave out extended attributes" },
    { name: "padding", kind: "boolean", help: "hide sizes: pad packfiles at random, and take a key for each blob" },
    {
      name: "stdin-command",
      kind: "text",
      value: "COMMAND",
      help: "save what a shell command prints; it must end with 0",
    },
    { name: "check", kind: "boolean", help: "verify the snapshot after it was taken" },
    { name: "dry-run", kind: "boolean", help: "read everything and say what a backup would add, but store nothing" },
  ],
  examples: [
    ["plakar at /srv/backup backup /home", "Back up /home."],
    ["pg_dump shop | plakar backup stdin:shop.sql", "Save what comes through a pipe, as /shop.sql."],
    ["plakar backup -stdin-command 'pg_dump shop' stdin:shop.sql", "The same, but no snapshot when pg_dump fails."],
    ["plakar backup tar:old.tar.gz", "Save what is in an archive."],
    ["plakar backup -ignore '*.o' -exclude-caches -gitignore /home", "Leave out what can be made again."],
    ["plakar at /srv/backup backup -tag nightly -skip-unchanged /etc", "Back up /etc unless it is as it was."],
  ],
  async run(context) {
    const { args, flags, output, signal } = context;
    const given = [...args, ...flags.list("files-from").flatMap(readPathList)];
    const command = flags.text("stdin-command");
    const options: BackupOptions = {
      paths: given.length > 0 || command !== "" || flags.list("files-from").length > 0 ? given : ["."],
      leaveOut: leaveOutOf(context),
      oneFileSystem: flags.is("one-file-system"),
      ...(command !== "" && { stdinCommand: command }),
      name: flags.text("name", "default"),
      category: flags.text("category"),
      environment: flags.text("environment"),
      perimeter: flags.text("perimeter"),
      job: flags.text("job"),
      tags: [...flags.list("tag"), ...(environment("PLAKAR_TAGS")?.split(",").filter(Boolean) ?? [])],
      ...optional("timestampNs", flags.time("force-timestamp")),
      ...optional("workers", flags.number("cpu") || undefined),
      distrust: flags.list("distrust"),
      skipUnchanged: flags.is("skip-unchanged"),
      noXattr: flags.is("no-xattr"),
      padding: flags.is("padding"),
      dryRun: flags.is("dry-run"),
      cache: flags.text("cache") === "no" ? "no" : "parent",
      commandLine: context.commandLine,
      progress: output.progress,
      signal,
    };
    let ahead: SourceAhead | undefined;
    const begin = (location: string): void => {
      ahead = SourceAhead.begin(location, options, (message) => output.warning(message));
    };
    const work = async (repository: Parameters<typeof backup>[0]): Promise<number> => {
      if (repository.configuration.encryption === null && environment("PLAKAR_PASSPHRASE") !== undefined)
        output.warning(`PLAKAR_PASSPHRASE is of no use: ${repository.location} is not encrypted, anybody can read it`);
      const report = await backup(repository, options, ahead);
      render(report, output, flags.is("dry-run"));
      if (flags.is("check") && report.snapshot !== null && !(await isSound(context, repository, report.snapshot)))
        return ExitCode.damaged;
      return report.failures.length > 0 ? ExitCode.incomplete : ExitCode.done;
    };
    try {
      return await withRepository(context, work, begin);
    } finally {
      ahead?.stop();
    }
  },
};

/** Reads back everything that the snapshot refers to, and says what is wrong with it. */
async function isSound(
  { output, signal }: CommandContext,
  repository: Parameters<typeof backup>[0],
  snapshot: string,
): Promise<boolean> {
  const checked = await check(repository, { targets: [snapshot], fast: false, progress: output.progress, signal });
  renderCheck(checked, output);
  return !checked.damaged;
}

/** What is said on the command line stands behind what files say, and so above it. */
function leaveOutOf({ flags }: CommandContext): LeaveOutOptions {
  const typed = [...flags.list("ignore"), ...flags.list("exclude")].map(fromText);
  const patterns = [...flags.list("ignore-file").flatMap(readPatternFile), ...typed];
  return {
    patterns,
    gitignore: flags.is("gitignore"),
    cacheDirectories: flags.is("exclude-caches"),
    ifPresent: flags.list("exclude-if-present").map(fromText),
    ...optional("largerThanBytes", flags.number("larger-than")),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function render(report: BackupReport, output: Output, dryRun: boolean): void {
  if (output.json) {
    const { failures, root, warnings: _warnings, ...numbers } = report;
    output.object({ type: "summary", command: "backup", ...numbers, root: toDisplay(root), errors: failures.length });
    return;
  }
  const { filesNew, filesChanged, filesUnchanged, bytesRead, bytesAdded, durationMs } = report;
  const did =
    `${filesNew} new, ${filesChanged} changed, ${count(filesUnchanged, "unchanged file")}; ` +
    `read ${formatSize(bytesRead)}, ${dryRun ? "would add" : "added"} ${formatSize(bytesAdded)} in ${formatDuration(durationMs)}`;
  const excluded = report.excluded > 0 ? `; ${count(report.excluded, "item")} left out` : "";
  const failed = report.failures.length > 0 ? `; ${count(report.failures.length, "item")} could not be read` : "";
  if (report.snapshot)
    output.line(`${report.snapshot.slice(0, 8)}: ${toDisplay(report.root)}: ${did}${excluded}${failed}`);
  else if (dryRun) output.line(`dry run of ${toDisplay(report.root)}, nothing is stored: ${did}${excluded}${failed}`);
  else output.line(`no snapshot of ${toDisplay(report.root)}: ${did}${excluded}${failed}`);
}
