/** When a page may be judged as a whole. */
import type { Page } from '@playwright/test';
import { expect } from '../fixtures/server.ts';

/** Its title and its data are there, fonts are loaded, and what moves has come to rest (endless animations aside). */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).or(page.getByRole('dialog')).first()).toBeVisible();
  await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}
