import { appendFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { environment } from "../../../src/foundation/index.ts";
import { type MatrixOptions, type MatrixRow, runMatrix, tableOf } from "./matrix.ts";

/** Tests of every case of some stores; the counts are printed at the end, and added to $PLAKAR_MATRIX_TABLE. */
export function testFullMatrix(names: readonly string[], options: MatrixOptions): void {
  const counted: MatrixRow[] = [];
  test.each(names)("I-03 every byte of a store (%s)", async (name) => {
    const { rows, faults } = await runMatrix(name, options);
    counted.push(...rows);
    expect(faults).toStrictEqual([]);
    expect(rows.filter(({ missed }) => missed > 0)).toStrictEqual([]);
  });
  afterAll(() => {
    const table = tableOf(counted);
    process.stdout.write(`\n${table}\n`);
    const file = environment("PLAKAR_MATRIX_TABLE");
    if (file !== undefined) appendFileSync(file, `${table}\n`);
  });
}
