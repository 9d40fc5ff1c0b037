/** What Cloud Storage says when it refuses, and what that means to the storage port. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Classified } from '../../ports/storage/driver.ts';

export class GcsError extends Error {
  readonly status: number;
  /** The store's own word, such as `conditionNotMet` or `NoSuchUpload`; empty when it gave none. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(answer: { status: number; reason: string; message: string; retryAfterMs?: number }, cause?: unknown) {
    super(`${answer.status} ${answer.reason}: ${answer.message}`, cause === undefined ? undefined : { cause });
    this.name = 'GcsError';
    this.status = answer.status;
    this.reason = answer.reason;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

export function isStatus(error: unknown, ...statuses: number[]): error is GcsError {
  return error instanceof GcsError && statuses.includes(error.status);
}

/** Of the JSON API (`{error: {message, errors: [{reason}]}}`), of the XML API, or of a proxy between. */
export function readGcsError(status: number, headers: IncomingHttpHeaders, text: string): GcsError {
  const retryAfterMs = retryAfter(headers['retry-after']);
  const json = readJson(text);
  if (json) return new GcsError({ status, ...json, retryAfterMs });
  const reason = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '';
  const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? text.slice(0, 200);
  return new GcsError({ status, reason, message, retryAfterMs });
}

function readJson(text: string): { reason: string; message: string } | null {
  try {
    const answer: unknown = JSON.parse(text);
    const error = isRecord(answer) && isRecord(answer.error) ? answer.error : null;
    if (!error) return null;
    const [first] = Array.isArray(error.errors) ? error.errors : [];
    return {
      reason: isRecord(first) && typeof first.reason === 'string' ? first.reason : '',
      message: typeof error.message === 'string' ? error.message : '',
    };
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** RFC 9110 §10.2.3: seconds or a date. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

const QUOTA_REASONS = /^(rateLimitExceeded|userRateLimitExceeded|quotaExceeded|SlowDown)$/;
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

export function classify(error: unknown): Classified | null {
  if (error instanceof GcsError) return ofStatus(error);
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NEVER_SENT.has(code)) {
    const message = 'The storage cannot be reached. Try again in a moment.';
    return { code: 'unavailable', message, outcome: 'not_applied', retryable: true };
  }
  if (BROKEN.has(code) || /socket hang up|aborted/.test(error.message)) {
    const message = 'The connection to the storage broke off. Try again.';
    return { code: 'unavailable', message, outcome: 'unknown', retryable: true };
  }
  // Words of google-auth-library, which has no codes for them.
  if (
    /default credentials|invalid_grant|Could not refresh access token|private key|invalid_client/i.test(error.message)
  ) {
    const message = 'This deployment has no working credentials for its storage. An administrator must set them.';
    return { code: 'failed_precondition', message, outcome: 'not_applied', retryable: false };
  }
  return null;
}

function refused(code: ErrorCode, message: string): Classified {
  return { code, message, outcome: 'not_applied', retryable: false };
}

function ofStatus(error: GcsError): Classified {
  const { status, reason, message, retryAfterMs } = error;
  const wish = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429 || (status === 403 && QUOTA_REASONS.test(reason))) {
    const text = 'The storage is asked too often at the moment. Try again a little later.';
    return { code: 'unavailable', message: text, outcome: 'not_applied', retryable: true, ...wish };
  }
  if (status === 408 || status === 410 || (status >= 500 && status !== 501)) {
    const text = 'The storage could not answer. Try again in a moment.';
    return { code: 'unavailable', message: text, outcome: 'unknown', retryable: true, ...wish };
  }
  switch (status) {
    case 400:
      if (/crc32c|md5|checksum|BadDigest/i.test(`${reason} ${message}`)) {
        const text = 'The data was damaged on its way to the storage; nothing was stored. Try again.';
        return { code: 'unavailable', message: text, outcome: 'not_applied', retryable: true };
      }
      if (/location constraint/i.test(message)) {
        const text = 'The storage knows no such location for a bucket. An administrator must correct the region.';
        return refused('failed_precondition', text);
      }
      return refused('invalid_argument', 'The storage does not accept this request.');
    case 401:
      return refused(
        'permission_denied',
        'The storage does not accept the credentials of this deployment. An administrator must renew them.',
      );
    case 403:
      return refused(
        'permission_denied',
        'The storage refused the access: the account of this deployment lacks a permission. An administrator must grant it.',
      );
    case 404:
      return {
        ...refused('not_found', notFoundText(error)),
        ...(isBucketMissing(error) && { missing: 'bucket' as const }),
      };
    case 409:
      return reason === 'notEmpty' || /not empty/i.test(message)
        ? refused('failed_precondition', 'The bucket is not empty.')
        : { ...refused('conflict', 'Something else is being done to this at the same moment.'), retryable: true };
    case 412:
      return refused('conflict', 'Somebody else changed the file in the meantime.');
    case 416:
      return refused('invalid_argument', 'The asked part lies behind the end of the file.');
    case 501:
      return refused('unimplemented', 'The storage cannot do that.');
    default:
      return status >= 400
        ? refused('invalid_argument', 'The storage does not accept this request.')
        : {
            code: 'internal',
            message: 'The storage gave an answer that was not understood.',
            outcome: 'unknown',
            retryable: false,
          };
  }
}

function notFoundText(error: GcsError): string {
  if (error.reason === 'NoSuchUpload') return 'There is no such upload; it ended or was given up.';
  return isBucketMissing(error)
    ? 'The bucket does not exist. If it did before, somebody removed it outside CMBCluster: ask an administrator.'
    : 'There is no such file.';
}

/** A 404 names what is missing only in its words. */
export function isBucketMissing(error: unknown): boolean {
  return isStatus(error, 404) && (error.reason === 'NoSuchBucket' || /bucket does not exist/i.test(error.message));
}
