import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, it } from 'vitest';
import { transformer } from './transformer.ts';

const overTheWire = (value: unknown): unknown => superjson.parse(JSON.stringify(transformer.serialize(value)));

describe('transformer', () => {
  it('is read by superjson as what was sent, whatever it was', () => {
    // superjson refuses these names itself: a receiver could be made to change its prototypes.
    const key = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));
    const anything = fc.anything({ key, withDate: true, withMap: true, withSet: true, withBigInt: true, maxDepth: 4 });
    fc.assert(
      fc.property(anything, (value) => {
        expect(overTheWire(value)).toEqual(value);
      }),
    );
  });

  it('adds nothing to plain JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const sent = JSON.parse(JSON.stringify(value)) as unknown;
        expect(transformer.serialize(sent)).toEqual({ json: sent });
      }),
    );
  });

  it.each([undefined, -0, Number.NaN, 1n, new Date(5), new Map([['a', 1]]), { a: undefined }])('keeps %s', (value) => {
    expect(overTheWire([value])).toEqual([value]);
  });

  it('leaves cycles to superjson', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const back = overTheWire(loop) as typeof loop;
    expect(back.self).toBe(back);
  });
});
