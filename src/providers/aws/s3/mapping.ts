/** Values between the contract and S3: versions, metadata, content types, times. Pure; everything in this folder uses it. */
import { AppError } from '../../../domain/errors.ts';
import type { ObjectInfo, ObjectVersion, PutCondition } from '../../../ports/storage/storage.ts';
import { wholeSeconds } from './client.ts';

/** What S3 itself says of content whose type nobody told. The SDK would tell one; so this is told, and read back as null. */
const UNTOLD_TYPE = 'binary/octet-stream';

/** Opaque to callers: the ETag without its quotes, which some servers leave out. */
export function versionOf(etag: string | undefined): ObjectVersion {
  const bare = etag?.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') ?? '';
  if (bare === '') {
    throw new AppError('internal', 'The storage gave an answer without a version.', {
      details: { outcome: 'unknown' },
    });
  }
  return bare;
}

export const etagOf = (version: ObjectVersion): string => `"${version}"`;

export function conditionHeaders(condition: PutCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (!condition) return {};
  return 'ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: etagOf(condition.ifVersion) };
}

export const storedType = (contentType: string | null): string => contentType ?? UNTOLD_TYPE;
const toldType = (stored: string | undefined): string | null =>
  stored === undefined || stored === UNTOLD_TYPE ? null : stored;

const ENCODED = /^=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=$/;

/**
 * Headers carry plain ASCII, lose spaces at the ends, and their signature forgets how many there are in a row: every other value is
 * written as one encoded word (RFC 2047), the form in which S3 itself shows such metadata.
 */
export function encodeMetadata(metadata: Record<string, string>): Record<string, string> {
  const encode = (value: string) =>
    /^[!-~]+( [!-~]+)*$/.test(value) && !value.startsWith('=?')
      ? value
      : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, encode(value)]));
}

export function decodeMetadata(stored: Record<string, string> | undefined): Record<string, string> {
  const decode = (value: string) => {
    const base64 = ENCODED.exec(value)?.[1];
    return base64 === undefined ? value : Buffer.from(base64, 'base64').toString('utf8');
  };
  return Object.fromEntries(Object.entries(stored ?? {}).map(([name, value]) => [name.toLowerCase(), decode(value)]));
}

/** A checksum of checksums (`…-3`) says nothing of the content as a whole. */
export function wholeCrc32c(output: { ChecksumCRC32C?: string; ChecksumType?: string }): string | null {
  const { ChecksumCRC32C: crc, ChecksumType: type } = output;
  return crc === undefined || type === 'COMPOSITE' || !/^[A-Za-z0-9+/]{6}==$/.test(crc) ? null : crc;
}

/** Content that was stored while the bucket kept no versions has this id. */
export const UNVERSIONED = 'null';

interface Described {
  ETag?: string;
  LastModified?: Date;
  ContentType?: string;
  Metadata?: Record<string, string>;
  ChecksumCRC32C?: string;
  ChecksumType?: string;
  VersionId?: string;
}

export function infoOf(
  key: string,
  output: Described,
  { sizeBytes, history }: { sizeBytes: number; history: boolean },
): ObjectInfo {
  return {
    key,
    sizeBytes,
    modifiedAt: wholeSeconds(output.LastModified?.getTime() ?? 0),
    version: versionOf(output.ETag),
    contentType: toldType(output.ContentType),
    metadata: decodeMetadata(output.Metadata),
    crc32c: wholeCrc32c(output),
    versionId: history ? (output.VersionId ?? UNVERSIONED) : null,
  };
}

/** `bytes 0-4/1000` → 1000. */
export function sizeOfRange(contentRange: string | undefined): number | null {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? null : Number(total);
}

/** Keys come percent-encoded where the server says so (EncodingType url), because XML cannot carry every character. */
export function decodeKey(encoded: string, encoding: string | undefined): string {
  if (encoding !== 'url') return encoded;
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}

/** `bucket/key?versionId=…` of a copy, percent-encoded by name. */
export function copySource(bucket: string, key: string, versionId?: string): string {
  const path = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}

/** Folders are objects of no length whose key ends in a slash; the contract knows no such keys. */
export const isMarker = (key: string): boolean => key.endsWith('/');
