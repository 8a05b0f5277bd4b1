/** A version of Semantic Versioning 2.0.0, without build metadata: `1.2.3`, `1.2.3-rc.1`. */
const form =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?$/;

export function isVersion(text: string): boolean {
  return form.test(text);
}

/**
 * Whether packages of every kind can bear it: what precedes a release is `alpha`, `beta`, `pre` or `rc` with a number, since apk
 * knows no other words, and those that deb and rpm take have to be in the same order.
 */
export function isReleaseVersion(text: string): boolean {
  return isVersion(text) && /^[\d.]+(?:-(?:alpha|beta|pre|rc)\.\d+)?$/.test(text);
}

/** Negative, zero or positive, as `a` comes before, is, or comes after `b` (semver.org, item 11). Both are versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const at of [0, 1, 2]) {
    const difference = Number(left.core[at]) - Number(right.core[at]);
    if (difference !== 0) return difference;
  }
  // a candidate comes before what it is a candidate of
  if (left.candidate.length === 0 || right.candidate.length === 0)
    return right.candidate.length === left.candidate.length ? 0 : left.candidate.length === 0 ? 1 : -1;
  return compareCandidates(left.candidate, right.candidate);
}

function partsOf(version: string): { readonly core: readonly string[]; readonly candidate: readonly string[] } {
  const [, major = "", minor = "", patch = "", candidate = ""] = form.exec(version) ?? [];
  return { core: [major, minor, patch], candidate: candidate === "" ? [] : candidate.split(".") };
}

/** Numbers by value and before words, words by ASCII, and of two that begin alike the longer comes last. */
function compareCandidates(a: readonly string[], b: readonly string[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    if (right === undefined) return 1;
    if (left === right) continue;
    const numbers = [left, right].map((part) => /^\d+$/.test(part));
    if (numbers[0] && numbers[1]) return Number(left) - Number(right);
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
