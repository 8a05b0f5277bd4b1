import { environment, formatDuration, formatSize, toDisplay } from "../../foundation/index.ts";
import { type BackupReport, backup } from "../../operations/index.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { withRepository } from "../store.ts";

export const backupCommand: Command = {
  name: "backup",
  summary: "take a snapshot of files and directories",
  usage: "backup [flags] [PATH...]",
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
    { name: "no-xattr", kind: "boolean", help: "leave out extended attributes" },
    { name: "padding", kind: "boolean", help: "hide sizes: pad packfiles at random, and take a key for each blob" },
    { name: "dry-run", kind: "boolean", help: "read everything and say what a backup would add, but store nothing" },
  ],
  examples: [
    ["plakar at /srv/backup backup /home", "Back up /home."],
    ["plakar at /srv/backup backup -tag nightly -skip-unchanged /etc", "Back up /etc unless it is as it was."],
  ],
  async run(context) {
    const { args, flags, output, signal } = context;
    const report = await withRepository(context, (repository) => {
      if (repository.configuration.encryption === null && environment("PLAKAR_PASSPHRASE") !== undefined)
        output.warning(`PLAKAR_PASSPHRASE is of no use: ${repository.location} is not encrypted, anybody can read it`);
      return backup(repository, {
        paths: args.length > 0 ? args : ["."],
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
      });
    });
    render(report, output, flags.is("dry-run"));
    return report.failures.length > 0 ? ExitCode.incomplete : ExitCode.done;
  },
};

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
    `${filesNew} new, ${filesChanged} changed, ${filesUnchanged} unchanged files; ` +
    `read ${formatSize(bytesRead)}, ${dryRun ? "would add" : "added"} ${formatSize(bytesAdded)} in ${formatDuration(durationMs)}`;
  const failed = report.failures.length > 0 ? `; ${report.failures.length} items could not be read` : "";
  if (report.snapshot) output.line(`${report.snapshot.slice(0, 8)}: ${toDisplay(report.root)}: ${did}${failed}`);
  else if (dryRun) output.line(`dry run of ${toDisplay(report.root)}, nothing is stored: ${did}${failed}`);
  else output.line(`no snapshot of ${toDisplay(report.root)}: ${did}${failed}`);
}
