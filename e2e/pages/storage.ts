/** One storage: its parts, its facts, the steps of its making or removal. */
import type { Locator, Page } from '@playwright/test';

export class StoragePage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get title(): Locator {
    return this.#page.getByRole('heading', { level: 1 });
  }

  tab(name: 'Files' | 'Usage' | 'About'): Locator {
    return this.#page.getByRole('navigation', { name: 'Parts of this storage' }).getByRole('link', { name });
  }

  /** The value beside that name in a list of facts. */
  fact(name: string): Locator {
    return this.#page
      .getByRole('main')
      .locator('dl > div')
      .filter({ hasText: new RegExp(`^${name}`) })
      .locator('dd');
  }

  card(title: string): Locator {
    const heading = this.#page.getByRole('heading', { level: 2, name: title });
    return this.#page.locator('section').filter({ has: heading });
  }

  get steps(): Locator {
    return this.#page.getByRole('list', { name: 'Steps' });
  }
}
