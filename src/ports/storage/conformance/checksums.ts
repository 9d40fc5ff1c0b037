/** Checksums from end to end: what is damaged on its way, or where it lies, is an error and never a file. */
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { crc32cOf } from '../checksum.ts';
import { bytesOf, expectSameInfo, listAll, MIB, refusal, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeChecksums({ topic, promise }: Spec): void {
  topic('checksums', () => {
    const text = Buffer.from('as it was sent');

    promise('the answer to a put names the CRC-32C of the content, and head does', async ({ bucket, lack }) => {
      const info = await bucket.put('a', text);
      if (info.crc32c === null) throw lack('This storage keeps no CRC-32C.');
      expect(info.crc32c).toBe(crc32cOf(text));
      expect((await bucket.head('a')).crc32c).toBe(crc32cOf(text));
      const got = await bucket.get('a');
      got.body.destroy();
      expect(got.info.crc32c).toBe(crc32cOf(text));
      const large = Buffer.alloc(3 * MIB, 'l');
      expect((await bucket.put('b', Readable.from([large.subarray(0, MIB), large.subarray(MIB)]))).crc32c).toBe(
        crc32cOf(large),
      );
      expect((await bucket.put('empty', Buffer.alloc(0))).crc32c).toBe('AAAAAA==');
    });

    promise('copies and moves carry it along', async ({ bucket, lack }) => {
      if ((await bucket.put('a', text)).crc32c === null) throw lack('This storage keeps no CRC-32C.');
      expect((await bucket.copy('a', 'b')).crc32c).toBe(crc32cOf(text));
      expect((await bucket.move('b', 'c')).crc32c).toBe(crc32cOf(text));
      expect((await bucket.head('c')).crc32c).toBe(crc32cOf(text));
    });

    promise('a body whose sum is not the announced one is refused, and nothing of it is left', async ({ bucket }) => {
      const old = await bucket.put('a', Buffer.from('old'), { crc32c: crc32cOf(Buffer.from('old')) });
      for (const body of [text, Readable.from([text])]) {
        expect(await refusal(bucket.put('a', body, { crc32c: crc32cOf(Buffer.from('other')) }))).toMatchObject({
          code: 'invalid_argument',
          details: { outcome: 'not_applied' },
        });
      }
      expectSameInfo(await bucket.head('a'), old);
      expect(await refusal(bucket.put('new', text, { crc32c: 'AAAAAA==' }))).toMatchObject({
        code: 'invalid_argument',
      });
      expect((await listAll(bucket)).keys).toEqual(['a']);
    });

    promise('a byte that flips on its way up is an error, and nothing is stored', async ({ under, bucket, skip }) => {
      const { uploads } = under.damage ?? {};
      if (!uploads) throw skip('Between the server and this storage lies nothing that could damage a body.');
      uploads(true);
      try {
        const call = bucket.put('a', text, { condition: { ifAbsent: true } });
        expect(await refusal(call)).toMatchObject({ code: 'unavailable' });
        expect(await refusal(bucket.put('b', Readable.from([text])))).toMatchObject({ code: 'unavailable' });
      } finally {
        uploads(false);
      }
      expect((await listAll(bucket)).keys).toEqual([]);
      await bucket.put('a', text, { condition: { ifAbsent: true } });
      expect(await textAt(bucket, 'a')).toBe(text.toString());
    });

    promise(
      'a byte that flips in a part is an error, and the part does not count',
      { needs: ['uploads'] },
      async ({ under, bucket, skip }) => {
        const { uploads } = under.damage ?? {};
        if (!uploads) throw skip('Between the server and this storage lies nothing that could damage a body.');
        const { id } = await bucket.startUpload('a', { sizeBytes: text.length });
        const part = { number: 1, body: text, sizeBytes: text.length };
        uploads(true);
        try {
          expect(await refusal(bucket.putPart('a', id, part))).toMatchObject({ code: 'unavailable' });
        } finally {
          uploads(false);
        }
        expect(await bucket.listParts('a', id)).toEqual([]);
        await bucket.putPart('a', id, part);
        await bucket.completeUpload('a', id, { sizeBytes: text.length });
        expect(await textAt(bucket, 'a')).toBe(text.toString());
      },
    );

    promise('a byte that flips on its way down ends the stream with an error', async ({ under, bucket, skip }) => {
      const { downloads } = under.damage ?? {};
      if (!downloads) throw skip('Between the server and this storage lies nothing that could damage a body.');
      await bucket.put('a', text);
      downloads(true);
      try {
        const { body } = await bucket.get('a');
        expect(await refusal(bytesOf(body))).toMatchObject({ code: 'unavailable' });
      } finally {
        downloads(false);
      }
      expect(await textAt(bucket, 'a')).toBe(text.toString());
    });

    promise('a byte that flips where it lies ends the stream with an error', async ({ under, bucket, skip }) => {
      const { stored } = under.damage ?? {};
      if (!stored) throw skip('What this storage keeps cannot be damaged from outside.');
      await bucket.put('dir/a', text, { contentType: 'text/plain' });
      await stored(bucket.name, 'dir/a');
      const { body } = await bucket.get('dir/a');
      expect(await refusal(bytesOf(body))).toMatchObject({ code: 'unavailable' });
    });
  });
}
