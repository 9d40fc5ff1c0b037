/** What the drivers of one endpoint share: connection, names, and what the endpoint was found to lack. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { BucketCapabilities } from '../../../ports/storage/storage.ts';

/**
 * What a server may lack. createLabels: tags at the creation of a bucket. createIfAbsent, replaceIfMatch, deleteIfMatch,
 * copyIfMatch: the conditions of writes. fullChecksum: crc32c of an object made of parts. nesting: `a` beside `a/b`.
 */
export const FEATURES = [
  'createLabels',
  'createIfAbsent',
  'replaceIfMatch',
  'deleteIfMatch',
  'copyIfMatch',
  'versioning',
  'multipart',
  'checksum',
  'fullChecksum',
  'nesting',
] as const;
export type Feature = (typeof FEATURES)[number];

export interface Features {
  /** Reason by feature; a sentence for people. */
  lacks: Map<Feature, string>;
}

export interface Store {
  client: S3Client;
  /** For links; sends nothing. */
  signer: S3Client;
  region: string;
  /** The cloud's own S3; otherwise a server that speaks it. */
  cloud: boolean;
  /** 12 digits; null when not told. */
  accountId: string | null;
  features: Features;
  /** The name in S3 of a bucket of the contract. */
  physical(name: string): string;
  /** null when the bucket in S3 cannot be one of ours. */
  logical(name: string): string | null;
  now: () => number;
}

export const has = (store: Store, feature: Feature): boolean => !store.features.lacks.has(feature);

export function capabilitiesOf(store: Store): BucketCapabilities {
  return {
    versions: (['createIfAbsent', 'replaceIfMatch', 'deleteIfMatch'] as const).every((feature) => has(store, feature)),
    history: has(store, 'versioning'),
    signedUrls: true,
    uploads: has(store, 'multipart'),
    atomicMove: false,
    folders: true,
    keysMayNest: has(store, 'nesting'),
  };
}

/** Refuses buckets that another account put in the place of ours. */
export function owner(store: Store): { ExpectedBucketOwner?: string } {
  return store.cloud && store.accountId !== null ? { ExpectedBucketOwner: store.accountId } : {};
}

/** For calls that may go on for hours, such as the copy of a large file or the sum of a large bucket: each of their requests ends. */
const REQUEST_MS = 10 * 60_000;

export function oneRequest(signal: AbortSignal, ms = REQUEST_MS): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}

export function isFeature(name: string): name is Feature {
  return FEATURES.some((feature) => feature === name);
}
