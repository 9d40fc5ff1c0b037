/** The files of one storage. */
import type { Locator, Page } from '@playwright/test';

export class FilesPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get table(): Locator {
    return this.#page.getByRole('grid', { name: /^Files in / });
  }

  /** What a search found. */
  get found(): Locator {
    return this.#page.getByRole('grid', { name: /^Found in / });
  }

  get names(): Promise<string[]> {
    return this.table.getByRole('row').getByRole('link').allTextContents();
  }

  row(name: string): Locator {
    return this.table.getByRole('row').filter({ has: this.#page.getByRole('link', { name, exact: true }) });
  }

  /** A choice of the menu of an entry. */
  async choose(name: string, action: string | RegExp): Promise<void> {
    await this.#page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
    await this.#page.getByRole('menuitem', { name: action }).click();
  }

  async select(...names: string[]): Promise<void> {
    for (const name of names) await this.row(name).getByRole('checkbox').check();
  }

  /** The short message that says so. */
  said(text: string | RegExp): Locator {
    return this.#page.getByRole('listitem').filter({ hasText: text });
  }

  /** The entry of that name, as the link that opens it. */
  entry(name: string): Locator {
    return this.table.getByRole('link', { name, exact: true });
  }

  /** What the open preview shows. */
  get preview(): Locator {
    return this.#page.getByRole('complementary', { name: /^Preview of / });
  }

  /** By the Upload button and the system's own file dialog. */
  async upload(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    const chooser = this.#page.waitForEvent('filechooser');
    await this.#page.getByRole('button', { name: 'Upload', exact: true }).click();
    await (await chooser).setFiles(files);
  }
}
