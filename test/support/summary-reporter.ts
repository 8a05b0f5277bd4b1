import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends a run with one line that a script can read, after the reasons of everything that was skipped. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped = new Map<string, string[]>();
    for (const module of modules) {
      // a file that does not load has no tests, but has failed
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "pending") continue;
        counts[result.state]++;
        if (result.state !== "skipped") continue;
        const reason = result.note ?? "no reason given";
        skipped.set(reason, [...(skipped.get(reason) ?? []), test.fullName]);
      }
    }
    const reasons = [...skipped].flatMap(([reason, names]) => [
      `skipped: ${reason}`,
      ...names.map((name) => `  ${name}`),
    ]);
    const total = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    process.stdout.write(`${[...reasons, total].join("\n")}\n`);
  }
}
