import { compareKeys, MAC_BYTES, type Mac } from "../format/index.ts";
import { type ByteString, baseName, joinPath, parentPath } from "../foundation/index.ts";
import { PairList, type SortedPairs } from "./pair-list.ts";
import { type DirectoryRecord, PairSequence, RecordPairs } from "./record-pairs.ts";

const SLASH = 0x2f;

/**
 * All directories of a snapshot. There may be millions of entries: of each there is a name, a MAC and a reference; paths are
 * made when the trees are, in the trees' order, for to sort them all would take longer than the rest.
 */
export class DirectoryRecords {
  readonly #records: Map<ByteString, DirectoryRecord> = new Map();

  add(record: DirectoryRecord): void {
    this.#records.set(record.path, record);
  }

  /** MAC of the entry of a path below `/`. */
  entry(path: ByteString): Uint8Array | undefined {
    const record = this.#records.get(parentPath(path));
    const at = record?.names.indexOf(baseName(path)) ?? -1;
    return at < 0 ? undefined : record?.macs.subarray(at * MAC_BYTES, (at + 1) * MAC_BYTES);
  }

  /** The listings, by path. */
  directories(): PairList {
    const pairs = new PairList();
    for (const path of [...this.#records.keys()].toSorted())
      pairs.add(path, this.#records.get(path)?.listing as Mac, 0);
    return pairs;
  }

  /** The entries in the order of their tree: by the number of slashes, then by bytes. `root` is the entry of `/`. */
  entries(root: Mac | undefined): SortedPairs {
    const top = new PairList();
    if (root) top.add("/" as ByteString, root, 0);
    const pairs = new RecordPairs();
    const levels: { prefix: ByteString; record: DirectoryRecord }[][] = [];
    for (const record of this.#records.values()) {
      const prefix = joinPath(record.path, "" as ByteString);
      (levels[slashes(prefix)] ??= []).push({ prefix, record });
    }
    for (const level of levels) {
      // as many slashes in each: none begins with another, so that children follow as their directories do
      for (const { record } of (level ?? []).toSorted((a, b) => compareKeys(a.prefix, b.prefix))) {
        for (let at = 0; at < record.names.length; at++) pairs.add(record, at);
      }
    }
    return new PairSequence([top, pairs]);
  }

  /** Everything but directories, by `/TYPE/PATH`. */
  contentTypes(): SortedPairs {
    const byType = new Map<ByteString, RecordPairs>();
    for (const { record, at } of this.#inByteOrder()) {
      const type = record.types[at];
      if (type === undefined) continue;
      let pairs = byType.get(type);
      if (!pairs) byType.set(type, (pairs = new RecordPairs(`/${type}` as ByteString)));
      pairs.add(record, at);
    }
    const types = [...byType.keys()];
    const all = new PairSequence(
      types
        .toSorted((a, b) => compareKeys(`${a}/` as ByteString, `${b}/` as ByteString))
        .map((type) => byType.get(type) as RecordPairs),
    );
    // a type without its slash, or with two, may be the beginning of another with its path
    return types.every((type) => slashes(type) === 1) ? all : PairList.sorted(all, compareKeys);
  }

  /** All children, as if their paths were sorted: what is in a directory comes where its name with a slash does. */
  *#inByteOrder(): Generator<{ record: DirectoryRecord; at: number }> {
    const root = this.#records.get("/" as ByteString);
    const stack = root ? [{ record: root, order: childOrder(root), next: 0 }] : [];
    for (let step = stack.at(-1); step; step = stack.at(-1)) {
      const { record, order } = step;
      if (step.next === record.names.length) {
        stack.pop();
        continue;
      }
      const at = order ? (order[step.next] as number) : step.next;
      step.next++;
      if (record.types[at] !== undefined) yield { record, at };
      else {
        const below = this.#records.get(joinPath(record.path, record.names[at] as ByteString));
        if (below) stack.push({ record: below, order: childOrder(below), next: 0 });
      }
    }
  }
}

/** The children by name, those of directories with a slash behind; undefined where that is their own order. */
function childOrder({ names, types }: DirectoryRecord): number[] | undefined {
  const isDifferent = names.some((name, at) => {
    const next = names[at + 1];
    return types[at] === undefined && next?.startsWith(name) === true && next.charCodeAt(name.length) < SLASH;
  });
  if (!isDifferent) return undefined;
  const keys = names.map((name, at) => (types[at] === undefined ? `${name}/` : name) as ByteString);
  return [...names.keys()].toSorted((a, b) => compareKeys(keys[a] as ByteString, keys[b] as ByteString));
}

function slashes(path: ByteString): number {
  let count = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count++;
  return count;
}
