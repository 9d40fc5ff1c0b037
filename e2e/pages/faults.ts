/** What axe finds wrong with a page for people who see, hear or move otherwise. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** Where nothing but colours is different, nothing else needs judging again. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * Each fault with its rule and its place. Applications in frames are left out: landmarks of two documents are not two of one, and
 * they are judged on their own address.
 * @param rules of axe; all of them when absent
 */
export async function faults(page: Page, rules?: string[]): Promise<string[]> {
  // In one go: else axe opens an empty page for each judgement, only to join what it found in several frames.
  const axe = new AxeBuilder({ page }).exclude('iframe').setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  );
}
