import type { ByteString } from "../foundation/index.ts";
import { IgnoreRules } from "../source/index.ts";
import type { RestoreOptions } from "./restore-contract.ts";

/**
 * What of a snapshot is restored, by patterns of gitignore(5) relative to the target: with `include` only what matches, and
 * everything below a directory that does; never what `exclude` matches, nor anything below it.
 */
export function wantedBy(
  include: readonly ByteString[],
  exclude: readonly ByteString[],
): NonNullable<RestoreOptions["wants"]> {
  const wanted = IgnoreRules.ofPatterns(include);
  const unwanted = IgnoreRules.ofPatterns(exclude);
  return (path, isDirectory) => {
    if (matches(unwanted, path, isDirectory)) return "no";
    if (include.length === 0 || matches(wanted, path, isDirectory)) return "yes";
    return isDirectory ? "below" : "no";
  };
}

/** Whether a path, or a directory above it, matches. */
function matches(rules: IgnoreRules, path: ByteString, isDirectory: boolean): boolean {
  if (rules.isEmpty) return false;
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    if (rules.verdict(path.slice(0, slash) as ByteString, true) === "ignored") return true;
  }
  return rules.verdict(path, isDirectory) === "ignored";
}
