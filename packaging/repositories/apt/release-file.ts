import type { NewFile } from "../contract.ts";
import { digestOf } from "../digests.ts";
import { fieldOf, parseParagraph } from "./control-file.ts";

/** The digests that Release lists; files lie below by-hash under each of them, since apt asks for the strongest. */
export const listedAlgorithms = { SHA256: "sha256", SHA512: "sha512" } as const;
export type ListedAlgorithm = keyof typeof listedAlgorithms;

export interface ListedFile {
  /** Below the suite's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly digests: ReadonlyMap<ListedAlgorithm, string>;
}

export interface Release {
  readonly suite: string;
  readonly timeSeconds: number;
  readonly expiresSeconds: number | undefined;
  readonly files: readonly ListedFile[];
}

export interface ReleaseDescription {
  readonly origin: string;
  readonly suite: string;
  readonly component: string;
  readonly architectures: readonly string[];
  readonly timeSeconds: number;
  readonly validForSeconds: number | undefined;
}

/** A Release file, by the Debian wiki's page DebianRepository/Format. */
export function writeRelease(description: ReleaseDescription, indexes: readonly NewFile[]): string {
  const { origin, suite, component, architectures, timeSeconds, validForSeconds } = description;
  const lists = Object.entries(listedAlgorithms).flatMap(([name, algorithm]) => [
    `${name}:`,
    ...indexes.map(({ path, content }) => ` ${digestOf(content, algorithm)} ${content.length} ${path}`),
  ]);
  return [
    `Origin: ${origin}`,
    `Label: ${origin}`,
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${formatDate(timeSeconds)}`,
    ...(validForSeconds === undefined ? [] : [`Valid-Until: ${formatDate(timeSeconds + validForSeconds)}`]),
    `Architectures: ${architectures.join(" ")}`,
    `Components: ${component}`,
    "Acquire-By-Hash: yes",
    ...lists,
    "",
  ].join("\n");
}

/** Throws an Error when it is not a Release file with every digest that we list. */
export function readRelease(text: string): Release {
  const fields = parseParagraph(text);
  const validUntil = fields.get("valid-until");
  return {
    suite: fieldOf(fields, "Suite"),
    timeSeconds: parseDate(fieldOf(fields, "Date")),
    expiresSeconds: validUntil === undefined ? undefined : parseDate(validUntil),
    files: mergeLists(Object.keys(listedAlgorithms).map((name) => [name as ListedAlgorithm, fieldOf(fields, name)])),
  };
}

function mergeLists(lists: readonly (readonly [ListedAlgorithm, string])[]): ListedFile[] {
  const files = new Map<string, { path: string; sizeBytes: number; digests: Map<ListedAlgorithm, string> }>();
  for (const [algorithm, list] of lists) {
    for (const line of list.trim().split("\n")) {
      const [, digest, size, path] = /^\s*([0-9a-f]+)\s+(\d+)\s+(\S+)$/.exec(line) ?? [];
      if (digest === undefined || path === undefined) throw new Error(`not a line of ${algorithm}: ${line}`);
      const file = files.get(path) ?? { path, sizeBytes: Number(size), digests: new Map() };
      files.set(path, file);
      file.digests.set(algorithm, digest);
    }
  }
  return [...files.values()];
}

/** Such as `Mon, 30 Nov 2026 17:00:00 UTC`. */
function formatDate(timeSeconds: number): string {
  return new Date(timeSeconds * 1000).toUTCString().replace("GMT", "UTC");
}

function parseDate(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Error(`not a date: ${text}`);
  return time / 1000;
}
