/** Unit, conformance and architecture tests, beside the code that they test. Browser journeys are Playwright's: playwright.config.ts. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // As the server runs: what lets go of spent memory needs it (scripts/server-flags.mjs).
    execArgv: ['--expose-gc'],
    include: ['src/**/*.test.{ts,tsx}', 'prisma-free-db/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.mjs'],
    environment: 'node',
    // Processes, not threads: tests fork children, send signals and load native modules.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 15_000,
    // A test that is meant for one developer's afternoon must not land.
    allowOnly: !process.env.CI,
  },
});
