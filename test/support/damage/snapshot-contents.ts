import { type ByteString, toEscapedText, toHex } from "../../../src/foundation/index.ts";
import { listDirectory, listSnapshots, readFile } from "../../../src/operations/index.ts";
import type { Repository } from "../../../src/repository/index.ts";
import { type Child, itemOf, openSnapshots, type SnapshotView } from "../../../src/snapshot/index.ts";

/** What is at a path of a snapshot, as one line; contents in hex. */
export type Contents = Map<ByteString, string>;

/** What `ls` shows of all snapshots, a line each by its id. */
export async function snapshotLines(repository: Repository): Promise<Map<string, string>> {
  const listed = await listSnapshots(repository);
  return new Map(listed.map((each) => [each.id, lineOf(each)]));
}

/** What `ls -recursive` shows of a snapshot. */
export async function directoryLines(repository: Repository, id: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of listDirectory(repository, `${id}:/`, { recursive: true })) lines.push(lineOf(entry));
  return lines;
}

function lineOf(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? each.toString() : each));
}

export async function allSnapshots(repository: Repository): Promise<SnapshotView[]> {
  await repository.load();
  return openSnapshots(repository);
}

/**
 * Reads all that a restore would read of a snapshot: what fails is handed to `onFailure`, and has no line. What is below a
 * directory that cannot be read is not reached.
 */
export async function readSnapshot(
  view: SnapshotView,
  onFailure: (path: ByteString, error: unknown) => void,
): Promise<Contents> {
  const contents: Contents = new Map();
  const walk = async (directory: ByteString): Promise<void> => {
    let children: readonly Child[] = [];
    try {
      children = await view.children(directory);
    } catch (error) {
      onFailure(directory, error);
    }
    for (const child of children) {
      try {
        contents.set(child.path, await lineOfChild(view, child, onFailure));
      } catch (error) {
        onFailure(child.path, error);
      }
      if (child.isDirectory) await walk(child.path);
    }
  };
  await walk("/" as ByteString);
  return contents;
}

async function lineOfChild(
  view: SnapshotView,
  { path, entry }: Child,
  onFailure: (path: ByteString, error: unknown) => void,
): Promise<string> {
  const { info, symlinkTarget } = itemOf(path, entry);
  const { values, failures } = await view.attributesOf(path, entry.extendedAttributes ?? []);
  for (const failure of failures) onFailure(path, failure);
  const line = [info.kind, info.permissions, info.modifiedNs, info.userId, info.groupId, symlinkTarget ?? ""];
  const attributes = values.map(({ name, value }) => `${name}=${toHex(value)}`);
  if (info.kind !== "file") return [...line, ...attributes].join(" ");
  const content = await view.smallContent(await view.object(entry.object, path), path);
  return [...line, toHex(content), ...attributes].join(" ");
}

/** What `cat` writes, in hex. */
export async function catFile(repository: Repository, id: string, path: ByteString): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of readFile(repository, `${id}:${toEscapedText(path)}`)) parts.push(part);
  return Buffer.concat(parts).toString("hex");
}
