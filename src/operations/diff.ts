import type { VfsEntry } from "../format/index.ts";
import {
  type ByteString,
  equalBytes,
  type ItemInfo,
  type ItemKind,
  isPlakarError,
  throwIfAborted,
  toDisplay,
} from "../foundation/index.ts";
import type { Repository } from "../repository/index.ts";
import { type Child, directoryIndex, itemOf, resolveTarget, type SnapshotView } from "../snapshot/index.ts";
import { walkBelow } from "./walk.ts";

export interface DiffOptions {
  /** `SNAPSHOT[:PATH]`. */
  readonly before: string;
  readonly after: string;
  /** Also what lies below directories that both have. */
  readonly recursive: boolean;
  /** Also what lies below directories that only one of the two has. */
  readonly whole: boolean;
  /** Whether times alone make a difference. */
  readonly times: boolean;
  readonly signal?: AbortSignal;
}

/** One side of a difference. */
export interface DiffSide {
  /** In the snapshot, absolute. */
  readonly path: ByteString;
  readonly info: ItemInfo;
  /** A file's content; undefined for anything else. Every part is verified. */
  readonly content?: () => AsyncIterable<Uint8Array>;
}

/** What the two have in common, and what not, at one path relative to what is compared; "" is that itself. */
export interface Difference {
  readonly path: ByteString;
  /** `changed`: the content; `metadata`: something else alone. */
  readonly status: "added" | "removed" | "changed" | "type" | "metadata";
  readonly before?: DiffSide;
  readonly after?: DiffSide;
  /** What differs, for people: `mode 0644, 0600`. */
  readonly changes: readonly string[];
}

/**
 * Compares what two snapshots, or parts of them, hold. Inode, device and link counts are not compared, for they say where
 * something was, not what. Damage in a directory is told to the repository, and the rest goes on.
 */
export async function* diff(repository: Repository, options: DiffOptions): AsyncGenerator<Difference> {
  await repository.load();
  const [before, after] = [await sideOf(repository, options.before), await sideOf(repository, options.after)];
  yield* new Comparison(repository, before.view, after.view, options).of(before.item, after.item);
}

async function sideOf(repository: Repository, target: string): Promise<{ view: SnapshotView; item: Item }> {
  const { view, path } = await resolveTarget(repository, target);
  const at = path ?? view.root;
  return { view, item: { path: at, entry: await view.entry(at) } };
}

interface Item {
  readonly path: ByteString;
  readonly entry: VfsEntry;
}

/** Items at one path of both sides, to be compared. */
interface Pair {
  readonly path: ByteString;
  readonly before: Item;
  readonly after: Item;
}

class Comparison {
  readonly #repository: Repository;
  readonly #before: SnapshotView;
  readonly #after: SnapshotView;
  readonly #options: DiffOptions;

  constructor(repository: Repository, before: SnapshotView, after: SnapshotView, options: DiffOptions) {
    this.#repository = repository;
    this.#before = before;
    this.#after = after;
    this.#options = options;
  }

  /** Depth first, by a stack of its own: a path may have thousands of steps. */
  async *of(before: Item, after: Item): AsyncGenerator<Difference> {
    const open = [this.#items({ path: "" as ByteString, before, after })];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const next = await top.next();
      if (next.done === true) open.pop();
      else if ("status" in next.value) yield next.value;
      else open.push(this.#items(next.value));
    }
  }

  /** What differs at one path, and where to look next. */
  async *#items({ path, before, after }: Pair): AsyncGenerator<Difference | Pair> {
    const [a, b] = [this.#side(this.#before, before), this.#side(this.#after, after)];
    if (a.info.kind !== b.info.kind) {
      const changes = [`type ${shownKind(a.info.kind)}, ${shownKind(b.info.kind)}`];
      yield { path, status: "type", before: a, after: b, changes };
      return;
    }
    const isChanged = a.info.kind === "file" && !(await this.#hasSameContent(before, after));
    const changes = await this.#metadataChanges(before, after);
    if (isChanged) yield { path, status: "changed", before: a, after: b, changes };
    else if (changes.length > 0) yield { path, status: "metadata", before: a, after: b, changes };
    if (a.info.kind === "directory" && (path === "" || this.#options.recursive)) {
      yield* this.#directories(path, before.path, after.path);
    }
  }

  /** Names in both orders at once. */
  async *#directories(path: ByteString, before: ByteString, after: ByteString): AsyncGenerator<Difference | Pair> {
    throwIfAborted(this.#options.signal);
    const [ours, theirs] = await Promise.all([
      this.#children(this.#before, before),
      this.#children(this.#after, after),
    ]);
    if (!ours || !theirs) return;
    const isSameListing = await this.#isSameListing(before, after);
    const names = new Set([...ours.keys(), ...theirs.keys()]);
    for (const name of [...names].toSorted()) {
      const [a, b] = [ours.get(name), theirs.get(name)];
      const place = (path === "" ? name : `${path}/${name}`) as ByteString;
      if (a && b) {
        if (isSameListing && !a.isDirectory) continue;
        yield { path: place, before: a, after: b };
      } else if (a) yield* this.#alone("removed", place, a);
      else if (b) yield* this.#alone("added", place, b);
    }
  }

  /** What one side has alone. */
  async *#alone(status: "added" | "removed", path: ByteString, item: Child): AsyncGenerator<Difference> {
    const view = status === "removed" ? this.#before : this.#after;
    const side = this.#side(view, item);
    yield { path, status, ...(status === "removed" ? { before: side } : { after: side }), changes: [] };
    if (!item.isDirectory || !this.#options.whole || !this.#options.recursive) return;
    for await (const below of walkBelow(this.#repository, view, item.path, this.#options)) {
      const place = `${path}${below.path.slice(item.path.length)}` as ByteString;
      const other = this.#side(view, below);
      yield { path: place, status, ...(status === "removed" ? { before: other } : { after: other }), changes: [] };
    }
  }

  /** The children by name; undefined, and told, when the listing is damaged. */
  async #children(view: SnapshotView, directory: ByteString): Promise<Map<ByteString, Child> | undefined> {
    try {
      const children = await view.children(directory, this.#repository.parts.onDamage);
      return new Map(children.map((child) => [child.entry.fileInfo.name, child]));
    } catch (error) {
      if (!isPlakarError(error, "corrupted")) throw error;
      this.#repository.parts.onDamage(error);
      return undefined;
    }
  }

  /** Equal bytes of a listing are equal entries: nothing of it needs a look but the directories in it. */
  async #isSameListing(before: ByteString, after: ByteString): Promise<boolean> {
    const a = await this.#before.indexes.get(directoryIndex)?.get(before);
    const b = await this.#after.indexes.get(directoryIndex)?.get(after);
    return a !== undefined && b !== undefined && equalBytes(a, b);
  }

  /** By the MAC of the whole content: what stands beside it in the object may differ between programs. */
  async #hasSameContent(before: Item, after: Item): Promise<boolean> {
    if (equalBytes(before.entry.object, after.entry.object)) return true;
    if (before.entry.fileInfo.size !== after.entry.fileInfo.size) return false;
    const a = await this.#before.object(before.entry.object, toDisplay(before.path));
    const b = await this.#after.object(after.entry.object, toDisplay(after.path));
    return equalBytes(a.contentMac, b.contentMac);
  }

  async #metadataChanges(before: Item, after: Item): Promise<string[]> {
    const [a, b] = [itemOf(before.path, before.entry), itemOf(after.path, after.entry)];
    const changes: string[] = [];
    const compare = (what: string, left: string, right: string): void => {
      if (left !== right) changes.push(`${what} ${left}, ${right}`);
    };
    compare("mode", modeOf(a.info), modeOf(b.info));
    compare("owner", ownerOf(a.info), ownerOf(b.info));
    compare(
      "target",
      toDisplay(a.symlinkTarget ?? ("" as ByteString)),
      toDisplay(b.symlinkTarget ?? ("" as ByteString)),
    );
    if (this.#options.times) compare("time", String(a.info.modifiedNs), String(b.info.modifiedNs));
    const attributes = await this.#changedAttributes(before, after);
    if (attributes.length > 0) changes.push(`attributes ${attributes.map(toDisplay).join(", ")}`);
    return changes;
  }

  async #changedAttributes(before: Item, after: Item): Promise<ByteString[]> {
    const [a, b] = [before.entry.extendedAttributes ?? [], after.entry.extendedAttributes ?? []];
    if (a.length === 0 && b.length === 0) return [];
    const left = await this.#before.attributesOf(before.path, a);
    const right = await this.#after.attributesOf(after.path, b);
    for (const failure of [...left.failures, ...right.failures]) {
      if (isPlakarError(failure, "corrupted")) this.#repository.parts.onDamage(failure);
    }
    const hex = ({ value }: { readonly value: Uint8Array }): string => Buffer.from(value).toString("hex");
    const values = new Map(left.values.map((each) => [each.name, hex(each)]));
    const changed = right.values.filter((each) => values.get(each.name) !== hex(each)).map(({ name }) => name);
    const gone = [...values.keys()].filter((name) => !right.values.some((each) => each.name === name));
    return [...changed, ...gone].toSorted();
  }

  #side(view: SnapshotView, { path, entry }: Item): DiffSide {
    const { info } = itemOf(path, entry);
    if (info.kind !== "file") return { path, info };
    const what = toDisplay(path);
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield* view.content(await view.object(entry.object, what), what);
    };
    return { path, info, content };
  }
}

function shownKind(kind: ItemKind): string {
  return kind.replace("-", " ");
}

function modeOf({ permissions }: ItemInfo): string {
  return permissions.toString(8).padStart(4, "0");
}

function ownerOf({ userId, groupId }: ItemInfo): string {
  return `${userId}:${groupId}`;
}
