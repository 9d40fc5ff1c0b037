import { describe, expect, test } from 'vitest';
import { classify, isLacking, isMissing, isUnknownVersion } from './classify.ts';

const s3 = (name: string, status: number, headers: Record<string, string> = {}) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status }, $response: { headers } });
const socket = (code: string) => Object.assign(new Error(code), { code });

describe('classify', () => {
  test.each([
    ['NoSuchKey', 404, 'not_found', 'not_applied', false],
    ['NotFound', 404, 'not_found', 'not_applied', false],
    ['NoSuchBucket', 404, 'not_found', 'not_applied', false],
    ['PreconditionFailed', 412, 'conflict', 'not_applied', false],
    ['ConditionalRequestConflict', 409, 'conflict', 'not_applied', true],
    ['OperationAborted', 409, 'conflict', 'not_applied', true],
    ['BucketAlreadyExists', 409, 'already_exists', 'not_applied', false],
    ['BucketNotEmpty', 409, 'failed_precondition', 'not_applied', false],
    ['AccessDenied', 403, 'permission_denied', 'not_applied', false],
    ['SignatureDoesNotMatch', 403, 'permission_denied', 'not_applied', false],
    ['ExpiredToken', 400, 'unavailable', 'not_applied', true],
    ['RequestTimeTooSkewed', 403, 'failed_precondition', 'not_applied', false],
    ['PermanentRedirect', 301, 'failed_precondition', 'not_applied', false],
    ['AuthorizationHeaderMalformed', 400, 'failed_precondition', 'not_applied', false],
    ['InvalidRange', 416, 'invalid_argument', 'not_applied', false],
    ['MetadataTooLarge', 400, 'invalid_argument', 'not_applied', false],
    ['BadDigest', 400, 'unavailable', 'not_applied', true],
    ['SlowDown', 503, 'unavailable', 'not_applied', true],
    ['TooManyBuckets', 400, 'resource_exhausted', 'not_applied', false],
    ['InternalError', 500, 'unavailable', 'unknown', true],
    ['NotImplemented', 501, 'unimplemented', 'not_applied', false],
    ['SomethingNew', 502, 'unavailable', 'unknown', true],
    ['SomethingNew', 403, 'permission_denied', 'not_applied', false],
  ])('%s (%d) is %s, %s, retryable %s', (name, status, code, outcome, retryable) => {
    expect(classify(s3(name, status))).toMatchObject({ code, outcome, retryable });
  });

  test('a refused connection changed nothing, a broken one may have', () => {
    expect(classify(socket('ECONNREFUSED'))).toMatchObject({ code: 'unavailable', outcome: 'not_applied' });
    expect(classify(socket('ECONNRESET'))).toMatchObject({ code: 'unavailable', outcome: 'unknown' });
    expect(classify(Object.assign(new Error(), { name: 'TimeoutError' }))).toMatchObject({
      code: 'deadline_exceeded',
      outcome: 'unknown',
    });
  });

  test('the wish to wait is understood as seconds and as a date', () => {
    expect(classify(s3('SlowDown', 503, { 'retry-after': '7' }))?.retryAfterMs).toBe(7_000);
    const at = Date.parse('2026-01-01T00:00:00Z');
    const later = { 'retry-after': 'Thu, 01 Jan 2026 00:00:03 GMT' };
    expect(classify(s3('SlowDown', 503, later), () => at)?.retryAfterMs).toBe(3_000);
    expect(classify(s3('SlowDown', 503, { 'retry-after': 'soon' }))).not.toHaveProperty('retryAfterMs');
  });

  test('what is no error of a store is not known', () => {
    for (const thrown of [new Error('x'), new TypeError('y'), 'text', null, undefined, s3('Strange', 400)]) {
      expect(classify(thrown)).toBeNull();
    }
  });

  test('messages hold nothing of the store’s own words', () => {
    const told = classify(Object.assign(s3('AccessDenied', 403), { message: 'arn:aws:iam::123456789012:user/x' }));
    expect(told?.message).not.toMatch(/arn|\d{12}/);
  });
});

test('three ways to say “I do not know that request”', () => {
  for (const error of [s3('NotImplemented', 501), s3('MethodNotAllowed', 405), s3('Whatever', 501)]) {
    expect(isLacking(error)).toBe(true);
  }
  expect(isLacking(s3('AccessDenied', 403))).toBe(false);
});

test('a version that never was is a bad argument to S3, and a bare 400 to a HEAD', () => {
  for (const error of [s3('InvalidArgument', 400), s3('Unknown', 400), s3('NoSuchVersion', 404)]) {
    expect(isUnknownVersion(error)).toBe(true);
  }
  expect(isUnknownVersion(s3('ExpiredToken', 400))).toBe(false);
  expect(isMissing(s3('InvalidArgument', 400))).toBe(false);
});
