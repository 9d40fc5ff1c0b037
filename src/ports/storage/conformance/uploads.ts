/** Files in parts: any order, several hands, resumed after a break, visible whole or not at all. */
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { crc32cOf } from '../checksum.ts';
import type { Bucket, UploadSession } from '../storage.ts';
import { allVersions, bytesOf, expectSameInfo, listAll, refusal, refusals, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

const needs = { needs: ['uploads'] } as const;

/** A file of `parts` parts, the last one short; no two parts alike. */
async function begin(
  bucket: Bucket,
  key: string,
  parts = 3,
): Promise<{ session: UploadSession; whole: Buffer; piece: (number: number) => Buffer }> {
  // The part size may depend on the size: ask with a first guess, then begin with the size meant.
  const probe = await bucket.startUpload(key, { sizeBytes: 1 });
  await bucket.abortUpload(key, probe.id);
  const sizeBytes = (parts - 1) * probe.partSizeBytes + 12_345;
  const session = await bucket.startUpload(key, { sizeBytes, contentType: 'text/plain', metadata: { n: '1' } });
  const whole = Buffer.alloc(sizeBytes);
  for (let i = 0; i < sizeBytes; i += 4096) whole.writeUInt32BE(i, Math.min(i, sizeBytes - 4));
  const size = session.partSizeBytes;
  return { session, whole, piece: (number) => whole.subarray((number - 1) * size, number * size) };
}

export function describeUploads({ topic, promise }: Spec): void {
  topic('uploads', () => {
    const send = (bucket: Bucket, key: string, id: string, number: number, body: Buffer) =>
      bucket.putPart(key, id, { number, body, sizeBytes: body.length });

    promise('parts in any order become one file, visible only once it is whole', needs, async ({ bucket }) => {
      const { session, whole, piece } = await begin(bucket, 'big/a');
      await Promise.all([3, 1].map((number) => send(bucket, 'big/a', session.id, number, piece(number))));
      expect((await listAll(bucket)).keys).toEqual([]);
      expect(await refusal(bucket.head('big/a'))).toMatchObject({ code: 'not_found' });
      const body = Readable.from([piece(2).subarray(0, 1000), piece(2).subarray(1000)]);
      await bucket.putPart('big/a', session.id, { number: 2, body, sizeBytes: piece(2).length });
      const parts = await bucket.listParts('big/a', session.id);
      expect(parts).toEqual([1, 2, 3].map((number) => ({ number, sizeBytes: piece(number).length })));
      const info = await bucket.completeUpload('big/a', session.id, { sizeBytes: whole.length });
      expect(info).toMatchObject({
        key: 'big/a',
        sizeBytes: whole.length,
        contentType: 'text/plain',
        metadata: { n: '1' },
      });
      expect(info.crc32c ?? crc32cOf(whole)).toBe(crc32cOf(whole));
      expectSameInfo(await bucket.head('big/a'), info);
      expect((await bytesOf((await bucket.get('big/a')).body)).equals(whole)).toBe(true);
    });

    promise('a part sent again replaces the first one', needs, async ({ bucket }) => {
      const { session, whole, piece } = await begin(bucket, 'a', 2);
      await send(bucket, 'a', session.id, 1, Buffer.alloc(piece(1).length, 'w'));
      await send(bucket, 'a', session.id, 2, piece(2));
      await send(bucket, 'a', session.id, 1, piece(1));
      expect(await bucket.listParts('a', session.id)).toHaveLength(2);
      await bucket.completeUpload('a', session.id, { sizeBytes: whole.length });
      expect((await bytesOf((await bucket.get('a')).body)).equals(whole)).toBe(true);
    });

    promise('missing parts are told, and the upload goes on', needs, async ({ bucket }) => {
      const { session, whole, piece } = await begin(bucket, 'a');
      const { length: sizeBytes } = whole;
      await send(bucket, 'a', session.id, 1, piece(1));
      await send(bucket, 'a', session.id, 3, piece(3));
      expect(await refusal(bucket.completeUpload('a', session.id, { sizeBytes }))).toMatchObject({
        code: 'failed_precondition',
        details: { outcome: 'not_applied' },
      });
      expect((await listAll(bucket)).keys).toEqual([]);
      await send(bucket, 'a', session.id, 2, piece(2));
      await bucket.completeUpload('a', session.id, { sizeBytes });
      expect((await bytesOf((await bucket.get('a')).body)).equals(whole)).toBe(true);
    });

    promise('a part that breaks off or has another length does not count', needs, async ({ bucket }) => {
      const { session, piece } = await begin(bucket, 'a', 2);
      const sizeBytes = piece(1).length;
      const broken = Readable.from(
        (function* () {
          yield piece(1).subarray(0, 1000);
          throw new Error('client gone');
        })(),
      );
      expect(await refusal(bucket.putPart('a', session.id, { number: 1, body: broken, sizeBytes }))).toMatchObject({
        code: 'unavailable',
      });
      const short = Readable.from([piece(1).subarray(0, 1000)]);
      expect(await refusal(bucket.putPart('a', session.id, { number: 1, body: short, sizeBytes }))).toMatchObject({
        code: 'invalid_argument',
        details: { outcome: 'not_applied' },
      });
      expect(await bucket.listParts('a', session.id)).toEqual([]);
      for (const number of [0, 10_001, 1.5]) {
        expect(await refusal(send(bucket, 'a', session.id, number, piece(1)))).toMatchObject({
          code: 'invalid_argument',
        });
      }
    });

    promise('an aborted upload leaves nothing and is not known any more', needs, async ({ bucket }) => {
      const { session, whole, piece } = await begin(bucket, 'a', 2);
      await send(bucket, 'a', session.id, 1, piece(1));
      await bucket.abortUpload('a', session.id);
      await bucket.abortUpload('a', session.id);
      for (const outcome of await refusals([
        send(bucket, 'a', session.id, 2, piece(2)),
        bucket.listParts('a', session.id),
        bucket.completeUpload('a', session.id, { sizeBytes: whole.length }),
      ])) {
        expect(outcome).toMatchObject({ code: 'not_found' });
      }
      expect((await listAll(bucket)).keys).toEqual([]);
    });

    promise('an ended upload is not known any more', needs, async ({ bucket }) => {
      const { session, whole, piece } = await begin(bucket, 'a', 1);
      await send(bucket, 'a', session.id, 1, piece(1));
      await bucket.completeUpload('a', session.id, { sizeBytes: whole.length });
      for (const outcome of await refusals([
        send(bucket, 'a', session.id, 1, piece(1)),
        bucket.listParts('a', session.id),
      ])) {
        expect(outcome).toMatchObject({ code: 'not_found' });
      }
      await bucket.abortUpload('a', session.id);
      expect((await bytesOf((await bucket.get('a')).body)).equals(whole)).toBe(true);
    });

    promise('completing obeys its condition, and the upload stays', needs, async ({ bucket, put }) => {
      const { session, whole, piece } = await begin(bucket, 'a', 1);
      const sizeBytes = whole.length;
      const old = await put('a', 'here first');
      await send(bucket, 'a', session.id, 1, piece(1));
      const call = bucket.completeUpload('a', session.id, { sizeBytes, condition: { ifAbsent: true } });
      expect(await refusal(call)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
      expect(await textAt(bucket, 'a')).toBe('here first');
      expect(await bucket.listParts('a', session.id)).toHaveLength(1);
      await bucket.delete('a');
      await bucket.completeUpload('a', session.id, { sizeBytes, condition: { ifAbsent: true } });
      expect((await bytesOf((await bucket.get('a')).body)).equals(whole)).toBe(true);
      if (!bucket.capabilities.history) return;
      expect(await textAt(bucket, 'a', old.versionId ?? '')).toBe('here first');
      expect(await allVersions(bucket, { key: 'a' })).toHaveLength(2);
    });

    promise('empty files and files of exactly one or two parts arrive', needs, async ({ bucket }) => {
      const probe = await bucket.startUpload('probe', { sizeBytes: 1 });
      await bucket.abortUpload('probe', probe.id);
      for (const count of [0, 1, 2]) {
        const key = `parts/${count}`;
        const sizeBytes = count * probe.partSizeBytes;
        const { id, partSizeBytes } = await bucket.startUpload(key, { sizeBytes });
        expect(partSizeBytes).toBeGreaterThan(0);
        const pieces = Math.max(1, Math.ceil(sizeBytes / partSizeBytes));
        for (let number = 1; number <= pieces; number += 1) {
          const length = Math.min(partSizeBytes, sizeBytes - (number - 1) * partSizeBytes);
          await send(bucket, key, id, number, Buffer.alloc(length, number));
        }
        expect(await bucket.completeUpload(key, id, { sizeBytes })).toMatchObject({ sizeBytes });
        expect((await bytesOf((await bucket.get(key)).body)).length).toBe(sizeBytes);
      }
    });

    promise('an upload is gone on with by another process', needs, async ({ under, bucket, skip }) => {
      if (!under.another) throw skip('This store lives in one process.');
      const { session, whole, piece } = await begin(bucket, 'a', 2);
      await send(bucket, 'a', session.id, 2, piece(2));
      const other = await under.another();
      try {
        const resumed = other.bucket(bucket.name);
        const there = await resumed.listParts('a', session.id);
        expect(there.map(({ number }) => number)).toEqual([2]);
        await send(resumed, 'a', session.id, 1, piece(1));
        await resumed.completeUpload('a', session.id, { sizeBytes: whole.length });
      } finally {
        await other.close();
      }
      expect((await bytesOf((await bucket.get('a')).body)).equals(whole)).toBe(true);
    });

    promise('a file that is too large for any store is refused', needs, async ({ bucket }) => {
      for (const sizeBytes of [-1, 0.5, Number.MAX_SAFE_INTEGER]) {
        expect(await refusal(bucket.startUpload('a', { sizeBytes }))).toMatchObject({ code: 'invalid_argument' });
      }
    });
  });
}
