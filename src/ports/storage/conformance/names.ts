/** Keys of every odd kind: kept byte by byte, or refused by every call. */
import { expect } from 'vitest';
import { compareUtf8 } from '../../../domain/storage.ts';
import { listAll, refusal, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeNames({ topic, promise, each }: Spec): void {
  topic('names', () => {
    const odd = [
      'with space',
      'plus+and&more=?#[]@!$\'()*,;:"<>|\\`^{}~',
      '%2F%00%25',
      'é composed',
      'e\u0301 decomposed',
      '日本語/ファイル.txt',
      '😀',
      '\ufffd',
      '\u{10ffff}',
      '.hidden',
      '...',
      'a./b.',
      ' lead and trail ',
      '-rf',
      '~',
      'CON',
      `${'k'.repeat(255)}/${'l'.repeat(255)}/${'m'.repeat(255)}/${'n'.repeat(255)}`,
      'ü'.repeat(127),
    ];
    each('odd keys are kept as they are', odd, async (key, { bucket, put }) => {
      await put(key, key);
      expect(await textAt(bucket, key)).toBe(key);
      expect((await listAll(bucket)).keys).toEqual([key]);
      const info = await bucket.copy(key, 'copy');
      expect(info.key).toBe('copy');
      await bucket.delete(key);
      expect((await listAll(bucket)).keys).toEqual(['copy']);
    });

    promise('differing Unicode forms and cases are different objects', async ({ bucket, put }) => {
      const keys = ['\u00e9', 'e\u0301', 'E', 'e'];
      for (const key of keys) await put(key, key);
      expect((await listAll(bucket)).keys).toEqual([...keys].sort(compareUtf8));
      for (const key of keys) expect(await textAt(bucket, key)).toBe(key);
    });

    const bad = [
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/./b',
      'a/..',
      'a\0b',
      'a\nb',
      'a\u007fb',
      'a\ud800',
      'x'.repeat(256),
      `${'a/'.repeat(512)}a`,
    ];
    each('bad keys are refused by every call', bad, async (key, { bucket, put }) => {
      await put('ok', 'x');
      const calls: Promise<unknown>[] = [
        bucket.head(key),
        bucket.get(key),
        bucket.put(key, Buffer.from('x')),
        bucket.delete(key),
        bucket.copy(key, 'b'),
        bucket.copy('ok', key),
        bucket.move(key, 'b'),
        bucket.move('ok', key),
        bucket.createFolder(key),
        bucket.deleteFolder(key),
      ];
      for (const outcome of await Promise.all(calls.map(refusal))) {
        expect(outcome).toMatchObject({ code: 'invalid_argument', details: { outcome: 'not_applied' } });
      }
      expect((await listAll(bucket)).keys).toEqual(['ok']);
    });

    promise('an object below another is kept, or refused with nothing changed', async ({ bucket, put }) => {
      await put('a', 'file');
      await put('d/e', 'file');
      const nested: [string, string][] = [
        ['a/b', 'below a file'],
        ['d', 'above a file'],
      ];
      if (bucket.capabilities.keysMayNest) {
        for (const [key, text] of nested) await put(key, text);
        expect((await listAll(bucket)).keys).toEqual(['a', 'a/b', 'd', 'd/e']);
      } else {
        for (const [key, text] of nested) {
          expect(await refusal(put(key, text))).toMatchObject({
            code: 'failed_precondition',
            details: { outcome: 'not_applied' },
          });
        }
        expect((await listAll(bucket)).keys).toEqual(['a', 'd/e']);
      }
      expect(await textAt(bucket, 'a')).toBe('file');
    });
  });
}
