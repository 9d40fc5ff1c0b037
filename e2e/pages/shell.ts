/** The frame around every page of the signed-in app. */
import type { Page } from '@playwright/test';

export const shell = (page: Page) => ({
  account: page.getByRole('button', { name: /^Account: / }),
  signOut: page.getByRole('menuitem', { name: 'Sign out' }),
  main: page.getByRole('main'),
  live: page.getByRole('status').filter({ hasText: /^(Live|Reconnecting|Offline)$/ }),
  palette: page.getByRole('dialog').getByRole('combobox'),
});
