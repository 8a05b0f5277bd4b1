import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cycleRule, importRule, type Rule, shapeRule, wordRule } from "./support/architecture-rules.ts";
import { parseSource, readSourceTree } from "./support/source-tree.ts";

const project = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { dependencies?: object };
const packages = Object.keys(manifest.dependencies ?? {});
const imports = importRule(packages);

describe("the sources", () => {
  const files = readSourceTree(join(project, "src"));

  test.each<[string, Rule]>([
    ["import only what the table allows, through index.ts or contract.ts", imports],
    ["reach the clock, chance, the environment and the console through foundation", wordRule],
    ["have no cycles", cycleRule],
    ["have short files with good names", shapeRule],
  ])("%s", (_, rule) => {
    expect(files.length).toBeGreaterThan(0);
    expect(rule(files)).toStrictEqual([]);
  });
});

describe("the rules find", () => {
  test.each<[string, Rule, Record<string, string>, string[]]>([
    [
      "an import that the table does not name",
      imports,
      { "store/fs.ts": `import { Sealer } from "../sealing/index.ts";\n` },
      ["store/fs.ts: may not import sealing"],
    ],
    [
      "an import of types over several lines",
      imports,
      { "source/fs/walk.ts": `import type {\n  A, // "x"\n  B,\n} from "../../repository/index.ts";\n` },
      ["source/fs/walk.ts: may not import repository"],
    ],
    [
      "a lazy import",
      imports,
      { "operations/backup.ts": `const { run } = await import("../cli/index.ts");\n` },
      ["operations/backup.ts: may not import cli"],
    ],
    [
      "a room entered through a window",
      imports,
      { "cli/run.ts": `export * from "../operations/backup.ts";\n` },
      ["cli/run.ts: enters operations by backup.ts instead of its index.ts"],
    ],
    [
      "more than a contract",
      imports,
      {
        "repository/open.ts": `import type { Store } from "../store/contract.ts";\n`,
        "repository/read.ts": `import { openStore } from "../store/index.ts";\n`,
      },
      ["repository/read.ts: may import only the contract of store"],
    ],
    [
      "a module of Node where it has no place",
      imports,
      {
        "format/entry.ts": `import { readFileSync } from "node:fs";\n`,
        "store/native.ts": `import "node:ffi";\nimport { join } from "path";\n`,
        "system/native.ts": `import "node:ffi";\n`,
      },
      [
        "format/entry.ts: may not import node:fs",
        `store/native.ts: imports path without "node:"`,
        "store/native.ts: may not import node:ffi",
      ],
    ],
    [
      "a package that is not a dependency",
      imports,
      { "server/api.ts": `import { x } from "@nobody/has-this/deep";\n` },
      ["server/api.ts: imports @nobody/has-this, which is not a dependency"],
    ],
    ["an unknown room", imports, { "shed/rake.ts": "" }, ["shed/rake.ts: src/shed is not in the table"]],
    [
      "a clock, chance, the environment and the console",
      wordRule,
      {
        "store/a.ts": `const a = Date.now() + Math.random();\nconst b = process.env["HOME"]; console.log(b);\n`,
        "store/b.ts": `// Date.now() would be wrong here\n/* console.log */ const url = "http://x"; // process.env\n`,
        "format/c.ts": `import { systemClock } from "../foundation/index.ts";\n`,
        "operations/d.ts": `process.exit(1); this.process.x();\n`,
        "cli/e.ts": `console.log(process.env["HOME"]);\n`,
      },
      [
        "store/a.ts: Date.now is for foundation and the command line",
        "store/a.ts: Math.random is for foundation and the command line",
        "store/a.ts: process.env is for foundation and the command line",
        "store/a.ts: console. is for foundation and the command line",
        "format/c.ts: systemClock has no place in what is pure",
        "operations/d.ts: process. is for the command line",
      ],
    ],
    [
      "a cycle of types",
      cycleRule,
      {
        "store/a.ts": `import type { B } from "./b.ts";\n`,
        "store/b.ts": `export * from "./c.ts";\n`,
        "store/c.ts": `import "./a.ts";\n`,
      },
      ["store/a.ts: imports itself: store/a.ts -> store/b.ts -> store/c.ts -> store/a.ts"],
    ],
    [
      "names and lengths that are not ours",
      shapeRule,
      {
        "store/fsStore.ts": "",
        "store/path-utils.ts": "",
        "store/long.ts": "//\n".repeat(301),
        "kernels/assembly/generated/long.ts": "//\n".repeat(301),
      },
      [
        "store/fsStore.ts: the name is not kebab-case",
        "store/path-utils.ts: the name says nothing",
        "store/long.ts: 301 lines are more than 300",
      ],
    ],
  ])("%s", (_, rule, tree, breaches) => {
    expect(rule(Object.entries(tree).map(([path, text]) => parseSource(path, text)))).toStrictEqual(breaches);
  });
});
