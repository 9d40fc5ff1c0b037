import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputQueue } from './input-queue.ts';

it('delivers every typed byte once and in order, whatever the line loses', () => {
  const key = fc.record({ text: fc.string({ minLength: 1, maxLength: 5 }), lost: fc.boolean(), down: fc.boolean() });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 50 }), (keys) => {
      let taken = Buffer.alloc(0);
      let lineEats = false;
      const queue = new InputQueue((bytes) => {
        if (!lineEats) taken = Buffer.concat([taken, bytes]);
      });
      let typed = '';
      for (const { text, lost, down } of keys) {
        // A dead line takes what is sent and delivers nothing; what follows on it is lost too, until it is noticed.
        lineEats ||= lost;
        typed += text;
        expect(queue.push(Buffer.from(text))).toBe(true);
        if (down) {
          queue.lost();
          lineEats = false;
          queue.confirm(taken.length);
        } else if (!lineEats && taken.length > 0) {
          queue.confirm(taken.length);
        }
      }
      queue.lost();
      lineEats = false;
      queue.confirm(taken.length);
      expect(taken.toString()).toBe(Buffer.from(typed).toString());
    }),
  );
});

it('keeps a bounded amount while the line is down, and says so', () => {
  const queue = new InputQueue(() => undefined);
  expect(queue.push(new Uint8Array(64 * 1024))).toBe(true);
  expect(queue.push(new Uint8Array(1))).toBe(false);
});
