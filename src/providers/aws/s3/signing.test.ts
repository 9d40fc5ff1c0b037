/** Links are made offline, so what they hold can be read here; that S3 takes them is shown on a real server. */
import { afterAll, expect, test } from 'vitest';
import { connect } from './client.ts';
import { signPart, signUrl } from './signing.ts';
import type { Store } from './store.ts';

const connection = connect({
  region: 'eu-central-1',
  endpoint: null,
  forcePathStyle: false,
  credentials: { accessKeyId: 'a-key', secretAccessKey: 'a-secret' },
});
const store: Store = {
  ...connection,
  region: 'eu-central-1',
  cloud: true,
  accountId: null,
  features: { lacks: new Map() },
  physical: (name) => name,
  logical: (name) => name,
  now: Date.now,
};
const file = { bucket: 'my-bucket', key: 'dir/a b+c%2F😀.txt' };
const soon = { expiresInMs: 90_000 };

afterAll(() => connection.close());

const signedHeaders = (url: URL): string[] => (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');

test('a link to write signs length, type and condition, and no checksum of an empty body', async () => {
  const link = await signUrl(store, file, {
    method: 'PUT',
    ...soon,
    sizeBytes: 5,
    contentType: 'text/x',
    ifAbsent: true,
  });
  const url = new URL(link.url);
  expect(url.hostname).toBe('my-bucket.s3.eu-central-1.amazonaws.com');
  expect(decodeURIComponent(url.pathname)).toBe(`/${file.key}`);
  expect(url.searchParams.get('X-Amz-Expires')).toBe('90');
  expect(signedHeaders(url).sort()).toEqual(['content-length', 'content-type', 'host', 'if-none-match']);
  expect(link.headers).toEqual({ 'content-type': 'text/x', 'if-none-match': '*' });
  expect(link.url).not.toMatch(/checksum/i);
});

test('a link to a part signs its length, its number and the upload', async () => {
  const part = { number: 7, sizeBytes: 5, ...soon };
  const link = await signPart(store, { ...file, uploadId: 'an upload' }, part);
  const url = new URL(link.url);
  expect(signedHeaders(url).sort()).toEqual(['content-length', 'host']);
  expect(url.searchParams.get('partNumber')).toBe('7');
  expect(url.searchParams.get('uploadId')).toBe('an upload');
  expect(link).toMatchObject({ method: 'PUT', headers: {} });
  expect(link.url).not.toMatch(/checksum/i);
});

test('a link to read gives a download, never a page', async () => {
  const link = await signUrl(store, file, { method: 'GET', ...soon, fileName: 'x".html', versionId: 'v1' });
  const url = new URL(link.url);
  expect(url.searchParams.get('response-content-disposition')).toMatch(/^attachment; filename="x_.html"/);
  expect(url.searchParams.get('response-content-type')).toBe('application/octet-stream');
  expect(url.searchParams.get('versionId')).toBe('v1');
  expect(link.url).not.toMatch(/checksum|a-secret/i);
});
