/** Tests against real servers of other people, made and started by e2e/servers: part of `npm run test:extended`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
