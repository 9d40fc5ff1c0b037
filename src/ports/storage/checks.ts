/** Limits on arguments that every store can carry; the portable wrapper checks them before a driver runs. */
import { AppError } from '../../domain/errors.ts';
import { isBucketName, utf8Bytes } from '../../domain/storage.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import { isCrc32c } from './checksum.ts';
import type { WantedSettings } from './storage.ts';

const MAX_METADATA_BYTES = 2048;
const MAX_LABELS = 32;
export const MAX_PARTS = 10_000;
/** Sign no longer than a day: a link that leaks must die. */
const MAX_SIGNED_MS = 24 * 3_600_000;
/** What every store takes in one piece. */
const MAX_SIGNED_BYTES = 5 * 1024 ** 3;
/** What the clouds take as one object; held everywhere, so that a bucket can move between providers. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 4;
const MAX_ORIGINS = 20;
/** PATH_MAX of Linux. */
const MAX_PATH_BYTES = 4096;

function refuse(field: string, message: string): never {
  throw new AppError('invalid_argument', message, { details: { field, outcome: 'not_applied' } });
}

/** @throws invalid_argument */
export function checkMetadata(metadata: Record<string, string> | undefined): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata ?? {})) {
    if (!/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/.test(name)) refuse('metadata', 'A metadata name is not valid.');
    if (!value.isWellFormed() || /\p{Cc}/u.test(value)) refuse('metadata', 'A metadata value is not valid text.');
    bytes += utf8Bytes(name) + utf8Bytes(value);
  }
  if (bytes > MAX_METADATA_BYTES) refuse('metadata', `Metadata is longer than ${MAX_METADATA_BYTES} bytes.`);
}

/** @throws invalid_argument */
export function checkContentType(contentType: string | undefined): void {
  // RFC 9110 §8.3.1, parameters loosely: the value must be safe to send as a header.
  if (contentType === undefined) return;
  if (contentType.length > 255 || !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *; *[\x20-\x7e]*)?$/.test(contentType)) {
    refuse('contentType', 'The content type is not valid.');
  }
}

/** Names and values that every cloud takes as labels. @throws invalid_argument */
export function checkLabels(labels: Record<string, string>): void {
  const entries = Object.entries(labels);
  const fits = entries.every(
    ([name, value]) => /^[a-z][a-z0-9_-]{0,62}$/.test(name) && /^[a-z0-9_-]{0,63}$/.test(value),
  );
  if (!fits || entries.length > MAX_LABELS) {
    refuse('labels', 'Labels are up to 63 lower-case letters, digits, hyphens and underscores.');
  }
}

/** Whether two sets of labels name the same owner. */
export function sameLabels(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Whole bytes, not negative. @throws invalid_argument */
export function checkSize(sizeBytes: number | undefined): void {
  if (sizeBytes !== undefined && !isOffset(sizeBytes)) refuse('sizeBytes', 'The announced size is not valid.');
}

/** @throws invalid_argument */
export function checkWholeSize(sizeBytes: number): void {
  checkSize(sizeBytes);
  if (sizeBytes > MAX_OBJECT_BYTES) refuse('sizeBytes', 'A file holds at most 5 TiB.');
}

/** @throws invalid_argument */
export function checkSum(crc32c: string | undefined): void {
  if (crc32c !== undefined && !isCrc32c(crc32c)) refuse('crc32c', 'The announced checksum is not valid.');
}

/** @throws invalid_argument */
export function checkRange(range: { start: number; end?: number } | undefined): void {
  if (!range) return;
  const { start, end } = range;
  if (!isOffset(start) || !(end === undefined || (isOffset(end) && end >= start)))
    refuse('range', 'The asked part of the file is not a valid range.');
}

/** Opaque tokens: what they mean is the store's business, that there is something and nothing odd in it is ours. @throws invalid_argument */
export function checkToken(field: string, token: string | undefined): void {
  if (token !== undefined && !/^[\x21-\x7e]{1,2048}$/.test(token)) refuse(field, `The ${field} is not valid.`);
}

/** @throws invalid_argument */
export function checkPart(part: { number: number; sizeBytes: number }): void {
  if (!Number.isInteger(part.number) || part.number < 1 || part.number > MAX_PARTS)
    refuse('number', `Parts are numbered from 1 to ${MAX_PARTS}.`);
  checkSize(part.sizeBytes);
  if (part.sizeBytes > MAX_SIGNED_BYTES) refuse('sizeBytes', 'A part holds at most 5 GiB.');
}

/** @throws invalid_argument */
export function checkExpiry(expiresInMs: number): void {
  if (!(expiresInMs >= 1_000 && expiresInMs <= MAX_SIGNED_MS))
    refuse('expiresInMs', 'A link lives between one second and one day.');
}

/** @throws invalid_argument */
export function checkSignedSize(sizeBytes: number): void {
  checkSize(sizeBytes);
  if (sizeBytes > MAX_SIGNED_BYTES) refuse('sizeBytes', 'A link takes at most 5 GiB; send larger files in parts.');
}

/** @throws invalid_argument */
export function checkFileName(fileName: string | undefined): void {
  if (fileName === undefined) return;
  if (fileName === '' || !fileName.isWellFormed() || /[\p{Cc}/]/u.test(fileName) || utf8Bytes(fileName) > 255)
    refuse('fileName', 'The name of the download is not valid.');
}

/** @throws invalid_argument */
export function checkSettings({ keepVersionsDays, corsOrigins, logBucket }: WantedSettings): void {
  if (!Number.isInteger(keepVersionsDays) || keepVersionsDays < 1 || keepVersionsDays > 365)
    refuse('keepVersionsDays', 'Old versions are kept for 1 to 365 days.');
  if (corsOrigins.length > MAX_ORIGINS || !corsOrigins.every(isOrigin))
    refuse('corsOrigins', 'An origin is scheme, host and port, such as https://cmb.example.org.');
  if (logBucket !== null && !isBucketName(logBucket)) refuse('logBucket', 'The bucket for logs is not a bucket name.');
}

/**
 * Where a bucket appears for programs. Kubernetes takes no colon there, and a path must not lead anywhere else than it says.
 * @throws invalid_argument
 */
export function checkMountPath(path: string): void {
  const fits = path.isWellFormed() && /^\/[^:\p{Cc}]*$/u.test(path) && utf8Bytes(path) <= MAX_PATH_BYTES;
  if (!fits || path.split('/').some((name) => name === '.' || name === '..'))
    refuse('path', 'A bucket is mounted at an absolute path without “:”, “.” and “..”.');
}

/** Both names end up in policies and pods, so nothing but a DNS label may pass. @throws invalid_argument */
export function checkIdentity(identity: WorkloadIdentity | null): void {
  for (const name of identity ? [identity.namespace, identity.serviceAccount] : []) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
      refuse('workloadIdentity', 'A workload identity is made of two DNS labels.');
  }
}

/** Exactly as a browser sends it (RFC 6454 §6.2): no path, no slash at the end, no wildcard. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
