/** The built-in Terminal on its own origin, in a tab (Page) or shown inside the app (FrameLocator). */
import type { FrameLocator, Page } from '@playwright/test';
import { expect } from '../fixtures/server.ts';

export class TerminalPage {
  readonly #place: Page | FrameLocator;
  readonly #page: Page;

  constructor(page: Page, frame?: FrameLocator) {
    this.#page = page;
    this.#place = frame ?? page;
  }

  /** What the shown tab shows, white space folded. */
  get screen() {
    return this.#place.locator('.panel:visible .xterm-rows');
  }

  /** The shell waits for a command. */
  async ready(): Promise<void> {
    await expect(this.screen).toContainText(/[$#%>]/);
  }

  /** Types a line, as fingers do, and presses Enter. */
  async run(line: string): Promise<void> {
    await this.#place.locator('.panel:visible .xterm-screen').click();
    await this.#page.keyboard.type(line);
    await this.#page.keyboard.press('Enter');
  }
}
