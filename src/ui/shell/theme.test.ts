import { expect, it } from 'vitest';
import { rootAttributes } from './theme.ts';

it('takes only known cookie values', () => {
  expect(rootAttributes('dark', 'compact')).toEqual({ 'data-theme': 'dark', 'data-density': 'compact' });
  expect(rootAttributes('system', undefined)).toEqual({});
  expect(rootAttributes('"><script>', 'tiny')).toEqual({});
});
