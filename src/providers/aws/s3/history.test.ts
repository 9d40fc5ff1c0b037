import { expect, test } from 'vitest';
import { decodePlace, encodePlace, summaries } from './history.ts';

const entry = (key: string, at: number, more: { marker?: boolean; latest?: boolean } = {}) => ({
  key,
  versionId: `${key}@${at}`,
  sizeBytes: 1,
  at,
  latest: false,
  marker: false,
  ...more,
});

test('each content was replaced when the next newer one, or a delete, was written', () => {
  const entries = [
    entry('a', 30, { latest: true }),
    entry('a', 20),
    entry('a', 10),
    entry('b', 9, { latest: true, marker: true }),
    entry('b', 5),
    entry('c/', 4, { latest: true }),
  ];
  expect(summaries(entries, null).map(({ versionId, replacedAt }) => [versionId, replacedAt])).toEqual([
    ['a@30', null],
    ['a@20', 30],
    ['a@10', 20],
    ['b@5', 9],
  ]);
});

test('a page that begins in the middle of a key knows what came before it', () => {
  expect(summaries([entry('a', 10)], { lastKey: 'a', lastAt: 20 })[0]?.replacedAt).toBe(20);
  expect(summaries([entry('b', 10, { latest: true })], { lastKey: 'a', lastAt: 20 })[0]?.replacedAt).toBeNull();
});

test('a page mark comes back as it was; anything else is refused', () => {
  const place = { keyMarker: 'a b/ü', versionMarker: null, lastKey: 'a', lastAt: 5 };
  expect(decodePlace(encodePlace(place))).toEqual(place);
  for (const bad of ['', 'x', Buffer.from('{}').toString('base64url'), Buffer.from('null').toString('base64url')]) {
    expect(() => decodePlace(bad)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  }
});
