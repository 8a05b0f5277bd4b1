import { expect, test } from "vitest";
import { damageCases, flipped } from "../support/damage/damage-cases.ts";
import { judge } from "../support/damage/judgement.ts";
import { learn } from "../support/damage/knowledge.ts";
import { runMatrix } from "../support/damage/matrix.ts";
import { ptars, sampleStore, sorts } from "../support/damage/sample-stores.ts";

/** `npm run test:full` takes every byte instead. */
const options = { sample: { flips: 220, cuts: 20, seed: 20_261_127 }, restoreEvery: 60 };

test.each([...Object.keys(sorts), ...ptars])(
  "I-03 whatever is damaged in a store (%s) is found and named, and never read as if whole",
  async (name) => {
    const { rows, faults } = await runMatrix(name, options);
    expect(faults).toStrictEqual([]);
    expect(rows.map(({ missed }) => missed)).toStrictEqual(rows.map(() => 0));
    expect(rows.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(100);
  },
);

test("I-03 a header in which a byte is flipped is damaged, and never of a version of the future", async () => {
  const known = await learn(await sampleStore("uncompressed"));
  let headers = 0;
  for (const [path, bytes] of known.sample.image) {
    // a header begins with its version, and its identifier follows
    const at = path.startsWith("packfiles/") ? Buffer.from(bytes).indexOf("identifier") : -1;
    if (at < 0) continue;
    headers++;
    for (let place = at - 16; place < at + 48; place++) {
      const files = new Map([[path, flipped(bytes, place)]]);
      const verdict = await judge(known, { manner: "flipped", files, title: `at ${place}` });
      expect(verdict, `${path} at ${place}`).toMatchObject({ found: "check", faults: [] });
    }
  }
  expect(headers).toBe(known.files.size);
});

test("the sample stores hold what was put into them", async () => {
  const sample = await sampleStore("plain");
  const { files } = await learn(sample);
  const [newest = new Map()] = files.values();
  const found = [...sample.contents].map(([end, bytes]) => {
    const hex = [...newest].find(([path]) => path.endsWith(`/tree${end}`))?.[1];
    return [end, hex === Buffer.from(bytes).toString("hex")];
  });
  expect(found).toStrictEqual([...sample.contents.keys()].map((end) => [end, true]));
});

test("the judge sees what is not found, and what is wrong", async () => {
  const known = await learn(await sampleStore("plain"));
  const nothing = { manner: "flipped", files: new Map(), title: "nothing" } as const;
  expect(await judge(known, nothing)).toMatchObject({ found: "missed", faults: ["check finds nothing"] });
  const [id = ""] = known.files.keys();
  const [path] = [...(known.files.get(id)?.keys() ?? [])];
  const lied = { ...known, files: new Map([[id, new Map([[path as never, "00"]])]]) };
  expect((await judge(lied, nothing)).faults).toContain(`cat ${path}: wrong bytes`);
  const [, make] = [...damageCases(known.sample.image)];
  expect(await judge(known, (make as NonNullable<typeof make>)())).toMatchObject({ found: "refused", faults: [] });
});
