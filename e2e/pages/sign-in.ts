/** The sign-in page. */
import type { Page } from '@playwright/test';

export const signInPage = (page: Page) => ({
  title: page.getByRole('heading', { name: /^Sign in to / }),
  link: page.getByLabel('Sign-in link'),
  submit: page.getByRole('button', { name: 'Sign in', exact: true }),
  /** Why a link was refused. */
  refusal: page.getByText('This link does not work any more'),
  malformed: page.getByText('This does not look like a sign-in link.'),
});
