import { expect, it } from 'vitest';
import { logKeys } from './names.ts';

const keys = logKeys('control/db');

it('names sort as their slots do, and are read back', () => {
  const slots = [1, 9, 10, 255, 256, 4_096, 2 ** 40, Number.MAX_SAFE_INTEGER];
  expect(slots.map(keys.log).sort().map(keys.seqOf)).toEqual(slots);
  expect(keys.log(255)).toBe('control/db/log/00000000000000ff');
  expect(keys.baseOf(keys.base(7))).toBe(7);
  expect(keys.diffOf(keys.diff(7, 9))).toEqual({ base: 7, to: 9 });
  expect(logKeys('').lease).toBe('lease.json');
});

it.each([
  'control/db/log/FF',
  'control/db/log/00000000000000FF',
  'control/db/log/0000000000000000',
  'control/db/log/ffffffffffffffff',
  'control/db/log/00000000000000ff0',
  'control/db/log/00000000000000ff/a',
  'other/log/00000000000000ff',
  'control/db/base/00000000000000ff',
])('%s is no slot', (key) => {
  expect(keys.seqOf(key)).toBeNull();
});

it('a DIFF leads forward', () => {
  const [low, high] = ['0000000000000001', '0000000000000002'];
  expect(keys.diffOf(`control/db/diff/${high}-${low}`)).toBeNull();
  expect(keys.diffOf(`control/db/diff/${low}`)).toBeNull();
  expect(keys.diffOf(`control/db/diff/${low}-${high}-${high}`)).toBeNull();
});

it.each(['/a', 'a/', 'a//b', 'a b', 'ä'])('refuses the prefix %j', (prefix) => {
  expect(() => logKeys(prefix)).toThrow(RangeError);
});

it.each([0, -1, 1.5, 2 ** 53])('%d is no slot number', (seq) => {
  expect(() => keys.log(seq)).toThrow(RangeError);
});
