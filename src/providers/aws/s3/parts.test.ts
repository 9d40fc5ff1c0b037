import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { etagOfParts, MAX_OBJECT_BYTES, MAX_PARTS, MIN_PART_BYTES, partSize } from './multipart.ts';
import { checkParts } from './uploads.ts';

const MIB = 1024 * 1024;

test('parts are as small as may be, and never too many', () => {
  expect(partSize(0, MIN_PART_BYTES)).toBe(5 * MIB);
  expect(partSize(MAX_PARTS * 5 * MIB, MIN_PART_BYTES)).toBe(5 * MIB);
  expect(partSize(MAX_PARTS * 5 * MIB + 1, MIN_PART_BYTES)).toBe(6 * MIB);
  const largest = partSize(MAX_OBJECT_BYTES, MIN_PART_BYTES);
  expect(MAX_OBJECT_BYTES / largest).toBeLessThanOrEqual(MAX_PARTS);
  expect(largest % MIB).toBe(0);
});

describe('the parts of an upload', () => {
  test('are complete when they are in a row and add up', () => {
    checkParts(
      [
        { number: 1, sizeBytes: 5 },
        { number: 2, sizeBytes: 3 },
      ],
      8,
    );
    checkParts([{ number: 1, sizeBytes: 0 }], 0);
  });

  test.each([
    ['one is missing', [{ number: 2, sizeBytes: 8 }]],
    ['one is short', [{ number: 1, sizeBytes: 7 }]],
    ['there is none', []],
  ])('are not when %s', (_, parts) => {
    expect(() => checkParts(parts, 8)).toThrow(expect.objectContaining({ code: 'failed_precondition' }));
  });
});

test('an object of parts is known by the MD5s of its parts', () => {
  // Two parts, 'a' and 'b'.
  const [a, b] = ['0cc175b9c0f1b6a831c399e269772661', '92eb5ffee6ae2fec3ad71c777531578f'] as const;
  expect(etagOfParts([a, b])).toBe(
    `${createHash('md5')
      .update(Buffer.from(a + b, 'hex'))
      .digest('hex')}-2`,
  );
  expect(etagOfParts([a, `${b}-kms`])).toBeNull();
  expect(etagOfParts([])).toBeNull();
});
