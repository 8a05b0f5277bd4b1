/**
 * rpm's order of `epoch:version-release` (rpm's docs, rpmvercmp in rpmio/rpmvercmp.c by its manual's description): runs of
 * letters and of digits are compared in turn; a tilde comes before everything, a caret after the end but before more.
 * Negative when `a` is older.
 */
export function compareRpmVersions(a: string, b: string): number {
  const [left, right] = [splitVersion(a), splitVersion(b)];
  return (
    left.epoch - right.epoch || comparePart(left.version, right.version) || comparePart(left.release, right.release)
  );
}

function splitVersion(text: string): { epoch: number; version: string; release: string } {
  const [, epoch = "0", version = "", release = ""] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? [];
  return { epoch: Number(epoch), version, release };
}

/** Everything that is neither letter, digit, tilde nor caret only separates. */
function comparePart(a: string, b: string): number {
  const [left, right] = [runsOf(a), runsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareRuns(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function runsOf(part: string): string[] {
  return part.match(/\d+|[A-Za-z]+|~|\^/g) ?? [];
}

function compareRuns(a: string | undefined, b: string | undefined): number {
  const order = rankOf(a) - rankOf(b);
  if (order !== 0) return order;
  if (a === undefined || b === undefined || a === b) return 0;
  if (!/\d/.test(a)) return a < b ? -1 : 1;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : Number(left > right);
}

function rankOf(run: string | undefined): number {
  if (run === undefined) return 1;
  if (run === "~") return 0;
  if (run === "^") return 2;
  return /\d/.test(run) ? 4 : 3;
}
