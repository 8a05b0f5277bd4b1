import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Throws, naming the first difference, when two trees differ in names, content, modes or times of their files. */
export function compareTrees(expected: string, actual: string): void {
  const [names, others] = [expected, actual].map((folder) => readdirSync(folder, { withFileTypes: true }));
  const listed = (entries: typeof names): string =>
    (entries ?? [])
      .map(({ name }) => name)
      .toSorted()
      .join("\0");
  if (listed(names) !== listed(others)) throw new Error(`${actual} does not hold the same names as ${expected}`);
  for (const entry of names ?? []) {
    const [a, b] = [join(expected, entry.name), join(actual, entry.name)];
    if (entry.isDirectory()) compareTrees(a, b);
    else compareFiles(a, b);
  }
}

function compareFiles(expected: string, actual: string): void {
  const [a, b] = [lstatSync(expected), lstatSync(actual)];
  if (a.mode !== b.mode) throw new Error(`${actual} has another mode than ${expected}`);
  if (Math.abs(a.mtimeMs - b.mtimeMs) >= 1) throw new Error(`${actual} has another time than ${expected}`);
  if (a.size !== b.size || !readFileSync(expected).equals(readFileSync(actual)))
    throw new Error(`${actual} has another content than ${expected}`);
}
