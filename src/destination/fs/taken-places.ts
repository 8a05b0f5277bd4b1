import { type BigIntStats, readdirSync } from "node:fs";
import { type ByteString, baseName, parentPath, toFsPath } from "../../foundation/index.ts";
import { collision } from "../failures.ts";
import { foldedName } from "../twin-names.ts";
import { identityOf, isSame, whatIsExactlyAt } from "./identities.ts";

interface Place {
  /** Of the item that has it, relative to the target. */
  readonly path: ByteString;
  readonly absolute: ByteString;
}

/**
 * Where a run has put, or left, items that have twins: found again by what the file system says of them, so that a
 * directory which takes two names for one is known by that, and nothing else is asked what it is.
 */
export class TakenPlaces {
  readonly #byIdentity = new Map<string, Place>();
  readonly #byName = new Map<string, Place>();
  #listed: { readonly directory: ByteString; readonly names: ReadonlySet<string> } | undefined;

  /** What is at a place now is the item's. */
  take(path: ByteString, absolute: ByteString): void {
    const there = whatIsExactlyAt(absolute);
    if (there) this.#take({ path, absolute }, there);
  }

  /**
   * What is at a place becomes the item's, if it is not another item's already: then throws `restore-collision`. What was
   * there before the run under other letters is the item itself.
   */
  takeOver(path: ByteString, absolute: ByteString): void {
    const there = whatIsExactlyAt(absolute);
    if (!there) return;
    const place: Place = { path, absolute };
    const others = [this.#byIdentity.get(identityOf(there)), this.#byName.get(nameKey(absolute))];
    if (others.some((other) => other && other.path !== path && this.#isOne(place, there, other))) throw collision(path);
    this.#take(place, there);
  }

  #take(place: Place, there: BigIntStats): void {
    this.#byIdentity.set(identityOf(there), place);
    const name = nameKey(place.absolute);
    if (!this.#byName.has(name)) this.#byName.set(name, place);
  }

  #isOne(place: Place, there: BigIntStats, other: Place): boolean {
    if (place.absolute === other.absolute) return true;
    const directory = parentPath(place.absolute);
    if (directory !== parentPath(other.absolute)) return false; // two names of one file
    const otherThere = whatIsExactlyAt(other.absolute);
    if (!otherThere) return false;
    const isSameThing = isSame(there, otherThere);
    if (isSameThing && (there.isDirectory() || there.nlink === 1n)) return true;
    const names = this.#namesIn(directory, [place, other]);
    const own = spellingsOf(place, names);
    const others = spellingsOf(other, names);
    const isShared = own.some((name) => others.includes(name));
    // not every file system numbers its files so that two looks agree: one name for both tells as much
    if (!isSameThing) return isShared && own.length === 1 && others.length === 1;
    return isShared || own.length === 0 || others.length === 0; // a short form is not listed at all
  }

  /** The last listing is good until it lacks a name, which may have come since. */
  #namesIn(directory: ByteString, places: readonly Place[]): ReadonlySet<string> {
    const last = this.#listed;
    if (last?.directory === directory && places.every(({ absolute }) => last.names.has(baseName(absolute)))) {
      return last.names;
    }
    const names = new Set(readdirSync(toFsPath(directory), { encoding: "latin1" }));
    this.#listed = { directory, names };
    return names;
  }
}

/** The names of a listing under which something may lie: the very one, or else those that fold to the same. */
function spellingsOf({ absolute }: Place, names: ReadonlySet<string>): readonly string[] {
  const name = baseName(absolute);
  if (names.has(name)) return [name];
  const folded = foldedName(name);
  return [...names].filter((each) => foldedName(each as ByteString) === folded);
}

function nameKey(absolute: ByteString): string {
  return `${parentPath(absolute)}/${foldedName(baseName(absolute))}`;
}
