import { asMac, decodeLock, ResourceType, readState, unwrap, V1_0_0 } from "../format/index.ts";
import { formatSize, formatTime, PlakarError, toDisplay, toHex } from "../foundation/index.ts";
import { type Repository, readPackIndex, readStateFile } from "../repository/index.ts";
import { contentTypeIndex, resolveTarget } from "../snapshot/index.ts";

/** What of files this program can keep and give back here; whether a file system supports it is seen at each call only. */
export { type SystemReport, systemReport } from "../source/index.ts";

export type DiagnosticSubject =
  | "snapshot"
  | "state"
  | "packfile"
  | "object"
  | "vfs"
  | "xattr"
  | "contenttype"
  | "locks"
  | "search"
  | "chunks";

const typeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(ResourceType).map(([name, type]) => [type, name]),
);

/** What lies inside a store, line by line, for people who look for a fault. Nothing is changed. */
export async function* diagnose(
  repository: Repository,
  subject: DiagnosticSubject,
  args: readonly string[],
): AsyncGenerator<string> {
  await repository.load();
  switch (subject) {
    case "snapshot":
      return yield* diagnoseSnapshot(repository, args[0] ?? "latest");
    case "state":
      return yield* args[0] === undefined ? listStates(repository) : diagnoseState(repository, args[0]);
    case "packfile":
      return yield* args[0] === undefined ? listPackfiles(repository) : diagnosePackfile(repository, args[0]);
    case "object":
      return yield* diagnoseObject(repository, args[0]);
    case "vfs":
      return yield* diagnoseEntry(repository, args[0] ?? "latest:/");
    case "xattr":
      return yield* diagnoseAttributes(repository, args[0] ?? "latest");
    case "contenttype":
      return yield* diagnoseContentTypes(repository, args[0] ?? "latest");
    case "locks":
      return yield* diagnoseLocks(repository);
    case "search":
      return yield* search(repository, args);
    case "chunks":
      return yield* diagnoseChunks(repository, args[0] ?? "latest");
  }
}

function json(value: unknown): string {
  const plain = (_key: string, each: unknown): unknown => {
    if (typeof each === "bigint") return each.toString();
    return each instanceof Uint8Array ? toHex(each) : each;
  };
  return JSON.stringify(value, plain, 2);
}

async function* diagnoseSnapshot(repository: Repository, target: string): AsyncGenerator<string> {
  const { view } = await resolveTarget(repository, target);
  yield json(view.header);
  for (const { pack, offset, length } of repository.reader.locate(
    ResourceType.snapshot,
    asMac(Buffer.from(view.id, "hex")),
  )) {
    yield `header: packfile ${repository.state.packIds[pack]} offset ${offset} length ${length}`;
  }
}

async function* listStates(repository: Repository): AsyncGenerator<string> {
  for (const { id, sizeBytes } of await repository.store.list("states", { sizes: true }))
    yield `${id} ${formatSize(sizeBytes ?? 0)}`;
}

async function* diagnoseState(repository: Repository, prefix: string): AsyncGenerator<string> {
  const id = await idOf(repository, "states", prefix);
  const { plain, version } = await readStateFile(repository.parts, id);
  const lines: string[] = [];
  const { parent, timestampNs } = readState(plain, version, {
    location: (type, _version, bytes, macAt, packfileAt, offset, length) => {
      const mac = toHex(bytes.subarray(macAt, macAt + 32));
      const packfile = toHex(bytes.subarray(packfileAt, packfileAt + 32));
      lines.push(
        `location ${typeNames.get(type) ?? type} ${mac} packfile ${packfile} offset ${offset} length ${length}`,
      );
    },
    packfile: ({ packfile, state }) => lines.push(`packfile ${toHex(packfile)} state ${toHex(state)}`),
    coloured: ({ type, id: coloured, timestampNs: ns }) =>
      lines.push(`coloured ${typeNames.get(type) ?? type} ${toHex(coloured)} ${formatTime(ns)}`),
    delete: ({ deletedKind, type, mac, packfile }) =>
      lines.push(`delete kind ${deletedKind} ${typeNames.get(type) ?? type} ${toHex(mac)} packfile ${toHex(packfile)}`),
    unknown: (kind) => lines.push(`unknown kind ${kind}`),
  });
  yield `state ${id} version ${version >> 16}.${(version >> 8) & 255}.${version & 255} parent ${toHex(parent)} ${formatTime(timestampNs)}`;
  yield* lines;
}

async function* listPackfiles(repository: Repository): AsyncGenerator<string> {
  for (const { id, sizeBytes } of await repository.store.list("packfiles", { sizes: true })) {
    yield `${id} ${formatSize(sizeBytes ?? 0)}`;
  }
}

async function* diagnosePackfile(repository: Repository, prefix: string): AsyncGenerator<string> {
  const id = await idOf(repository, "packfiles", prefix);
  for (const { type, mac, offset, length } of await readPackIndex(repository, id)) {
    yield `${typeNames.get(type) ?? type} ${toHex(mac)} offset ${offset} length ${length}`;
  }
}

async function* diagnoseObject(repository: Repository, hex: string | undefined): AsyncGenerator<string> {
  if (!hex || !/^[0-9a-f]{64}$/i.test(hex)) throw usage("diag object wants the 64 hex digits of an object's MAC");
  const { view } = await resolveTarget(repository, "latest");
  yield json(await view.object(asMac(Buffer.from(hex, "hex")), `object ${hex.slice(0, 8)}`));
}

async function* diagnoseEntry(repository: Repository, target: string): AsyncGenerator<string> {
  const { view, path } = await resolveTarget(repository, target);
  yield json(await view.entry(path ?? view.root));
}

async function* diagnoseAttributes(repository: Repository, target: string): AsyncGenerator<string> {
  const { view } = await resolveTarget(repository, target);
  for await (const { key, value } of view.attributes.scan()) yield `${toHex(value)} ${toDisplay(key)}`;
}

async function* diagnoseContentTypes(repository: Repository, target: string): AsyncGenerator<string> {
  const { view } = await resolveTarget(repository, target);
  for await (const { key, value } of view.indexes.get(contentTypeIndex)?.scan() ?? [])
    yield `${toHex(value)} ${toDisplay(key)}`;
}

async function* diagnoseLocks(repository: Repository): AsyncGenerator<string> {
  const { sealer, store } = repository;
  for (const { id } of await store.list("locks")) {
    const what = `lock ${id.slice(0, 8)}`;
    const { body } = unwrap(
      await store.get("locks", id),
      { type: ResourceType.lock, maxVersion: V1_0_0, what },
      (content) => sealer.mac(content),
    );
    const lock = decodeLock(sealer.open(body, { maxBytes: 1 << 16, what }));
    yield `${id} ${lock.exclusive ? "exclusive" : "shared"} ${lock.hostname} ${formatTime(lock.timestampNs)}`;
  }
}

/** Where a blob lies: any type, by the beginning of its MAC in all packfiles' own indexes. */
async function* search(repository: Repository, [hex]: readonly string[]): AsyncGenerator<string> {
  if (!hex || !/^[0-9a-f]{4,64}$/i.test(hex)) throw usage("diag search wants at least 4 hex digits of a MAC");
  for (const { id } of await repository.store.list("packfiles")) {
    for (const { type, mac, offset, length } of await readPackIndex(repository, id)) {
      if (!toHex(mac).startsWith(hex.toLowerCase())) continue;
      yield `${typeNames.get(type) ?? type} ${toHex(mac)} packfile ${id} offset ${offset} length ${length}`;
    }
  }
}

async function* diagnoseChunks(repository: Repository, target: string): AsyncGenerator<string> {
  const { view, path } = await resolveTarget(repository, target);
  if (path === undefined) throw usage("diag chunks wants SNAPSHOT:PATH");
  const object = await view.object((await view.entry(path)).object, toDisplay(path));
  let offset = 0;
  for (const [number, { length, mac, entropy }] of object.chunks.entries()) {
    yield `Chunk[${number}]: offset ${offset} length ${length} mac ${toHex(mac)} entropy ${entropy.toFixed(4)}`;
    offset += length;
  }
}

async function idOf(repository: Repository, kind: "states" | "packfiles", prefix: string): Promise<string> {
  const found = (await repository.store.list(kind))
    .map(({ id }) => id)
    .filter((id) => id.startsWith(prefix.toLowerCase()));
  const [id] = found;
  if (id !== undefined && found.length === 1) return id;
  throw new PlakarError("id-not-found", `${prefix} names ${found.length} ${kind}`, { kind: "missing" });
}

function usage(message: string): PlakarError {
  return new PlakarError("usage", message, { kind: "usage", advice: "See: plakar help diag" });
}
