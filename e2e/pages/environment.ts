/** The page of one environment, and what its cards and rows elsewhere offer under the same names. */
import type { FrameLocator, Locator, Page } from '@playwright/test';
import { TerminalPage } from './terminal.ts';

export class EnvironmentPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get title(): Locator {
    return this.#page.getByRole('main').getByRole('heading', { level: 1 });
  }

  /** The word of its state, in the header. */
  status(word: string): Locator {
    return this.#page.getByRole('main').locator('header').getByText(word, { exact: true });
  }

  get stop(): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: /^Stop / });
  }

  get start(): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: /^Start / });
  }

  get cancel(): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: /^Cancel the start of / });
  }

  /** Leads to the application in a tab of its own. */
  get open(): Locator {
    return this.#page.getByRole('main').getByRole('link', { name: /^Open .* in a new tab$/ });
  }

  get menu(): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: /^More actions for / });
  }

  /** What went wrong. */
  get failure(): Locator {
    return this.#page.getByRole('main').getByRole('alert');
  }

  get log(): Locator {
    return this.#page.getByLabel('Log output');
  }

  tab(name: 'Overview' | 'Log' | 'History' | 'Settings'): Locator {
    const tabs = this.#page.getByRole('navigation', { name: 'Parts of this environment' });
    return tabs.getByRole('link', { name, exact: true });
  }

  get frame(): FrameLocator {
    return this.#page.frameLocator('iframe[title$="the application itself"]');
  }

  /** The Terminal shown inside the page. */
  get terminal(): TerminalPage {
    return new TerminalPage(this.#page, this.frame);
  }

  menuItem(name: string): Locator {
    return this.#page.getByRole('menuitem', { name });
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog');
  }
}
