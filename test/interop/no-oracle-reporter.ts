import type { Reporter } from "vitest/node";

/** Says that nothing was tested, where silence could be taken for success. */
export default class NoOracleReporter implements Reporter {
  onTestRunEnd(): void {
    process.stdout.write(
      "interop: NOTHING WAS TESTED, because no oracle was named.\n" +
        "Set PLAKAR_ORACLE to a plakar executable of the Go implementation. PLAKAR_UNDER_TEST may name one of ours\n" +
        "(dist/plakar); otherwise the sources run.\n",
    );
  }
}
