import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, asyncProperty, nat } from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/foundation/index.ts";
import { createMemoryStore } from "../../src/store/index.ts";
import { InProcess } from "../support/in-process.ts";
import { describeTree } from "../support/tree.ts";
import { noAttributes } from "../unit/system/temporary.ts";
import { changeGeneratedTree, makeGeneratedTree } from "./generated-tree.ts";

const stores = [
  { kind: "a plaintext", passphrase: null },
  { kind: "an encrypted", passphrase: "a passphrase for tests" },
];

describe.each(stores)("$kind store", ({ passphrase }) => {
  test("gives any tree back as it was, before and after it changed", async () => {
    await assert(
      asyncProperty(nat(), nat({ max: 150 }), async (seed, items) => {
        const scratch = mkdtempSync(join(tmpdir(), "plakar-round-trip-"));
        try {
          const tree = join(scratch, "tree");
          const generation = { random: new SeededRandom(seed), items, attributes: noAttributes(scratch) === undefined };
          makeGeneratedTree(tree, generation);
          const before = describeTree(tree);
          const plakar = new InProcess(createMemoryStore(), { passphrase });
          await plakar.create();

          const first = await plakar.backup(tree);
          expect(first.failures).toStrictEqual([]);
          const again = await plakar.backup(tree);
          expect(again).toMatchObject({ bytesRead: 0, filesNew: 0, filesChanged: 0, filesUnchanged: first.filesNew });

          changeGeneratedTree(tree, generation);
          const after = describeTree(tree);
          const changed = await plakar.backup(tree);
          expect(changed.failures).toStrictEqual([]);

          expect(await plakar.check()).toMatchObject({ damaged: false, storeProblems: [], notes: [] });
          for (const [report, wanted] of [
            [first, before],
            [again, before],
            [changed, after],
          ] as const) {
            const back = join(scratch, `back-${report.snapshot}`);
            const restored = await plakar.restore(report.snapshot ?? "", back);
            expect(restored).toMatchObject({ failures: [], warnings: [], partial: false });
            expect(describeTree(back)).toStrictEqual(wanted);
          }
          expect(plakar.warnings).toStrictEqual([]);
        } finally {
          rmSync(scratch, { recursive: true, force: true });
        }
      }),
      { seed: 1, numRuns: Number(process.env["PLAKAR_ROUND_TRIPS"] ?? 6) },
    );
  });
});
