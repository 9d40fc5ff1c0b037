/**
 * What an error of the SDK means to the house: its code, whether something may have been changed, and whether the same attempt may
 * succeed a moment later. Names are those of the S3 and EKS API references; servers that speak S3 use the same. Pure.
 */
import { AppError, type ErrorCode } from '../../../domain/errors.ts';
import type { Classified, Outcome } from '../../../ports/storage/driver.ts';

interface Meaning {
  code: ErrorCode;
  message: string;
  outcome?: Outcome;
  retryable?: boolean;
  missing?: 'bucket';
}

const GONE: Meaning = { code: 'not_found', message: 'There is no such file.' };
const NO_BUCKET: Meaning = {
  code: 'not_found',
  message: 'The bucket does not exist. If it did before, somebody removed it outside CMBCluster: ask an administrator.',
  missing: 'bucket',
};
const CHANGED: Meaning = { code: 'conflict', message: 'Somebody else changed the file in the meantime.' };
const RACED: Meaning = {
  code: 'conflict',
  message: 'Somebody else was changing the same thing at the same moment. Try again.',
  retryable: true,
};
const DAMAGED: Meaning = {
  code: 'unavailable',
  message: 'What arrived at the storage differs from what was sent; nothing was stored. Try again.',
};
const BUSY: Meaning = { code: 'unavailable', message: 'The storage is busy. Try again in a moment.' };
const NOT_ALLOWED: Meaning = {
  code: 'permission_denied',
  message:
    'The storage refused the access: the account of this deployment lacks a permission. An administrator must grant it.',
};
const BAD_KEYS: Meaning = {
  code: 'permission_denied',
  message: 'The storage does not accept the credentials of this deployment. An administrator must renew them.',
};
const OLD_KEYS: Meaning = {
  code: 'unavailable',
  message: 'The credentials of this deployment had run out. Try again.',
};
const CLOCK: Meaning = {
  code: 'failed_precondition',
  message: 'The clock of this server differs too much from the clock of the storage. An administrator must set it.',
};
const ELSEWHERE: Meaning = {
  code: 'failed_precondition',
  message: 'The bucket is in another region than this deployment expects. An administrator must correct the region.',
};
const TOO_MUCH: Meaning = {
  code: 'resource_exhausted',
  message: 'The storage has no room for this. An administrator must raise its limits.',
};
const ARCHIVED: Meaning = {
  code: 'failed_precondition',
  message: 'The file lies in an archive and must be brought back by an administrator before it can be read.',
};
const NO_LOGS: Meaning = {
  code: 'failed_precondition',
  message:
    'The bucket for access logs takes none: it must be in the same region and let logging.s3.amazonaws.com write. An administrator must mend it.',
};
const LACKING: Meaning = { code: 'unimplemented', message: 'This storage cannot do that.' };
const INCOMPLETE: Meaning = {
  code: 'failed_precondition',
  message: 'Parts of the upload are missing or too small. Send them again.',
};
const NESTED: Meaning = {
  code: 'failed_precondition',
  message: 'A file is where a folder would have to be, or the other way round.',
};

const bad = (message: string): Meaning => ({ code: 'invalid_argument', message });

const MEANINGS: Readonly<Record<string, Meaning>> = {
  NoSuchKey: GONE,
  NotFound: GONE,
  NoSuchVersion: GONE,
  NoSuchBucket: NO_BUCKET,
  NoSuchUpload: { code: 'not_found', message: 'The upload is not known; it may have been ended or given up.' },
  PreconditionFailed: CHANGED,
  ConditionalRequestConflict: RACED,
  OperationAborted: RACED,
  BucketAlreadyExists: { code: 'already_exists', message: 'A bucket of this name belongs to somebody else.' },
  BucketAlreadyOwnedByYou: { code: 'already_exists', message: 'A bucket of this name exists.' },
  BucketNotEmpty: { code: 'failed_precondition', message: 'The storage is not empty.' },
  VersionedBucketNotEmpty: { code: 'failed_precondition', message: 'The storage is not empty.' },
  TooManyBuckets: TOO_MUCH,
  QuotaExceeded: TOO_MUCH,
  AccessDenied: NOT_ALLOWED,
  AccessDeniedException: NOT_ALLOWED,
  AllAccessDisabled: NOT_ALLOWED,
  Forbidden: NOT_ALLOWED,
  AccountProblem: BAD_KEYS,
  InvalidAccessKeyId: BAD_KEYS,
  SignatureDoesNotMatch: BAD_KEYS,
  UnrecognizedClientException: BAD_KEYS,
  InvalidClientTokenId: BAD_KEYS,
  CredentialsProviderError: BAD_KEYS,
  ExpiredToken: OLD_KEYS,
  ExpiredTokenException: OLD_KEYS,
  RequestExpired: OLD_KEYS,
  TokenRefreshRequired: OLD_KEYS,
  RequestTimeTooSkewed: CLOCK,
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  InvalidLocationConstraint: ELSEWHERE,
  InvalidRegionName: ELSEWHERE,
  IncorrectEndpoint: ELSEWHERE,
  InvalidRange: bad('The asked part lies behind the end of the file.'),
  MetadataTooLarge: bad('The metadata of the file is too long for this storage.'),
  KeyTooLongError: bad('The path is too long for this storage.'),
  EntityTooLarge: bad('The file is too large for this storage.'),
  InvalidBucketName: bad('This storage does not accept the name of the bucket.'),
  InvalidStorageClass: bad('This storage has no such storage class.'),
  InvalidTag: bad('This storage does not accept the labels.'),
  BadDigest: DAMAGED,
  InvalidDigest: DAMAGED,
  XAmzContentChecksumMismatch: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  IncompleteBody: DAMAGED,
  InvalidPart: INCOMPLETE,
  InvalidPartOrder: INCOMPLETE,
  EntityTooSmall: INCOMPLETE,
  InvalidTargetBucketForLogging: NO_LOGS,
  InvalidObjectState: ARCHIVED,
  NotImplemented: LACKING,
  ObjectParentIsFile: NESTED,
  ExistingObjectIsDirectory: NESTED,
  DirectoryObjectContainsData: NESTED,
  ErrDirectoryNotEmpty: { code: 'failed_precondition', message: 'The folder is not empty.' },
  SlowDown: BUSY,
  ServiceUnavailable: BUSY,
  ServerBusy: BUSY,
  Throttling: BUSY,
  ThrottlingException: BUSY,
  TooManyRequests: BUSY,
  TooManyRequestsException: BUSY,
  RequestLimitExceeded: BUSY,
  BandwidthLimitExceeded: BUSY,
};

/** Errors of sockets that came before anything was sent. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'EPROTO']);

const UNREACHABLE: Meaning = { code: 'unavailable', message: 'The storage cannot be reached. Try again in a moment.' };
const BROKE_OFF: Meaning = {
  code: 'unavailable',
  message: 'The connection to the storage broke off. Try again.',
  outcome: 'unknown',
};
const LATE: Meaning = {
  code: 'deadline_exceeded',
  message: 'The storage took too long to answer. Try again.',
  outcome: 'unknown',
};
const FAULT: Meaning = {
  code: 'unavailable',
  message: 'The storage had a fault of its own. Try again in a moment.',
  outcome: 'unknown',
};

interface Seen {
  name: string;
  socketCode: string;
  status: number | null;
  retryAfter: string | undefined;
}

function look(error: unknown): Seen | null {
  if (typeof error !== 'object' || error === null) return null;
  const thrown = error as {
    name?: unknown;
    Code?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string>; statusCode?: number };
  };
  return {
    // A HEAD has no body to name its error; then the SDK calls it by the status.
    name: String(thrown.Code ?? thrown.name ?? ''),
    socketCode: typeof thrown.code === 'string' ? thrown.code : '',
    status: thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode ?? null,
    retryAfter: thrown.$response?.headers?.['retry-after'],
  };
}

function byStatus(status: number | null): Meaning | null {
  if (status === null) return null;
  if (status === 404) return GONE;
  // A version that is a delete marker cannot be read.
  if (status === 405) return GONE;
  if (status === 403 || status === 401) return NOT_ALLOWED;
  if (status === 409) return RACED;
  if (status === 412) return CHANGED;
  if (status === 416) return bad('The asked part lies behind the end of the file.');
  if (status === 301 || status === 302 || status === 307) return ELSEWHERE;
  if (status === 408) return LATE;
  if (status === 429) return BUSY;
  if (status === 501) return LACKING;
  if (status === 507) return TOO_MUCH;
  if (status >= 500) return FAULT;
  return null;
}

function meaningOf({ name, socketCode, status }: Seen): Meaning | null {
  if (NEVER_SENT.has(socketCode)) return UNREACHABLE;
  if (BROKEN.has(socketCode)) return BROKE_OFF;
  if (name === 'TimeoutError' || name === 'RequestTimeout') return LATE;
  if (name === 'AbortError') return BROKE_OFF;
  // 503 with a name of its own was refused at the door; a bare one may come from anything on the way.
  return MEANINGS[name] ?? byStatus(status);
}

/** RFC 9110 §10.2.3: seconds or a date. */
function waitOf(retryAfter: string | undefined, now: () => number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** null when the error is not one of a store. */
export function classify(error: unknown, now: () => number = Date.now): Classified | null {
  const seen = look(error);
  const meaning = seen && meaningOf(seen);
  if (!seen || !meaning) return null;
  const { code, message, outcome = 'not_applied' } = meaning;
  const retryable = meaning.retryable ?? (code === 'unavailable' || code === 'deadline_exceeded');
  const retryAfterMs = waitOf(seen.retryAfter, now);
  return {
    code,
    message,
    outcome,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(meaning.missing && { missing: meaning.missing }),
  };
}

/** For a step that comes after one that changed something: the whole is then half done or done. */
export function notTheFirstStep(error: unknown): AppError {
  const known = classify(error);
  return new AppError(
    known?.code ?? 'internal',
    known?.message ?? 'The storage gave an answer that was not understood.',
    {
      details: { outcome: 'unknown' },
      retryable: known?.retryable ?? false,
      cause: error,
    },
  );
}

/** Name of the error by the API reference, `''` when it has none. */
export function errorName(error: unknown): string {
  return look(error)?.name ?? '';
}

export function errorStatus(error: unknown): number | null {
  return look(error)?.status ?? null;
}

export const isMissing = (error: unknown): boolean => {
  const status = errorStatus(error);
  return status === 404 || status === 405;
};

/** Servers say in three ways that they do not know a request. */
export const isLacking = (error: unknown): boolean =>
  errorName(error) === 'NotImplemented' || errorName(error) === 'MethodNotAllowed' || errorStatus(error) === 501;

/** A version that S3 never gave out is a bad argument to it, and to a HEAD a bare 400. Ask only about calls that named a version. */
export const isUnknownVersion = (error: unknown): boolean =>
  isMissing(error) || errorName(error) === 'InvalidArgument' || errorName(error) === 'BadRequest' || isBare400(error);

const isBare400 = (error: unknown): boolean => errorStatus(error) === 400 && /^(Unknown|400)/.test(errorName(error));

export function noVersion(cause: unknown): AppError {
  return new AppError('not_found', 'There is no such version of the file.', {
    details: { outcome: 'not_applied' },
    cause,
  });
}
