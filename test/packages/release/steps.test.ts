import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runSteps, type Step } from "../../../scripts/release/step.ts";
import { temporaryDirectories } from "../../unit/system/temporary.ts";

const temporary = temporaryDirectories();
let folder = "";
let done: string[] = [];
let said: string[] = [];
beforeEach(() => {
  folder = temporary();
  done = [];
  said = [];
});

interface Context {
  readonly version: string;
  readonly failing?: string;
}

function step(name: string, rest: Partial<Step<Context>> = {}): Step<Context> {
  return {
    name,
    why: `makes ${name}`,
    inputs: ({ version }) => [version],
    run: async ({ version, failing }) => {
      done.push(name);
      if (failing === name) throw new Error(`${name} failed`);
      writeFileSync(join(folder, name), `${name} ${version}`);
      return { files: [join(folder, name)] };
    },
    ...rest,
  };
}

const all = [step("one"), step("two"), step("three")];

async function run(context: Context, steps: readonly Step<Context>[] = all): Promise<string[]> {
  const { skipped } = await runSteps(steps, context, {
    progressFile: join(folder, "progress.json"),
    say: (line) => said.push(line),
  });
  return [...skipped];
}

test("what was done is not done again", async () => {
  await run({ version: "1" });
  await run({ version: "1" });
  expect(done).toStrictEqual(["one", "two", "three"]);
  expect(said.slice(-3)).toStrictEqual([" 1/3 one: done before", " 2/3 two: done before", " 3/3 three: done before"]);
});

test("a run that failed goes on where it failed", async () => {
  await expect(run({ version: "1", failing: "two" })).rejects.toThrow("two failed");
  await run({ version: "1" });
  expect(done).toStrictEqual(["one", "two", "two", "three"]);
});

test("other inputs, a file that changed and one that is gone are done anew, with all that comes after", async () => {
  await run({ version: "1" });
  await run({ version: "2" });
  expect(done.splice(0)).toHaveLength(6);
  writeFileSync(join(folder, "two"), "touched");
  await run({ version: "2" });
  expect(done.splice(0)).toStrictEqual(["two"]); // it came out as before, and three needs nothing new
  rmSync(join(folder, "one"));
  await run({ version: "2" });
  expect(done).toStrictEqual(["one"]);
});

test("steps that always look are always done, and what they skipped is told each time", async () => {
  const looking = step("look", { always: true, run: async () => ({ skipped: ["apk: there is none here"] }) });
  for (let times = 0; times < 2; times++)
    expect(await run({ version: "1" }, [...all, looking])).toStrictEqual(["look: apk: there is none here"]);
  const skipping = step("skip", { run: async () => ({ skipped: ["half"] }) });
  for (let times = 0; times < 2; times++) expect(await run({ version: "1" }, [skipping])).toStrictEqual(["skip: half"]);
});

test("a record that is damaged counts for nothing", async () => {
  await run({ version: "1" });
  const file = join(folder, "progress.json");
  writeFileSync(file, readFileSync(file, "utf8").slice(0, 40));
  await run({ version: "1" });
  expect(done).toHaveLength(6);
});
