import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handOverChunks } from '../../../ports/storage/spent-chunks.ts';
import { Blocks } from './blocks.ts';

const SIZE = 512 * 1024;

function bodyOf(chunks: Buffer[]): Readable {
  return Readable.from(chunks, { objectMode: false });
}

const endless = () =>
  Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(64 * 1024);
    })(),
    { objectMode: false },
  );

describe('pieces of a body', () => {
  it('hold every byte in order, all but the last as long as asked for', async () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.constant(SIZE)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.boolean(), async (given, handedOver) => {
        const whole = Buffer.concat(given.map((length, n) => Buffer.alloc(length, n + 1)));
        const blocks = new Blocks(SIZE);
        const got: Buffer[] = [];
        const ends: boolean[] = [];
        const chunks = given.map((length, n) => Buffer.alloc(length, n + 1));
        const body = handedOver ? handOverChunks(bodyOf(chunks)) : bodyOf(chunks);
        for await (const { bytes, last } of blocks.cut(body)) {
          got.push(Buffer.from(bytes));
          ends.push(last);
          blocks.giveBack(bytes);
        }
        blocks.close();
        expect(Buffer.concat(got).equals(whole)).toBe(true);
        expect(got.slice(0, -1).every(({ length }) => length === SIZE)).toBe(true);
        expect(ends).toEqual(got.map((_, n) => n === got.length - 1));
      }),
      { numRuns: 40 },
    );
  });

  it('free the chunks of a body that was handed over, and those only; never the rest of what a chunk is a piece of', async () => {
    const leftOf = async (body: (chunks: Buffer[]) => Readable): Promise<number[]> => {
      const large = Buffer.alloc(SIZE);
      const chunks = [Buffer.alloc(SIZE), large.subarray(0, SIZE / 2), Buffer.alloc(SIZE)];
      const blocks = new Blocks(SIZE);
      for await (const { bytes } of blocks.cut(body(chunks))) blocks.giveBack(bytes);
      blocks.close();
      return [...chunks, large].map(({ byteLength }) => byteLength);
    };
    const single = (chunks: Buffer[]) => Readable.from(chunks, { objectMode: false, highWaterMark: 1 });
    expect(await leftOf((chunks) => handOverChunks(single(chunks)))).toEqual([0, SIZE / 2, 0, SIZE]);
    expect(await leftOf(single)).toEqual([SIZE, SIZE / 2, SIZE, SIZE]);
  });

  it('of many bodies need one buffer each, and a few that all share', async () => {
    const bodies = Array.from({ length: 10 }, () => new Blocks(SIZE));
    const begun = bodies.map((blocks) => blocks.cut(endless()));
    for (const pieces of begun) expect((await pieces.next()).done).toBe(false);
    // The first body takes what is shared; the others have to wait for their own buffer.
    const more = async (n: number): Promise<boolean> => {
      if (!bodies[n]?.reserve()) return false;
      await begun[n]?.next();
      return true;
    };
    let taken = 0;
    while (await more(0)) taken += 1;
    expect(taken).toBe(2);
    expect(await more(1)).toBe(false);
    bodies[0]?.close();
    expect(await more(1)).toBe(true);
    for (const pieces of begun) await pieces.return();
    for (const blocks of bodies) blocks.close();
  });

  it('lie in the buffer that was given back', async () => {
    const blocks = new Blocks(SIZE);
    const pieces = blocks.cut(endless());
    const { value: first } = await pieces.next();
    if (!first) throw new Error('no piece');
    const { buffer } = first.bytes;
    blocks.giveBack(first.bytes);
    expect(blocks.reserve()).toBe(true);
    expect((await pieces.next()).value?.bytes.buffer).toBe(buffer);
    await pieces.return();
    blocks.close();
  });
});
