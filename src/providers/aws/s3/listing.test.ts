import { describe, expect, test } from 'vitest';
import { utf8Bytes } from '../../../domain/storage.ts';
import { resumePoint } from './listing.ts';

describe('where a list goes on', () => {
  const folders = { prefix: '', delimiter: '/' as const };

  test('behind all of a folder that was listed as one entry', () => {
    expect(resumePoint('a/', folders)).toBe('a/\u{10ffff}');
    expect(resumePoint('a/b', folders)).toBe('a/\u{10ffff}');
    expect(resumePoint('a/b/c', { prefix: 'a/', delimiter: '/' })).toBe('a/b/\u{10ffff}');
  });

  test('right behind a key', () => {
    expect(resumePoint('a', folders)).toBe('a');
    expect(resumePoint('a/b', { prefix: 'a/', delimiter: '/' })).toBe('a/b');
    expect(resumePoint('a/b', { prefix: '', delimiter: undefined })).toBe('a/b');
    expect(resumePoint('a/b', { prefix: 'c/', delimiter: '/' })).toBe('a/b');
  });

  test('never further than a key can be long, and never before the mark by a key', () => {
    const mark = `${'é'.repeat(400)}${'\u{10ffff}'.repeat(256)}`;
    const cut = resumePoint(mark, { prefix: '', delimiter: undefined });
    expect(utf8Bytes(cut)).toBeLessThanOrEqual(1024);
    expect(utf8Bytes(cut)).toBeGreaterThan(1020);
    expect(mark.startsWith(cut)).toBe(true);
    expect(cut.isWellFormed()).toBe(true);
  });
});
