import { formatDuration, formatSize, formatTime, type ItemKind, toDisplay } from "../../foundation/index.ts";
import {
  type ListedEntry,
  listDirectory,
  listSnapshots,
  type SnapshotListing,
  usageOf,
} from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { filterFlags, filterOf, refuseFilterBeside } from "../filter-flags.ts";
import { withRepository } from "../store.ts";

type Repository = Parameters<typeof listDirectory>[0];

const SIZE_WIDTH = 8;
const DURATION_WIDTH = 10;

export const lsCommand: Command = {
  name: "ls",
  summary: "list snapshots, or what is in one",
  usage: "ls [flags] [SNAPSHOT[:PATH]...]",
  description: [
    "Without arguments: all snapshots, newest first. With SNAPSHOT or SNAPSHOT:PATH: what that directory holds.",
    "SNAPSHOT is the beginning of an id, or `latest`.",
  ],
  flags: [
    { name: "recursive", kind: "boolean", help: "everything below, with absolute paths" },
    { name: "summary", kind: "boolean", help: "what each directory holds with all that is below it" },
    { name: "uuid", kind: "boolean", help: "whole ids" },
    ...filterFlags,
  ],
  examples: [
    ["plakar ls latest:/etc", "What the newest snapshot has of /etc."],
    ["plakar ls -since 30d -tag nightly", "Snapshots of the last thirty days with that tag."],
  ],
  run: (context) =>
    withRepository(context, async (repository) => {
      const { args, flags, output } = context;
      refuseFilterBeside(args, flags, filterFlags, "ls");
      if (args.length === 0) {
        const all = await listSnapshots(repository, filterOf(flags));
        for (const each of flags.is("latest") ? all.slice(0, 1) : all) {
          if (output.readerIsGone) break;
          if (output.json)
            output.object({
              ...each,
              sourceType: each.type,
              type: "snapshot",
              snapshot: each.id,
              root: toDisplay(each.root),
              time: formatTime(each.timestampNs),
            });
          else output.line(snapshotLine(each, flags.is("uuid")));
        }
      }
      if (flags.is("summary")) return listSummaries(context, repository);
      for (const target of args) {
        const recursive = flags.is("recursive");
        for await (const entry of listDirectory(repository, target, { recursive })) {
          if (output.readerIsGone) return 0;
          if (output.json) output.object(entryObject(entry));
          else output.line(entryLine(entry, recursive));
        }
      }
      return 0;
    }),
};

/** A directory, and those in it, each with its totals. */
async function listSummaries({ args, flags, output, signal }: CommandContext, repository: Repository): Promise<number> {
  const maxDepth = flags.is("recursive") ? undefined : 1;
  for (const target of args) {
    for await (const usage of usageOf(repository, target, { ...(maxDepth !== undefined && { maxDepth }), signal })) {
      if (output.readerIsGone) return 0;
      const { path, sizeBytes, files, directories, symlinks, special, errors } = usage;
      if (output.json) output.object({ type: "usage", ...usage, path: toDisplay(path) });
      else
        output.line(
          `${formatSize(sizeBytes).padStart(SIZE_WIDTH)} ${String(files).padStart(8)} files ${String(directories).padStart(6)} directories ` +
            `${String(symlinks + special).padStart(6)} others ${errors > 0 ? `${errors} errors ` : ""}${toDisplay(path)}`,
        );
    }
  }
  return 0;
}

/** `2026-01-03T03:04:05Z   b2c70a17   2.7 MiB        0s /srv/tree [tags=a,b]` */
export function snapshotLine(listing: SnapshotListing, wholeId: boolean): string {
  const { id, timestampNs, sizeBytes, durationNs, root, tags } = listing;
  const size = formatSize(sizeBytes).padStart(SIZE_WIDTH);
  const duration = formatDuration(Number(durationNs) / 1e6).padStart(DURATION_WIDTH);
  const tagged = tags.length > 0 ? ` [tags=${tags.join(",")}]` : "";
  return `${formatTime(timestampNs)}   ${wholeId ? id : id.slice(0, 8)}  ${size}${duration} ${toDisplay(root)}${tagged}`;
}

const kindLetters: Readonly<Record<ItemKind, string>> = {
  file: "-",
  directory: "d",
  symlink: "L",
  fifo: "p",
  socket: "S",
  "character-device": "c",
  "block-device": "b",
};

function entryLine(entry: ListedEntry, absolute: boolean): string {
  const owner = entry.userName || String(entry.userId);
  const group = entry.groupName || String(entry.groupId);
  const name = absolute ? entry.path : entry.path.slice(entry.path.lastIndexOf("/") + 1);
  const size = formatSize(entry.sizeBytes).padStart(SIZE_WIDTH);
  const link = entry.symlinkTarget === undefined ? "" : ` -> ${toDisplay(entry.symlinkTarget)}`;
  const shown = `${toDisplay(name as ListedEntry["path"])}${link}`;
  return `${formatTime(entry.modifiedNs)} ${modeText(entry)} ${owner.padStart(8)} ${group.padStart(8)} ${size} ${shown}`;
}

function entryObject(entry: ListedEntry): Record<string, unknown> {
  const { path, symlinkTarget, ...rest } = entry;
  return {
    type: "entry",
    ...rest,
    path: toDisplay(path),
    ...(symlinkTarget !== undefined && { symlinkTarget: toDisplay(symlinkTarget) }),
    time: formatTime(entry.modifiedNs),
  };
}

function modeText({ kind, permissions }: ListedEntry): string {
  const bits = ["r", "w", "x", "r", "w", "x", "r", "w", "x"].map((letter, i) =>
    permissions & (0o400 >> i) ? letter : "-",
  );
  const special = [
    [0o4000, 2, "s", "S"],
    [0o2000, 5, "s", "S"],
    [0o1000, 8, "t", "T"],
  ] as const;
  for (const [bit, at, withX, without] of special) if (permissions & bit) bits[at] = bits[at] === "x" ? withX : without;
  return kindLetters[kind] + bits.join("");
}
