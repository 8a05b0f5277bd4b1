import { expect, test } from "vitest";
import { ProgressLine } from "../../../src/cli/progress-line.ts";
import { FakeClock } from "../../../src/foundation/index.ts";

const MIB = 1 << 20;

test("a line tells what was done, how fast, and how long it will take", () => {
  const clock = new FakeClock();
  const line = new ProgressLine(() => clock.monotonicMs());
  expect(line.phase("restoring")).toBe("restoring");
  line.totals({ bytes: 100 * MIB });
  const shown: string[] = [];
  for (const [afterMs, files, mib] of [
    [1000, 3, 10],
    [1000, 5, 20],
    [9000, 9, 65],
    [1000, 9, 65],
  ] as const) {
    clock.advanceMs(afterMs);
    shown.push(line.line({ type: "progress", files, bytes: mib * MIB, path: "/a" }));
  }
  expect(shown).toStrictEqual([
    "restoring: 3 files, 10 MiB of 100 MiB (10%), 10 MiB/s  /a",
    "restoring: 5 files, 20 MiB of 100 MiB (20%), 10 MiB/s, 8s left  /a",
    "restoring: 9 files, 65 MiB of 100 MiB (65%), 5.5 MiB/s, 6.4s left  /a",
    "restoring: 9 files, 65 MiB of 100 MiB (65%), 5.0 MiB/s, 7s left  /a",
  ]);
});

test("without a total, or beyond it, nothing is foretold", () => {
  const clock = new FakeClock();
  const line = new ProgressLine(() => clock.monotonicMs());
  line.phase("backing up");
  clock.advanceMs(4000);
  expect(line.line({ type: "progress", files: 0, bytes: 4 * MIB })).toBe("backing up: 4.0 MiB, 1.0 MiB/s");
  line.totals({ bytes: MIB });
  clock.advanceMs(4000);
  expect(line.line({ type: "progress", files: 1, bytes: 8 * MIB })).toBe("backing up: 1 file, 8.0 MiB, 1.0 MiB/s");
  line.phase("again");
  expect(line.line({ type: "progress", files: 1, bytes: 0 })).toBe("again: 1 file, 0 B");
});
