import { defineConfig, type ViteUserConfig } from "vitest/config";
import { testEnvironment } from "./test/support/test-environment.ts";

const hasOracle = (process.env["PLAKAR_ORACLE"] ?? "") !== "";

const config: ViteUserConfig = defineConfig({
  test: {
    include: hasOracle ? ["test/interop/**/*.test.ts"] : [],
    passWithNoTests: !hasOracle,
    pool: "forks",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // each file runs hundreds of processes, some of which take 256 MiB for a passphrase
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: testEnvironment,
    reporters: hasOracle ? ["default", "./test/support/summary-reporter.ts"] : ["./test/interop/no-oracle-reporter.ts"],
  },
});
export default config;
