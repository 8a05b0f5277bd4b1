import { exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { type ByteString, equalBytes, isPlakarError, messageOf } from "../../../src/foundation/index.ts";
import { type CheckReport, check, tellLostSnapshots } from "../../../src/operations/index.ts";
import { Repository } from "../../../src/repository/index.ts";
import { resolveTarget } from "../../../src/snapshot/index.ts";
import { type DamageCase, damagedBy } from "./damage-cases.ts";
import { type Knowledge, type KnownBlob, openSample } from "./knowledge.ts";
import { catFile, directoryLines, readSnapshot, snapshotLines } from "./snapshot-contents.ts";
import { type StoreImage, storeOf } from "./store-image.ts";

/** How damage came to light: `refused` when the store was opened, else by check. */
export interface Judgement {
  readonly found: "refused" | "check" | "missed";
  /** Snapshots or paths are hit, and check named each of them. */
  readonly named: boolean;
  /** What must not be, each a line. */
  readonly faults: readonly string[];
}

/** What opening may answer: the store cannot be read at all, the key does not fit, or a version is not known. */
const refusals = new Set([66, 77, 78]);
const DAMAGED = 65;

/** Damages the store as the case says, and looks at what every reading command makes of it. */
export async function judge(known: Knowledge, damage: DamageCase): Promise<Judgement> {
  const image = damagedBy(damage, known.sample.image);
  const told: string[] = [];
  let repository: Repository;
  try {
    repository = await openDamaged(known, image, told);
  } catch (error) {
    const isDesigned = isPlakarError(error) && refusals.has(exitCodeOf(error));
    return { found: "refused", named: false, faults: isDesigned ? [] : [`opening: ${messageOf(error)}`] };
  }
  const faults: string[] = [];
  const { report, error } = await checked(repository);
  if (error !== undefined && exitCodeOf(error) !== DAMAGED) faults.push(`check: ${messageOf(error)}`);
  const found = error !== undefined || report?.damaged ? "check" : "missed";
  if (found === "missed") faults.push("check finds nothing");
  const hit = await hitBlobs(known, repository);
  for (const blob of hit) if (report) faults.push(...unnamed(known, blob, report));
  const afresh = new Repository({ ...repository.parts, onDamage: ({ message }) => told.push(message) });
  faults.push(...(await new Reading(known, afresh, told).faults()));
  return { found, named: report !== undefined && hit.length > 0, faults };
}

/** The key is derived again only where CONFIG is another: a hundred thousand times would be long. */
async function openDamaged(known: Knowledge, image: StoreImage, told: string[]): Promise<Repository> {
  const store = storeOf(image);
  const { parts } = known.repository;
  if (!equalBytes(await store.readConfiguration(), parts.configurationBytes)) {
    return openSample(known.sample, store, (message) => told.push(message));
  }
  return new Repository({ ...parts, store, onDamage: ({ message }) => told.push(message) });
}

async function checked(repository: Repository): Promise<{ readonly report?: CheckReport; readonly error?: unknown }> {
  try {
    return { report: await check(repository, { targets: [], fast: false, workers: 1, progress: () => undefined }) };
  } catch (error) {
    return { error };
  }
}

/** Blobs of which no place holds any more what it held. */
async function hitBlobs({ blobs, packs }: Knowledge, { store, sealer }: Repository): Promise<KnownBlob[]> {
  const now = new Map<string, Uint8Array>();
  for (const id of packs.keys()) now.set(id, await store.get("packfiles", id).catch(() => new Uint8Array()));
  const isWhole = ({ pack, offset, sealed, plain }: KnownBlob): boolean => {
    const bytes = (now.get(pack) as Uint8Array).subarray(offset, offset + sealed.length);
    if (equalBytes(bytes, sealed)) return true;
    try {
      // a compressor has several ways to say the same
      return equalBytes(sealer.open(bytes, { maxBytes: 1 << 24, what: "a blob" }), plain);
    } catch {
      return false;
    }
  };
  const harmed = blobs.filter((blob) => !isWhole(blob));
  if (harmed.length === 0) return harmed;
  const whole = new Set(blobs.filter(isWhole).map(({ key }) => key));
  return harmed.filter(({ key }) => !whole.has(key));
}

/** Snapshots and paths that a lost blob takes with it, and that check does not name. */
function unnamed({ needs }: Knowledge, { key }: KnownBlob, report: CheckReport): string[] {
  return (needs.get(key) ?? []).flatMap(({ snapshot, path }) => {
    const problems = report.snapshots.find(({ id }) => id === snapshot)?.problems ?? [];
    const isNamed = problems.some((problem) => isAbout(problem.path, path));
    return isNamed ? [] : [`check does not name ${snapshot.slice(0, 8)}:${path ?? ""}`];
  });
}

/** A problem of a directory covers what is below it, one without a path the whole snapshot. */
function isAbout(problem: ByteString | undefined, path: ByteString | undefined): boolean {
  if (problem === undefined || path === undefined) return true;
  return path === problem || problem === "/" || path.startsWith(`${problem}/`);
}

/** All reading commands, on one repository: to merge the states for each would be most of the time. */
class Reading {
  readonly #known: Knowledge;
  readonly #repository: Repository;
  readonly #told: string[];
  readonly #faults: string[] = [];
  #isTold = false;

  constructor(known: Knowledge, repository: Repository, told: string[]) {
    this.#known = known;
    this.#repository = repository;
    this.#told = told;
  }

  async faults(): Promise<readonly string[]> {
    this.#told.length = 0;
    try {
      await this.#repository.load();
    } catch (error) {
      // every command does this first, and ends with what it throws
      return exitCodeOf(error) === DAMAGED ? [] : [`loading: ${messageOf(error)}`];
    }
    this.#isTold = this.#told.length > 0; // by every command
    await this.#attempt("ls", () => this.#list());
    for (const id of this.#known.snapshots.keys()) {
      await this.#attempt(`ls ${id.slice(0, 8)}`, () => this.#listDirectory(id));
      await this.#attempt(`restore ${id.slice(0, 8)}`, () => this.#restore(id));
    }
    for (const [id, files] of this.#known.files) {
      for (const [path, hex] of files) {
        await this.#attempt(`cat ${path}`, async () => {
          if ((await catFile(this.#repository, id, path)) !== hex) this.#faults.push(`cat ${path}: wrong bytes`);
          return [];
        });
      }
    }
    return this.#faults;
  }

  /** Answers of `action` are faults unless damage was told meanwhile; an error is none if it is damage that it tells. */
  async #attempt(what: string, action: () => Promise<readonly string[]>): Promise<void> {
    this.#told.length = 0;
    try {
      const wrong = await action();
      if (!this.#isTold && this.#told.length === 0) this.#faults.push(...wrong.map((each) => `${what}: ${each}`));
    } catch (error) {
      // as the command line does where it finds nothing
      if (isPlakarError(error) && error.code === "snapshot-not-found") await tellLostSnapshots(this.#repository);
      if (exitCodeOf(error) === DAMAGED || this.#isTold || this.#told.length > 0) return;
      this.#faults.push(`${what}: ends with ${exitCodeOf(error)}: ${messageOf(error)}`);
    }
  }

  async #list(): Promise<string[]> {
    const now = await snapshotLines(this.#repository);
    if (now.size === 0) {
      await tellLostSnapshots(this.#repository);
      return ["comes back empty"];
    }
    return [...now].flatMap(([id, line]) => (this.#known.snapshots.get(id) === line ? [] : [`shows ${line}`]));
  }

  async #listDirectory(id: string): Promise<string[]> {
    const lines = await directoryLines(this.#repository, id);
    return lines.join("\n") === this.#known.directories.get(id)?.join("\n") ? [] : ["shows something else"];
  }

  /** What a restore would write: every line right, or missing with an error of damage. */
  async #restore(id: string): Promise<never[]> {
    const { view } = await resolveTarget(this.#repository, id);
    const wrong: string[] = [];
    const failed: ByteString[] = [];
    const now = await readSnapshot(view, (path, error) => {
      failed.push(path);
      if (exitCodeOf(error) !== DAMAGED) wrong.push(`${path} fails with ${exitCodeOf(error)}: ${messageOf(error)}`);
    });
    const before = this.#known.contents.get(id) ?? new Map<ByteString, string>();
    for (const [path, line] of before) {
      const isFailed = failed.some((each) => isAbout(each, path));
      if (now.get(path) !== line && !isFailed) wrong.push(`${path} is not what it was`);
    }
    for (const path of now.keys()) if (!before.has(path)) wrong.push(`${path} was never there`);
    // contents are never wrong, whatever else was told
    this.#faults.push(...wrong.map((each) => `restore ${id.slice(0, 8)}: ${each}`));
    return [];
  }
}
