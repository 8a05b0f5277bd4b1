import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedFiles } from "../../../src/kernels/assembly/generate/files.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "src", "kernels", "assembly", "generated");

test("the generated AssemblyScript files are what their generators write", () => {
  const expected = generatedFiles();
  expect(readdirSync(folder).toSorted()).toStrictEqual(Object.keys(expected).toSorted());
  for (const [name, text] of Object.entries(expected))
    expect(readFileSync(join(folder, name), "utf8"), name).toBe(text);
});
