import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { array, assert, constantFrom, property, tuple } from "fast-check";
import { afterAll, expect, test } from "vitest";
import { fromLatin1, fromText } from "../../../../src/foundation/index.ts";
import { IgnoreRules } from "../../../../src/source/ignore/ignore-rules.ts";

const tree = mkdtempSync(join(tmpdir(), "plakar-ignore-"));
afterAll(() => rmSync(tree, { recursive: true }));

const hasGit = spawnSync("git", ["init", "-q", tree]).status === 0;

/** Whether git ignores a path that is not there, directories with a slash at the end; parents count, as in a walk. */
function ignoredByGit(rules: string, paths: readonly string[]): boolean[] {
  writeFileSync(join(tree, ".gitignore"), Buffer.from(rules, "latin1"));
  for (const path of paths) {
    if (path.endsWith("/")) mkdirSync(join(tree, path), { recursive: true });
    else mkdirSync(dirname(join(tree, path)), { recursive: true });
  }
  const asked = spawnSync("git", ["-C", tree, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"], {
    input: Buffer.from(paths.map((path) => `${path.replace(/\/$/, "")}\0`).join(""), "latin1"),
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  });
  const fields = asked.stdout.toString("latin1").split("\0");
  return paths.map((_, index) => {
    const pattern = fields[index * 4 + 2] ?? "";
    return pattern !== "" && !pattern.startsWith("!");
  });
}

function ignoredByUs(rules: string, paths: readonly string[]): boolean[] {
  const parsed = IgnoreRules.ofFile(Buffer.from(rules, "latin1"));
  return paths.map((path) => {
    const parts = path.replace(/\/$/, "").split("/");
    const last = parts.length;
    for (let depth = 1; depth <= last; depth++) {
      const verdict = parsed.verdict(fromLatin1(parts.slice(0, depth).join("/")), depth < last || path.endsWith("/"));
      if (verdict === "ignored") return true;
    }
    return false;
  });
}

const piece = constantFrom(
  "a",
  "b",
  "ab",
  "*",
  "**",
  "?",
  "/",
  "/",
  "[ab]",
  "[!a]",
  "[a-c]",
  "[[:alpha:]]",
  ".",
  "\\*",
  "\\",
  "!",
  "#",
  " ",
  "x",
  "[",
  "]",
  "-",
  "***",
  "[]a]",
  "[a-]",
  "[^b]",
  "[[:foo:]]",
  "[\\]]",
  "[b-a]",
  "**/",
  "/**",
);
const pattern = array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
const name = constantFrom("a", "b", "ab", "abc", "x", "a.b", "*", "c", "-", "]", "[", "!a", "#", "ba", "a b");
const path = tuple(array(name, { minLength: 1, maxLength: 4 }), constantFrom("", "/")).map(
  ([names, end]) => names.join("/") + end,
);

test("every pattern means what it means to git", ({ skip }) => {
  skip(!hasGit, "git is not installed");
  assert(
    property(
      array(pattern, { minLength: 1, maxLength: 4 }),
      array(path, { minLength: 8, maxLength: 30 }),
      (patterns, paths) => {
        for (const each of paths) rmSync(join(tree, each.split("/")[0] as string), { recursive: true, force: true });
        const rules = patterns.join("\n");
        // a path cannot be a file and a directory at once
        const files = new Set<string>();
        const possible = paths.filter((each) => {
          const bare = each.replace(/\/$/, "");
          const parents = bare.split("/").map((_, i, all) => all.slice(0, i).join("/"));
          if (parents.some((parent) => files.has(parent)) || (each.endsWith("/") && files.has(bare))) return false;
          if (!each.endsWith("/")) {
            if (paths.some((other) => other.startsWith(`${bare}/`))) return false;
            files.add(bare);
          }
          return true;
        });
        expect([rules, possible.filter((_, i) => ignoredByUs(rules, possible)[i])]).toStrictEqual([
          rules,
          possible.filter((_, i) => ignoredByGit(rules, possible)[i]),
        ]);
      },
    ),
    { seed: 4, numRuns: Number(process.env["PLAKAR_IGNORE_RUNS"] ?? 60) },
  );
}, 120_000);

test.each([
  ["comments, and a hash that is none", "#a\n\\#b\n", ["#a", "#b", "a", "b"]],
  ["line ends of Windows", "a\r\nb \r\n", ["a", "b", "a\r"]],
  ["a byte order mark", "\xef\xbb\xbfa\n", ["a"]],
  ["spaces at the end, escaped or not", "a \nb\\ \nc\\\\ \n", ["a", "a ", "b", "b ", "c\\", "c"]],
  ["bytes that are no text", "\xff*\n[\xfe]\n", ["\xffx", "\xfe", "x"]],
  ["names with line breaks matched by a star", "a*b\n", ["a\nb"]],
])("%s are read as git reads them", (_, rules, paths) => {
  const expected = paths.filter(
    (each) =>
      ({ "#b": 1, a: 1, b: 1, "b ": 1, "c\\": 1, "\xffx": 1, "\xfe": 1, "a\nb": 1 })[each] === 1 &&
      !(rules.startsWith("#") && (each === "a" || each === "b")) &&
      !(rules.startsWith("a \n") && each === "b"),
  );
  const ours = ignoredByUs(rules, paths);
  expect(paths.filter((_path, i) => ours[i])).toStrictEqual(expected);
});

test("what lies below an ignored directory cannot be taken back, a sibling can", () => {
  const rules = "build/\n!build/keep\n*.o\n!main.o\n";
  expect(ignoredByUs(rules, ["build/keep", "build", "x.o", "main.o", "sub/main.o"])).toStrictEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});

test("a hostile pattern takes no time to speak of", () => {
  const rules = IgnoreRules.ofPatterns([fromText(`${"*a".repeat(2000)}b`), fromText(`${"**/".repeat(500)}b`)]);
  expect(rules.verdict(fromText("a".repeat(4000)), false)).toBeUndefined();
  expect(rules.verdict(fromText("a/".repeat(1000) + "c"), false)).toBeUndefined();
});
