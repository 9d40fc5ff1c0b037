/** Launching the real applications of the catalog, which scripts/test-extended.mjs puts into the PATH of the server. */
import type { Page } from '@playwright/test';
import { expect } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';

/** A real application imports half a Python first; on a busy machine that takes its time. */
const READY_MS = 90_000;

/** From the catalog by one click to the application on an origin of its own, in a tab of its own. */
export async function openFromCatalog(page: Page, name: string): Promise<Page> {
  await page.goto('/catalog');
  await page.getByRole('button', { name: `Launch ${name}`, exact: true }).click();
  const environment = new EnvironmentPage(page);
  await expect(environment.status('Running')).toBeVisible({ timeout: READY_MS });
  const opened = page.context().waitForEvent('page');
  await environment.open.click();
  const application = await opened;
  await expect.poll(() => new URL(application.url()).hostname).toMatch(/^[a-z0-9-]+\.localhost$/);
  return application;
}
