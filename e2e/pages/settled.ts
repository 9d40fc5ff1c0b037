/** When a page may be judged as a whole. */
import type { Page } from '@playwright/test';
import { expect } from '../fixtures/server.ts';

/** What it is about is there, fonts are loaded, and what moves has come to rest (endless animations aside). */
export async function settled(page: Page): Promise<void> {
  const subject = page.getByRole('heading', { level: 1 }).or(page.getByRole('dialog')).or(page.getByRole('tabpanel'));
  await expect(subject.first()).toBeVisible();
  await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // Most of what moves takes 0.2 s: to ask again after a second is to wait for nothing.
  await expect.poll(() => page.evaluate(moving), { intervals: [50] }).toBe(0);
}

/** Animations that run and will end. Runs in the page. */
function moving(): number {
  const ends = (one: Animation) => Number.isFinite(one.effect?.getComputedTiming().endTime);
  return document.getAnimations().filter((one) => one.playState === 'running' && ends(one)).length;
}
