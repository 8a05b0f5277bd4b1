import { builtinModules } from "node:module";
import { generated, generators, type Room, table, topFiles } from "./import-table.ts";
import type { Import, SourceFile } from "./source-tree.ts";

/** Each rule answers one line for every breach of it, with the file first. */
export type Rule = (files: readonly SourceFile[]) => string[];

/** Imports are those that the table allows, and rooms are entered by their doors. */
export function importRule(packages: readonly string[]): Rule {
  return (files) =>
    files
      .filter(({ path }) => !path.startsWith(generators))
      .flatMap((file) => {
        const room = file.folder === "" ? topFiles[file.path] : table[file.folder];
        if (room === undefined) return [`${file.path}: src/${file.folder} is not in the table`];
        return file.imports.flatMap((imported) => {
          const problem = importProblem(file, imported, room, packages);
          return problem === undefined ? [] : [`${file.path}: ${problem}`];
        });
      });
}

function importProblem(
  file: SourceFile,
  { specifier, target }: Import,
  room: Room,
  packages: readonly string[],
): string | undefined {
  if (!specifier.startsWith(".")) return foreignProblem(specifier, room, packages);
  if (target.startsWith("..")) return `imports ${specifier}, which is not in src`;
  const [folder = "", ...rest] = target.split("/");
  if (folder === file.folder || target === "version.ts") return undefined;
  const door = rest.join("/");
  if (door !== "index.ts" && door !== "contract.ts") return `enters ${folder} by ${door} instead of its index.ts`;
  if (room.rooms.includes(folder)) return undefined;
  if (room.contracts?.includes(folder))
    return door === "contract.ts" ? undefined : `may import only the contract of ${folder}`;
  return `may not import ${folder}`;
}

function foreignProblem(specifier: string, room: Room, packages: readonly string[]): string | undefined {
  if (specifier.startsWith("node:")) {
    return room.builtins.includes(specifier.slice("node:".length)) ? undefined : `may not import ${specifier}`;
  }
  if (builtinModules.includes(specifier)) return `imports ${specifier} without "node:"`;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return packages.includes(name) ? undefined : `imports ${name}, which is not a dependency`;
}

const outside = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.env\b|\bconsole\./g;
const chance = /\bperformance\.|\b(?:randomBytes|randomFill|randomFillSync|randomInt|randomUUID|getRandomValues)\b/g;
const implementations = /\b(?:systemClock|systemRandom|fetch|setTimeout|setInterval)\b(?!\s*:)|\benvironment\(/g;
const globalProcess = /(?<![.\w])process\./g;

/** The clock, chance, the environment and the console are reached through foundation, and not at all by what is pure. */
export const wordRule: Rule = (files) =>
  files
    .filter(({ path, folder }) => folder !== "foundation" && !path.startsWith("kernels/assembly/"))
    .flatMap((file) => {
      const edge = ["cli", "web", ""].includes(file.folder);
      return [
        ...(edge ? [] : found(file, outside, "is for foundation and the command line")),
        ...(edge ? [] : found(file, chance, "is for foundation")),
        ...(isPure(file) ? found(file, implementations, "has no place in what is pure") : []),
        ...(file.folder === "operations" ? found(file, globalProcess, "is for the command line") : []),
      ];
    });

function isPure({ folder }: SourceFile): boolean {
  return ["chunking", "format", "kernels", "sealing"].includes(folder);
}

function found({ path, code }: SourceFile, words: RegExp, why: string): string[] {
  return [...new Set(code.match(words))].map((word) => `${path}: ${word} ${why}`);
}

/** No file reaches itself through what it imports; types count. */
export const cycleRule: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const problems: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) problems.push(`${path}: imports itself: ${[...way.slice(start), path].join(" -> ")}`);
    if (start >= 0 || finished.has(path)) return;
    for (const { target } of byPath.get(path)?.imports ?? []) visit(target, [...way, path]);
    finished.add(path);
  };
  for (const { path } of files) visit(path, []);
  return problems;
};

const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const emptyWords = /\b(?:data|helpers?|info|managers?|misc|utils?|utility|utilities)\b/;

/** Names are kebab-case and say something; a file is short enough to have one subject. */
export const shapeRule: Rule = (files) =>
  files.flatMap(({ path, lines }) => {
    const names = path.replace(/(?:\.d)?\.ts$/, "").split("/");
    return [
      ...(names.every((name) => kebabCase.test(name)) ? [] : [`${path}: the name is not kebab-case`]),
      // a command is called what users call it
      ...(!path.startsWith("cli/commands/") && names.some((name) => emptyWords.test(name))
        ? [`${path}: the name says nothing`]
        : []),
      ...(lines > 300 && !path.startsWith(generated) ? [`${path}: ${lines} lines are more than 300`] : []),
    ];
  });
