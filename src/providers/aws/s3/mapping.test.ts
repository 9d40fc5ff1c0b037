import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionHeaders,
  copySource,
  decodeKey,
  decodeMetadata,
  encodeMetadata,
  infoOf,
  sizeOfRange,
  versionOf,
  wholeCrc32c,
} from './mapping.ts';

describe('metadata', () => {
  test('any value comes back, and only plain ASCII travels', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const stored = encodeMetadata({ name: value });
        expect(stored.name).toMatch(/^[!-~]+( [!-~]+)*$/);
        expect(decodeMetadata(stored)).toEqual({ name: value });
      }),
    );
  });

  test.each(['', ' ', ' a', 'a  b', '=?UTF-8?B?eA==?=', 'Größe 😀'])('%j is encoded and comes back', (value) => {
    expect(encodeMetadata({ n: value }).n).toMatch(/^=\?UTF-8\?B\?/);
    expect(decodeMetadata(encodeMetadata({ n: value }))).toEqual({ n: value });
  });

  test('a plain value stays readable for other programs', () => {
    expect(encodeMetadata({ n: 'a b (c)' })).toEqual({ n: 'a b (c)' });
  });
});

describe('versions', () => {
  test('quotes and weakness are no part of a version, and conditions have the quotes', () => {
    expect(['"abc"', 'abc', 'W/"abc"'].map(versionOf)).toEqual(['abc', 'abc', 'abc']);
    expect(conditionHeaders({ ifVersion: 'abc' })).toEqual({ IfMatch: '"abc"' });
    expect(conditionHeaders({ ifAbsent: true })).toEqual({ IfNoneMatch: '*' });
    expect(conditionHeaders(undefined)).toEqual({});
  });

  test('an answer without one is no answer', () => {
    expect(() => versionOf(undefined)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

test('a checksum of checksums is none of the content', () => {
  expect(wholeCrc32c({ ChecksumCRC32C: 'AAAAAA==' })).toBe('AAAAAA==');
  expect(wholeCrc32c({ ChecksumCRC32C: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' })).toBe('AAAAAA==');
  expect(wholeCrc32c({ ChecksumCRC32C: 'AAAAAA==', ChecksumType: 'COMPOSITE' })).toBeNull();
  expect(wholeCrc32c({ ChecksumCRC32C: 'AAAAAA==-3' })).toBeNull();
  expect(wholeCrc32c({})).toBeNull();
});

test('keys are decoded only where the server says that it encoded them', () => {
  expect(decodeKey('a+b%2Fc%E2%82%AC', 'url')).toBe('a b/c€');
  expect(decodeKey('a+b%2Fc', undefined)).toBe('a+b%2Fc');
  expect(decodeKey('%FF', 'url')).toBe('%FF');
});

test('the source of a copy is encoded name by name', () => {
  expect(copySource('bucket', 'a b/c+d?e%2F😀')).toBe('bucket/a%20b/c%2Bd%3Fe%252F%F0%9F%98%80');
  expect(copySource('bucket', 'a', 'x y')).toBe('bucket/a?versionId=x%20y');
});

test('a type that nobody told is null, one that somebody told is kept', () => {
  const described = { ETag: '"e"', LastModified: new Date(1_999), VersionId: 'v' };
  expect(infoOf('k', { ...described, ContentType: 'binary/octet-stream' }, { sizeBytes: 1, history: false })).toEqual({
    key: 'k',
    sizeBytes: 1,
    modifiedAt: 1_000,
    version: 'e',
    contentType: null,
    metadata: {},
    crc32c: null,
    versionId: null,
  });
  const kept = infoOf('k', { ...described, ContentType: 'application/octet-stream' }, { sizeBytes: 1, history: true });
  expect(kept).toMatchObject({ contentType: 'application/octet-stream', versionId: 'v' });
});

test('the size of the whole is read from a range', () => {
  expect(sizeOfRange('bytes 0-4/1000')).toBe(1000);
  expect(sizeOfRange('bytes 0-4/*')).toBeNull();
  expect(sizeOfRange(undefined)).toBeNull();
});
