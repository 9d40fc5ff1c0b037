/** Tests against real servers of other people, made and started by e2e/servers: part of `npm run test:extended`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // As the server runs: what lets go of spent memory needs it (scripts/server-flags.mjs).
    execArgv: ['--expose-gc'],
    include: ['e2e/{servers,conformance}/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    // The first run builds the servers.
    hookTimeout: 15 * 60_000,
    allowOnly: !process.env.CI,
  },
});
