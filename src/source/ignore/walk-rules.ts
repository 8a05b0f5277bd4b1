import { readFileSync } from "node:fs";
import { type ByteString, fromText, type ItemInfo, joinPath, systemCode, toFsPath } from "../../foundation/index.ts";
import { describeSystemError } from "../../system/index.ts";
import type { SourceFailure } from "../contract.ts";
import { CACHE_TAG, isTaggedAsCache } from "./cache-directory.ts";
import { IgnoreRules } from "./ignore-rules.ts";

/** What the user wants left out of a backup. */
export interface LeaveOutOptions {
  /** Patterns of gitignore(5), relative to the root of the backup. */
  readonly patterns?: readonly ByteString[];
  /** Obey the `.gitignore` files that are found on the way, as git does. */
  readonly gitignore?: boolean;
  /** Of directories with a valid CACHEDIR.TAG only the tag is kept. */
  readonly cacheDirectories?: boolean;
  /** Of directories that hold a file of one of these names only that is kept. */
  readonly ifPresent?: readonly ByteString[];
  readonly largerThanBytes?: number;
}

/** The rules that hold in a directory: its own, then those of the directories above it. */
export interface DirectoryRules {
  readonly own: IgnoreRules | undefined;
  /** How long the directory's path is with a slash at its end: what comes behind it the rules are about. */
  readonly prefixLength: number;
  readonly above: DirectoryRules | undefined;
}

const GITIGNORE = fromText(".gitignore");

/** Decides during one walk what of it is left out. */
export class WalkRules {
  readonly #options: LeaveOutOptions;
  readonly #given: IgnoreRules;
  readonly #rootPrefixLength: number;

  constructor(options: LeaveOutOptions, root: ByteString) {
    this.#options = options;
    this.#given = IgnoreRules.ofPatterns(options.patterns ?? []);
    this.#rootPrefixLength = prefixLength(root);
  }

  /**
   * What holds in a directory; `names` are those in it, or what of them is walked. A `.gitignore` that cannot be read is a
   * failure: what it would have left out is backed up.
   */
  enter(
    directory: ByteString,
    above: DirectoryRules | undefined,
    names: readonly ByteString[],
    onFailure: (failure: SourceFailure) => void,
  ): DirectoryRules | undefined {
    if (!this.#options.gitignore || !names.includes(GITIGNORE)) return above;
    try {
      const content = readFileSync(toFsPath(joinPath(directory, GITIGNORE)));
      return { own: IgnoreRules.ofFile(content), prefixLength: prefixLength(directory), above };
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      const path = joinPath(directory, GITIGNORE);
      onFailure({ path, message: `cannot obey it: ${describeSystemError(error)}` });
      return above;
    }
  }

  /** The only names that are kept of a directory that is marked as not worth it; undefined when it is not. */
  onlyNames(directory: ByteString, names: readonly ByteString[]): readonly ByteString[] | undefined {
    const marks = (this.#options.ifPresent ?? []).filter((name) => names.includes(name));
    if (marks.length > 0) return names.filter((name) => marks.includes(name));
    if (!this.#options.cacheDirectories || !names.includes(CACHE_TAG) || !isTaggedAsCache(directory)) return undefined;
    return [CACHE_TAG];
  }

  /** Whether an item is left out. What the user said stands above what files say. */
  isLeftOut(path: ByteString, { kind, sizeBytes }: ItemInfo, rules: DirectoryRules | undefined): boolean {
    const { largerThanBytes } = this.#options;
    if (kind === "file" && largerThanBytes !== undefined && sizeBytes > largerThanBytes) return true;
    const isDirectory = kind === "directory";
    const given = this.#given.verdict(path.slice(this.#rootPrefixLength) as ByteString, isDirectory);
    if (given !== undefined) return given === "ignored";
    for (let at = rules; at; at = at.above) {
      const verdict = at.own?.verdict(path.slice(at.prefixLength) as ByteString, isDirectory);
      if (verdict !== undefined) return verdict === "ignored";
    }
    return false;
  }
}

function prefixLength(directory: ByteString): number {
  return directory === "/" ? 1 : directory.length + 1;
}
