/** Links with which a browser reaches the store by itself. The only topic that speaks HTTP. */
import { expect, vi } from 'vitest';
import type { SignedRequest } from '../storage.ts';
import { listAll, refusals, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

const needs = { needs: ['signedUrls'] } as const;
const soon = { expiresInMs: 60_000 };

const send = ({ method, url, headers }: SignedRequest, body?: string): Promise<Response> =>
  fetch(url, { method, headers, body });

export function describeSignedLinks({ topic, promise }: Spec): void {
  topic('signed links', () => {
    promise('a file is downloaded as an attachment of the given name, by ranges, too', needs, async (tools) => {
      const { bucket } = tools;
      await bucket.put('a.html', Buffer.from('<b>0123456789'), { contentType: 'text/html' });
      const link = await bucket.signedUrl('a.html', { method: 'GET', ...soon, fileName: 'Größe "1".html' });
      const answer = await send(link);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('<b>0123456789');
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment;.*filename\*=UTF-8''Gr%C3%B6%C3%9Fe/);
      const part = await fetch(link.url, { headers: { ...link.headers, range: 'bytes=3-5' } });
      expect([part.status, await part.text()]).toEqual([206, '012']);
    });

    promise('a kept version is downloaded', { needs: ['signedUrls', 'history'] }, async ({ bucket, put }) => {
      const { versionId } = await put('a', 'old');
      await put('a', 'new');
      const link = await bucket.signedUrl('a', { method: 'GET', ...soon, versionId: versionId ?? '' });
      expect(await (await send(link)).text()).toBe('old');
    });

    promise('a file of exactly the signed size is stored, and no other', needs, async ({ bucket }) => {
      const link = await bucket.signedUrl('dir/a b+c%2F.txt', {
        method: 'PUT',
        ...soon,
        sizeBytes: 5,
        contentType: 'text/plain',
      });
      expect((await send(link, 'longer than that')).ok).toBe(false);
      expect((await listAll(bucket)).keys).toEqual([]);
      expect((await send(link, 'hello')).ok).toBe(true);
      expect(await textAt(bucket, 'dir/a b+c%2F.txt')).toBe('hello');
      expect(await bucket.head('dir/a b+c%2F.txt')).toMatchObject({ contentType: 'text/plain', sizeBytes: 5 });
    });

    promise('a link for a new file replaces none', needs, async ({ bucket, put }) => {
      await put('a', 'here');
      const link = await bucket.signedUrl('a', { method: 'PUT', ...soon, sizeBytes: 5, ifAbsent: true });
      expect((await send(link, 'there')).ok).toBe(false);
      expect(await textAt(bucket, 'a')).toBe('here');
    });

    promise('a link opens one file, one way, and not for long', needs, async ({ bucket, put }) => {
      await put('a', 'a');
      await put('b', 'b');
      const link = await bucket.signedUrl('a', { method: 'GET', expiresInMs: 1_000 });
      const other = new URL(link.url);
      other.pathname = other.pathname.replace(/a$/, 'b');
      expect((await send({ ...link, url: other.href })).ok).toBe(false);
      expect((await fetch(link.url, { method: 'PUT', headers: link.headers, body: 'x' })).ok).toBe(false);
      await vi.waitFor(async () => expect((await send(link)).ok).toBe(false), { timeout: 8_000, interval: 250 });
      expect(await textAt(bucket, 'a')).toBe('a');
    });

    promise('a part is sent by a link', { needs: ['signedUrls', 'uploads'] }, async ({ bucket }) => {
      const { id } = await bucket.startUpload('a', { sizeBytes: 5 });
      const link = await bucket.signedPart('a', id, { number: 1, sizeBytes: 5, ...soon });
      expect((await send(link, 'hello')).ok).toBe(true);
      expect(await bucket.listParts('a', id)).toEqual([{ number: 1, sizeBytes: 5 }]);
      await bucket.completeUpload('a', id, { sizeBytes: 5 });
      expect(await textAt(bucket, 'a')).toBe('hello');
    });

    promise('lifetimes, sizes and names that cannot be are refused', needs, async ({ bucket }) => {
      const calls = [
        bucket.signedUrl('a', { method: 'GET', expiresInMs: 999 }),
        bucket.signedUrl('a', { method: 'GET', expiresInMs: 86_400_001 }),
        bucket.signedUrl('a', { method: 'GET', ...soon, fileName: 'line\nbreak' }),
        bucket.signedUrl('a', { method: 'PUT', ...soon, sizeBytes: 5 * 1024 ** 3 + 1 }),
        bucket.signedUrl('a', { method: 'PUT', ...soon, sizeBytes: -1 }),
      ];
      for (const outcome of await refusals(calls)) expect(outcome).toMatchObject({ code: 'invalid_argument' });
    });
  });
}
