import { defineConfig, type ViteUserConfig } from "vitest/config";
import { testEnvironment } from "./test/support/test-environment.ts";

/** What takes too long for every change: `npm run test:full`. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.full.ts"],
    pool: "forks",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    testTimeout: 4 * 3600_000,
    hookTimeout: 120_000,
    env: testEnvironment,
    reporters: ["default", "./test/support/summary-reporter.ts"],
  },
});
export default config;
