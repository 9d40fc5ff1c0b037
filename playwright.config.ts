/**
 * Browser journeys against the built server, which each worker starts for itself (e2e/fixtures/server.ts). `journeys` needs
 * nothing but npm; `extended` needs the applications that scripts/test-extended.mjs installs.
 */
import { defineConfig } from '@playwright/test';
import { readyBrowser } from './e2e/fixtures/chromium.ts';

const browser = await readyBrowser();
const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);

export default defineConfig({
  outputDir: 'test-results',
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // Without its film, which costs each test a tenth of its time: the steps, the pages' state and the last picture tell what was seen.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      executablePath: browser.executablePath,
      env: { ...Object.fromEntries(inherited), ...browser.env },
    },
  },
  projects: [
    { name: 'journeys', testDir: 'e2e/specs' },
    { name: 'extended', testDir: 'e2e/extended', timeout: 180_000 },
  ],
});
