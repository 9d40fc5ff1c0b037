import { expect, it } from 'vitest';
import { changedQuery } from './url-state.ts';

it.each([
  ['a=1', { a: null, b: 'x' }, '?b=x'],
  ['a=1', { a: null }, ''],
  ['', { path: 'runs/Ä b/' }, '?path=runs%2F%C3%84+b%2F'],
  ['a=1&b=2', { b: '' }, '?a=1'],
  ['a=1', {}, '?a=1'],
])('%s with %j becomes %j', (before, change, after) =>
  expect(changedQuery(new URLSearchParams(before), change)).toBe(after),
);
