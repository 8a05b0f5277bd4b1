/**
 * apk's order of versions (apk-package(5), "PACKAGE METADATA"): numbers with dots, a letter, suffixes such as `_rc1`, a
 * commit, and `-r` with the number of the build. Negative when `a` is older. Versions that are none come first.
 */
export function compareApkVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return (
    compareNumbers(left.numbers, right.numbers) ||
    compareText(left.letter, right.letter) ||
    compareSuffixes(left.suffixes, right.suffixes) ||
    left.release - right.release
  );
}

/** apk refuses whatever has another form, as `1.0_rc.1`. */
export function isApkVersion(version: string): boolean {
  return form.test(version);
}

interface ApkVersion {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly [rank: number, number: number][];
  readonly release: number;
}

const suffixNames = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
const noSuffix = suffixNames.indexOf("");
const form = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?$/;

function parse(version: string): ApkVersion | undefined {
  const [, numbers, letter = "", suffixes = "", release = "0"] = form.exec(version) ?? [];
  if (numbers === undefined) return undefined;
  return {
    numbers: numbers.split("."),
    letter,
    suffixes: [...suffixes.matchAll(/_([a-z]+)(\d*)/g)].map(([, name = "", number]) => [
      suffixNames.indexOf(name),
      Number(number || 0),
    ]),
    release: Number(release),
  };
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    // behind a dot, a leading zero makes a number a fraction
    const isFraction = index > 0 && (left.startsWith("0") || right.startsWith("0"));
    const order = isFraction ? compareText(left, right) : Number(left) - Number(right);
    if (order !== 0) return order;
  }
  return 0;
}

/** What is missing ranks between what precedes a release and what follows it. */
function compareSuffixes(a: ApkVersion["suffixes"], b: ApkVersion["suffixes"]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [rank, number] = a[index] ?? [noSuffix, 0];
    const [otherRank, otherNumber] = b[index] ?? [noSuffix, 0];
    const order = rank - otherRank || number - otherNumber;
    if (order !== 0) return order;
  }
  return 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
