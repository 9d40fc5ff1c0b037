import { expect, test } from 'vitest';
import { classify, GcsError, isBucketMissing, readGcsError } from './errors.ts';

const json = (reason: string, message = '') => JSON.stringify({ error: { message, errors: [{ reason }] } });

test.each([
  [400, json('invalid', 'bad'), 'invalid_argument', 'not_applied', false],
  [400, json('invalid', "Provided CRC32C doesn't match"), 'unavailable', 'not_applied', true],
  [400, '<Error><Code>BadDigest</Code></Error>', 'unavailable', 'not_applied', true],
  [401, json('authError'), 'permission_denied', 'not_applied', false],
  [403, json('forbidden'), 'permission_denied', 'not_applied', false],
  [403, json('rateLimitExceeded'), 'unavailable', 'not_applied', true],
  [404, json('notFound'), 'not_found', 'not_applied', false],
  [404, '<Error><Code>NoSuchUpload</Code></Error>', 'not_found', 'not_applied', false],
  [408, '', 'unavailable', 'unknown', true],
  [409, json('conflict', 'The bucket you tried to delete is not empty.'), 'failed_precondition', 'not_applied', false],
  [409, json('conflict'), 'conflict', 'not_applied', true],
  [410, '', 'unavailable', 'unknown', true],
  [412, json('conditionNotMet'), 'conflict', 'not_applied', false],
  [416, '', 'invalid_argument', 'not_applied', false],
  [429, '', 'unavailable', 'not_applied', true],
  [500, 'oops', 'unavailable', 'unknown', true],
  [501, '', 'unimplemented', 'not_applied', false],
  [503, '', 'unavailable', 'unknown', true],
  [418, '', 'invalid_argument', 'not_applied', false],
])('%i %s is %s', (status, text, code, outcome, retryable) => {
  expect(classify(readGcsError(status, {}, text))).toMatchObject({ code, outcome, retryable });
});

test('the wish of the store to be left alone is passed on, in seconds or as a date', () => {
  expect(classify(readGcsError(503, { 'retry-after': '7' }, ''))?.retryAfterMs).toBe(7_000);
  const date = new Date(Date.now() + 60_000).toUTCString();
  expect(classify(readGcsError(429, { 'retry-after': date }, ''))?.retryAfterMs).toBeGreaterThan(50_000);
  expect(classify(readGcsError(429, { 'retry-after': 'soon' }, ''))?.retryAfterMs).toBeUndefined();
});

test.each([
  ['ECONNREFUSED', 'not_applied'],
  ['ENOTFOUND', 'not_applied'],
  ['ECONNRESET', 'unknown'],
  ['EPIPE', 'unknown'],
])('a connection that ends in %s is unavailable, %s', (code, outcome) => {
  const error = Object.assign(new Error(code), { code });
  expect(classify(error)).toMatchObject({ code: 'unavailable', outcome, retryable: true });
});

test('missing credentials are said to be missing, an unknown error is not guessed at', () => {
  const error = new Error('Could not load the default credentials. Browse to …');
  expect(classify(error)).toMatchObject({ code: 'failed_precondition', retryable: false });
  expect(classify(new Error('anything'))).toBeNull();
  expect(classify('text')).toBeNull();
});

test('a missing bucket is told from a missing object', () => {
  expect(isBucketMissing(readGcsError(404, {}, json('notFound', 'The specified bucket does not exist.')))).toBe(true);
  expect(isBucketMissing(readGcsError(404, {}, json('notFound', 'No such object: b/o')))).toBe(false);
  expect(isBucketMissing(new GcsError({ status: 500, reason: '', message: '' }))).toBe(false);
});
