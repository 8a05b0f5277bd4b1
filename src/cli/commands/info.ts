import { count, formatDuration, formatSize, formatTime, toDisplay, toHex } from "../../foundation/index.ts";
import { describeSnapshot, describeStore, snapshotErrors } from "../../operations/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { usageError } from "../parse.ts";
import { withRepository } from "../store.ts";

type Repository = Parameters<typeof describeStore>[0];

export const infoCommand: Command = {
  name: "info",
  summary: "describe the store or a snapshot",
  usage: "info [-errors] [SNAPSHOT]",
  description: [
    "Describes the store, or one snapshot: when, where and what it holds. With -errors it lists what could not be read.",
  ],
  flags: [{ name: "errors", kind: "boolean", help: "list what could not be read when the snapshot was taken" }],
  examples: [["plakar info latest", "Describe the newest snapshot."]],
  run: (context) =>
    withRepository(context, async (repository) => {
      const [target] = context.args;
      if (context.args.length > 1) throw usageError("info takes one snapshot", "See: plakar help info");
      if (target !== undefined && /:./s.test(target))
        throw usageError("info describes whole snapshots", `For what is in one: plakar diag vfs ${target}`);
      if (context.flags.is("errors")) await showErrors(context, repository, target ?? "latest");
      else if (target === undefined) await showStore(context, repository);
      else await showSnapshot(context, repository, target);
      return 0;
    }),
};

async function showStore({ output }: CommandContext, repository: Repository): Promise<void> {
  const store = await describeStore(repository);
  if (output.json) return output.object({ type: "store", ...store, time: formatTime(store.timestampNs) });
  const { chunking, encryption, compression } = store;
  output.line(`Location: ${store.location}`);
  output.line(`Repository: ${store.repositoryId}`);
  output.line(`Version: ${store.version >>> 16}.${(store.version >>> 8) & 255}.${store.version & 255}`);
  output.line(`Created: ${formatTime(store.timestampNs)}`);
  output.line(`Packfiles: up to ${formatSize(store.packfile.maxBytes)}`);
  output.line(
    `Chunking: ${chunking.algorithm}, ${formatSize(chunking.minBytes)} to ${formatSize(chunking.maxBytes)}, normally ${formatSize(chunking.normalBytes)}`,
  );
  output.line(`Hashing: ${store.hashing.algorithm}, ${store.hashing.bits} bits`);
  output.line(`Compression: ${compression?.algorithm ?? "none"}`);
  if (encryption) {
    const parameters = Object.entries(encryption.parameters).map(([name, value]) => `${name} ${value}`);
    output.line(`Encryption: ${encryption.dataAlgorithm}, subkeys by ${encryption.subKeyAlgorithm}`);
    output.line(`Key derivation: ${encryption.kdf} (${parameters.join(", ")})`);
  } else output.line("Encryption: none");
  output.line(`Snapshots: ${store.snapshots}`);
  output.line(
    `Storage size: ${formatSize(store.storageBytes)} in ${count(store.packfiles, "packfile")} and ${count(store.states, "state")}`,
  );
  output.line(`Logical size: ${formatSize(store.logicalBytes)}`);
}

async function showSnapshot({ output }: CommandContext, repository: Repository, target: string): Promise<void> {
  const { id, header } = await describeSnapshot(repository, target);
  if (output.json) {
    const sources = header.sources.map((source) => ({
      ...source,
      importer: { ...source.importer, directory: toDisplay(source.importer.directory) },
    }));
    return output.object({ type: "snapshot", snapshot: id, ...header, identifier: id, sources });
  }
  output.line(`Snapshot: ${id}`);
  output.line(`Taken: ${formatTime(header.timestampNs)} in ${formatDuration(Number(header.durationNs) / 1e6)}`);
  for (const field of ["name", "category", "environment", "perimeter", "job"] as const) {
    if (header[field] !== "") output.line(`${field[0]?.toUpperCase()}${field.slice(1)}: ${header[field]}`);
  }
  if (header.tags && header.tags.length > 0) output.line(`Tags: ${header.tags.join(", ")}`);
  for (const { key, value } of header.context ?? []) output.line(`${key}: ${value}`);
  for (const { importer, root, summary } of header.sources) {
    output.line(`Source: ${importer.type}://${importer.origin}${toDisplay(importer.directory)}`);
    output.line(
      `Trees: entries ${toHex(root.root).slice(0, 16)}, attributes ${toHex(root.xattrs).slice(0, 16)}, errors ${toHex(root.errors).slice(0, 16)}`,
    );
    const total = (name: "files" | "directories" | "symlinks" | "size" | "errors"): number =>
      (summary.directory[name] ?? 0) + (summary.below[name] ?? 0);
    output.line(
      `Holds: ${count(total("files"), "file")} (${formatSize(total("size"))}), ${count(total("directories"), "directory", "directories")}, ${count(total("symlinks"), "link")}`,
    );
    output.line(`Errors: ${total("errors")}`);
  }
}

async function showErrors({ output }: CommandContext, repository: Repository, target: string): Promise<void> {
  for await (const { path, message } of snapshotErrors(repository, target)) {
    if (output.json) output.object({ type: "error", path: toDisplay(path), message });
    else output.line(`${toDisplay(path)}: ${message}`);
  }
}
