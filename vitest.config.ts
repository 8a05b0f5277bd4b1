import { defineConfig, type ViteUserConfig } from "vitest/config";
import { testEnvironment } from "./test/support/test-environment.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // needs other programs, see vitest.interop.config.ts
    exclude: ["test/interop/**"],
    pool: "forks",
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // only what hangs may reach them: two busy cores are slow
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: testEnvironment,
    reporters: ["default", "./test/support/summary-reporter.ts"],
    coverage: { provider: "v8", include: ["src/**/*.ts"], exclude: ["src/kernels/assembly/**", "**/*.d.ts"] },
  },
});
export default config;
