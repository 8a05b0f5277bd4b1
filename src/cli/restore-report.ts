import { count, formatDuration, formatSize, toDisplay } from "../foundation/index.ts";
import type { RestoreReport } from "../operations/index.ts";
import type { Output } from "./output.ts";

/** What a restore into files did, or with a dry run would do. */
export function renderRestored(report: RestoreReport, output: Output, dryRun: boolean): void {
  const { snapshots, failures, leftOut, partial, warnings: _told, ...numbers } = report;
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
      leftOut: leftOut.map(({ what, paths }) => ({ what, items: paths.length, paths: paths.map(toDisplay) })),
    });
    return;
  }
  output.line(
    `${shown}: ${dryRun ? "would restore" : "restored"} ${whatOf(report)} in ${formatDuration(report.durationMs)}${failedOf(report)}`,
  );
}

/** What a restore to standard output did: beside it, on standard error. */
export function renderStreamed(report: RestoreReport, output: Output): void {
  warn(report, output);
  const { snapshots, durationMs } = report;
  output.message(
    `${snapshots[0]?.slice(0, 8)}: restored ${itemsOf(report)} to standard output in ${formatDuration(durationMs)}${failedOf(report)}`,
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
