/** Limits on labels, metadata and content types that every store can carry; the portable wrapper checks them before a driver runs. */
import { AppError } from '../../domain/errors.ts';
import { utf8Bytes } from '../../domain/storage.ts';

const MAX_METADATA_BYTES = 2048;
const MAX_LABELS = 32;

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
