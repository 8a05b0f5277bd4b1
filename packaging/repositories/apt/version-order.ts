/**
 * Debian's order of versions (deb-version(7), Debian policy 5.6.12): epoch, then version, then revision, the latter two as
 * runs of other characters and of digits in turn. Negative when `a` is older.
 */
export function compareDebianVersions(a: string, b: string): number {
  const [left, right] = [splitVersion(a), splitVersion(b)];
  return (
    left.epoch - right.epoch || compareParts(left.version, right.version) || compareParts(left.revision, right.revision)
  );
}

function splitVersion(text: string): { epoch: number; version: string; revision: string } {
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon < 0 ? 0 : Number(text.slice(0, colon)),
    version: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

function compareParts(a: string, b: string): number {
  const [left, right] = [runsOf(a), runsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [text = "", digits = ""] = left[index] ?? [];
    const [otherText = "", otherDigits = ""] = right[index] ?? [];
    const order = compareText(text, otherText) || compareNumbers(digits, otherDigits);
    if (order !== 0) return order;
  }
  return 0;
}

/** Pairs of a run without digits and a run of digits, either of which may be empty. */
function runsOf(part: string): [text: string, digits: string][] {
  return [...part.matchAll(/(\D*)(\d*)/g)].map(([, text = "", digits = ""]) => [text, digits]);
}

function compareText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = weightOf(a[index]) - weightOf(b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde comes before the end, the end before letters, letters before everything else. */
function weightOf(character: string | undefined): number {
  if (character === "~") return -1;
  if (character === undefined) return 0;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [BigInt(a || "0"), BigInt(b || "0")];
  return left < right ? -1 : Number(left > right);
}
