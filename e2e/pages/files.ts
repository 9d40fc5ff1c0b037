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
