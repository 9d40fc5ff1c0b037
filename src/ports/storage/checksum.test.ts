import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineCrc32c, crc32cOf, isCrc32c, runningCrc32c } from './checksum.ts';

test('is the sum that RFC 3720 §B.4 gives for its examples', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(crc32cOf(bytes), 'base64').toString('hex');
  expect(hex(Buffer.alloc(32))).toBe('8a9136aa');
  expect(hex(Buffer.alloc(32, 0xff))).toBe('62a8ab43');
  expect(hex(Buffer.from('123456789'))).toBe('e3069283');
  expect(isCrc32c(crc32cOf(Buffer.from('a')))).toBe(true);
  expect(isCrc32c('AAAAAA=')).toBe(false);
});

test('piece by piece and combined it is the sum of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 70_000 }), (a, b) => {
      const whole = crc32cOf(Buffer.concat([a, b]));
      const running = runningCrc32c();
      running.update(a);
      running.update(b);
      expect(running.value()).toBe(whole);
      expect(combineCrc32c(crc32cOf(a), crc32cOf(b), b.length)).toBe(whole);
    }),
  );
});
