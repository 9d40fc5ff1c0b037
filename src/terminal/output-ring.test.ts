import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputRing } from './output-ring.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('OutputRing', () => {
  const chunk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.stringMatching(/^([a-z]{0,9}\r?\n){0,9}$/),
    fc.constant('é漢🙂'.repeat(9)),
  );

  it('replays exactly the suffix of what was put in, from a safe place, within its capacity', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 60 }), fc.integer({ min: 64, max: 300 }), (chunks, capacityBytes) => {
        const evicted: Uint8Array[] = [];
        const ring = new OutputRing({ capacityBytes, onEvict: (part) => evicted.push(part.slice()) });
        const whole = Buffer.from(chunks.map((text) => text.toWellFormed()).join(''));
        for (const text of chunks) ring.append(bytes(text.toWellFormed()));
        expect(ring.end).toBe(whole.length);
        expect(ring.end - ring.start).toBeLessThanOrEqual(capacityBytes);
        expect(Buffer.from(ring.slice(ring.start, capacityBytes))).toEqual(whole.subarray(ring.start));
        expect(Buffer.concat(evicted)).toEqual(whole.subarray(0, ring.start));
        const kept = whole.subarray(ring.start);
        expect(Buffer.from(kept.toString('utf8'))).toEqual(kept);
      }),
    );
  });

  it('keeps nearly all it may: a cut looks for a line, but not far', () => {
    const ring = new OutputRing({ capacityBytes: 64 * 1024, onEvict: () => undefined });
    for (let i = 0; i < 50; i += 1) ring.append(bytes('x'.repeat(5000)));
    expect(ring.end - ring.start).toBe(64 * 1024);
  });

  it('begins at the start of a line where one is near', () => {
    const ring = new OutputRing({ capacityBytes: 1024, onEvict: () => undefined });
    for (let i = 0; i < 200; i += 1) ring.append(bytes(`line ${i} of the output\r\n`));
    expect(Buffer.from(ring.slice(ring.start, 5)).toString()).toBe('line ');
  });
});
