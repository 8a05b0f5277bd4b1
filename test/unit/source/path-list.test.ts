import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText, toEscapedText } from "../../../src/foundation/index.ts";
import { openFsSource, readPathList, readPatternFile } from "../../../src/source/index.ts";
import { temporaryDirectories } from "../system/temporary.ts";

const temporary = temporaryDirectories();

test.each([
  ["a line each, without comments or blanks", "/a\n# b\n\n /c \n", ["/a", "# b", " /c "]],
  ["no line break at the end", "/a\n/b", ["/a", "/b"]],
  ["NUL behind each, line breaks inside", "/a\nb\0/c\0", ["/a\nb", "/c"]],
])("a list of paths has %s", (_, content, paths) => {
  const file = join(temporary(), "list");
  writeFileSync(file, content);
  expect(readPathList(file)).toEqual(paths);
});

test("paths in a list are bytes", () => {
  const file = join(temporary(), "list");
  writeFileSync(file, Buffer.from([0x2f, 0xff, 0x0a]));
  expect(readPathList(file).map(fromText)).toEqual(["/\xff"]);
  expect(toEscapedText("/\xff" as ReturnType<typeof fromText>)).toBe(readPathList(file)[0]);
});

test("a list that is not there is a usage error that names it", () => {
  const file = join(temporary(), "missing");
  for (const read of [readPathList, readPatternFile]) {
    expect(() => read(file)).toThrowError(
      expect.objectContaining({ kind: "usage", message: expect.stringContaining(file) as string }) as Error,
    );
  }
});

test("a hundred thousand paths are one source", async () => {
  const above = temporary();
  const paths: string[] = [];
  for (let i = 0; i < 2000; i++) {
    const path = join(above, `file-${i}`);
    paths.push(path);
    writeFileSync(path, "");
  }
  const source = await openFsSource({ paths: Array.from({ length: 50 }, () => paths).flat(), hostName: "host" });
  expect(source.paths).toHaveLength(2000);
  expect(source.root).toBe(above);
});
