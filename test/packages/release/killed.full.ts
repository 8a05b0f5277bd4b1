import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyProject } from "./support/project-copy.ts";
import { digestsOf, tryRelease } from "./support/trial.ts";

/* A release that is killed at any step ends as one that was not. Both sign with the same keys. */
const steps = 13;
let folder = "";
let whole: Record<string, string> = {};

/** What people get: GitHub's assets, and the repositories. */
function results(): Record<string, string> {
  const at = join(folder, "dist/release/0.0.7-trial");
  // when a state was published is part of its name, and of nothing that is signed
  const isTimed = ([path]: [string, string]): boolean => path.startsWith("published/states");
  const all = {
    ...prefixed("assets", digestsOf(join(at, "assets"))),
    ...prefixed("published", digestsOf(join(at, "published"))),
  };
  return Object.fromEntries(Object.entries(all).filter((pair) => !isTimed(pair)));
}

function prefixed(prefix: string, digests: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).map(([path, digest]) => [`${prefix}/${path}`, digest]));
}

function forget(): void {
  for (const name of ["dist/release", "build"]) rmSync(join(folder, name), { recursive: true, force: true });
}

beforeAll(async () => {
  folder = copyProject(mkdtempSync(join(tmpdir(), "plakar-killed-")));
  const trial = await tryRelease(folder);
  if (trial.code !== 0) throw new Error(trial.output);
  whole = results();
}, 1800_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("two builds of a release give the same bytes", async () => {
  expect(Object.keys(whole).length).toBeGreaterThan(20);
  forget();
  expect((await tryRelease(folder)).code).toBe(0);
  expect(results()).toStrictEqual(whole);
});

test.each(Array.from({ length: steps }, (_, at) => at + 1))(
  "killed at step %i, the next run ends the same",
  async (step) => {
    forget();
    const killed = await tryRelease(folder, { killAt: new RegExp(`^ ?${step}/${steps} `, "m") });
    expect(killed.code).not.toBe(0);
    expect(await tryRelease(folder)).toMatchObject({ code: 0 });
    expect(results()).toStrictEqual(whole);
  },
);

test("killed at every step, one after the other, it ends the same", async () => {
  forget();
  for (let step = 1; step <= steps; step++)
    await tryRelease(folder, { killAt: new RegExp(`^ ?${step}/${steps} (?!.*done before)`, "m") });
  expect(await tryRelease(folder)).toMatchObject({ code: 0 });
  expect(results()).toStrictEqual(whole);
});
