import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Below src for own files (`store/contract.ts`), else as written. */
  readonly target: string;
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Below src, with "/". */
  readonly path: string;
  /** The first folder below src; "" for the files that lie in src itself. */
  readonly folder: string;
  readonly lines: number;
  /** The text without its comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Every TypeScript file below a directory. */
export function readSourceTree(root: string): SourceFile[] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));
  return paths
    .filter((path) => path.endsWith(".ts"))
    .toSorted()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

/** What the rules look at. Relies on the formatter: statements begin in column 0, strings have double quotes. */
export function parseSource(path: string, text: string): SourceFile {
  const code = withoutComments(text);
  return {
    path,
    folder: path.includes("/") ? path.slice(0, path.indexOf("/")) : "",
    lines: text.trimEnd().split("\n").length,
    code,
    imports: findImports(path, code),
  };
}

const stringOrComment = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function withoutComments(text: string): string {
  return text.replaceAll(stringOrComment, (_, string: string | undefined) => string ?? "");
}

const fromStatement = /^(?:import|export)\s+(?<type>type\s)?[^"';]*?\bfrom\s+"(?<specifier>[^"]+)"/gm;
const importStatement = /^import\s+"(?<specifier>[^"]+)"/gm;
const importCall = /\bimport\(\s*"(?<specifier>[^"]+)"/g;

function findImports(path: string, code: string): Import[] {
  return [fromStatement, importStatement, importCall].flatMap((form) =>
    [...code.matchAll(form)].map(({ groups = {} }) => {
      const specifier = groups["specifier"] ?? "";
      return { specifier, target: resolve(path, specifier), typeOnly: groups["type"] !== undefined };
    }),
  );
}

function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  // AssemblyScript leaves the extension out
  return path.startsWith("kernels/assembly/") && !target.endsWith(".ts") ? `${target}.ts` : target;
}
