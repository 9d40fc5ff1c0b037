/**
 * What a server that speaks S3 really holds, found out by trying in a bucket of its own that is removed again. Servers differ in
 * what they ignore without a word, and a condition that is ignored loses files. The cloud's own S3 is not probed.
 */
import { randomUUID } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { crc32cOf } from '../../../ports/storage/checksum.ts';
import { deleteBucket, emptySome } from './buckets.ts';
import { errorName, errorStatus, isLacking } from './classify.ts';
import type { Feature, Store } from './store.ts';

const REASONS: Readonly<Record<Feature, string>> = {
  createLabels: 'It takes no labels when a bucket is made; they are written right after.',
  createIfAbsent: 'It does not hold “only if nothing is there” when a file is written.',
  replaceIfMatch: 'It does not hold “only if it is still that version” when a file is written.',
  deleteIfMatch: 'It does not hold “only if it is still that version” when a file is deleted.',
  copyIfMatch: 'It ignores conditions on copies; they are made in parts instead.',
  versioning: 'It keeps no old versions.',
  multipart: 'It takes no uploads in parts.',
  checksum: 'It does not compare checksums of what it is sent.',
  fullChecksum: 'It does not compare the checksum of a file that is sent in parts.',
  nesting: 'It cannot keep a file and a folder of the same name.',
};

export const reasonOf = (feature: Feature): string => REASONS[feature];

type Verdict = 'holds' | 'lacks';

/** Whether the call is refused with one of these answers. Anything else that is thrown is a failure of the probe itself. */
async function refused(call: Promise<unknown>, names: string[], statuses: number[]): Promise<Verdict> {
  try {
    await call;
    return 'lacks';
  } catch (error) {
    if (names.includes(errorName(error)) || statuses.includes(errorStatus(error) ?? 0)) return 'holds';
    if (isLacking(error) || errorStatus(error) === 400) return 'lacks';
    throw error;
  }
}

/** Whether the call is taken; a refusal by the server is a lack. */
async function taken(call: Promise<unknown>): Promise<Verdict> {
  try {
    await call;
    return 'holds';
  } catch (error) {
    const status = errorStatus(error) ?? 0;
    if (isLacking(error) || (status >= 400 && status < 500 && status !== 403)) return 'lacks';
    throw error;
  }
}

/** @throws what S3 says when buckets cannot be made or the server does not answer */
export async function probe(store: Store, signal: AbortSignal): Promise<Map<Feature, string>> {
  const bucket = `cmbcluster-probe-${randomUUID()}`;
  const found = new Map<Feature, Verdict>();
  const send = bound(store, signal);
  found.set('createLabels', await makeBucket(store, bucket, signal));
  try {
    for (const [feature, run] of CHECKS) found.set(feature, await run({ bucket, send }));
  } finally {
    const tidy = AbortSignal.timeout(10_000);
    const known = { ...store, features: { lacks: verdicts(found) } };
    while ((await emptySome(known, bucket, tidy)) > 0);
    await deleteBucket(store, bucket, tidy);
  }
  return verdicts(found);
}

function verdicts(found: Map<Feature, Verdict>): Map<Feature, string> {
  const lacking = [...found].filter(([, verdict]) => verdict === 'lacks');
  return new Map(lacking.map(([feature]) => [feature, REASONS[feature]]));
}

/** The one call that is the same for all: sends and gives up by the signal. */
function bound(store: Store, signal: AbortSignal): Store['client']['send'] {
  const { client } = store;
  return ((command: Parameters<typeof client.send>[0]) => client.send(command, { abortSignal: signal })) as never;
}

async function makeBucket(store: Store, bucket: string, signal: AbortSignal): Promise<Verdict> {
  const send = bound(store, signal);
  const elsewhere = store.region === 'us-east-1' ? {} : { LocationConstraint: store.region as never };
  const Tags = [{ Key: 'probe', Value: 'yes' }];
  const verdict = await taken(
    send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { ...elsewhere, Tags } })),
  );
  if (verdict === 'lacks') {
    const plain = store.region === 'us-east-1' ? {} : { CreateBucketConfiguration: elsewhere };
    await send(new CreateBucketCommand({ Bucket: bucket, ...plain }));
    return 'lacks';
  }
  const read = await send(new GetBucketTaggingCommand({ Bucket: bucket })).catch(() => ({ TagSet: [] }));
  return read.TagSet?.some(({ Key }) => Key === 'probe') ? 'holds' : 'lacks';
}

interface Probe {
  bucket: string;
  send: Store['client']['send'];
}

const OTHER = '"00000000000000000000000000000000"';

async function put({ bucket, send }: Probe, key: string, more: object = {}): Promise<string> {
  const { ETag = '' } = await send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x', ...more }));
  return ETag;
}

/** Versions are switched on first: some servers hold conditions only in buckets without, and ours have them. */
const CHECKS: readonly (readonly [Feature, (probe: Probe) => Promise<Verdict>])[] = [
  [
    'versioning',
    ({ bucket, send }) =>
      taken(send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }))),
  ],
  [
    'createIfAbsent',
    async (each) => {
      await put(each, 'absent');
      return refused(put(each, 'absent', { IfNoneMatch: '*' }), ['PreconditionFailed'], [412]);
    },
  ],
  [
    'replaceIfMatch',
    async (each) => {
      const etag = await put(each, 'match');
      const wrong = await refused(put(each, 'match', { IfMatch: OTHER }), ['PreconditionFailed'], [412]);
      return wrong === 'lacks' ? 'lacks' : taken(put(each, 'match', { IfMatch: etag }));
    },
  ],
  [
    'deleteIfMatch',
    async (each) => {
      const { bucket, send } = each;
      const etag = await put(each, 'delete');
      const remove = (IfMatch: string) => send(new DeleteObjectCommand({ Bucket: bucket, Key: 'delete', IfMatch }));
      const wrong = await refused(remove(OTHER), ['PreconditionFailed'], [412]);
      return wrong === 'lacks' ? 'lacks' : taken(remove(etag));
    },
  ],
  [
    'copyIfMatch',
    async (each) => {
      const { bucket, send } = each;
      await put(each, 'from');
      await put(each, 'to');
      const copy = new CopyObjectCommand({ Bucket: bucket, Key: 'to', CopySource: `${bucket}/from`, IfNoneMatch: '*' });
      return refused(send(copy), ['PreconditionFailed'], [412]);
    },
  ],
  [
    'checksum',
    async (each) => {
      const wrong = put(each, 'checksum', { ChecksumCRC32C: 'AAAAAA==' });
      if ((await refused(wrong.catch(mismatch), ['BadDigest'], [])) === 'lacks') return 'lacks';
      await put(each, 'checksum', { ChecksumCRC32C: crc32cOf(Buffer.from('x')) });
      const head = await each.send(new HeadObjectCommand({ Bucket: each.bucket, Key: 'checksum' }));
      return head.ChecksumCRC32C === undefined ? 'lacks' : 'holds';
    },
  ],
  ['multipart', async (each) => taken(inParts(each, { key: 'parts', checked: false }))],
  [
    'fullChecksum',
    async (each) => {
      const made = await taken(inParts(each, { key: 'sum', checked: true }));
      if (made === 'lacks') return 'lacks';
      const head = await each.send(new HeadObjectCommand({ Bucket: each.bucket, Key: 'sum' }));
      return head.ChecksumCRC32C === crc32cOf(Buffer.from('x')) ? 'holds' : 'lacks';
    },
  ],
  [
    'nesting',
    async (each) => {
      await put(each, 'nest');
      return taken(put(each, 'nest/inside'));
    },
  ],
];

/** Servers name a wrong checksum differently; all that counts is that it was refused. */
function mismatch(error: unknown): never {
  throw errorStatus(error) === 400 ? Object.assign(new Error('BadDigest'), { name: 'BadDigest' }) : error;
}

async function inParts({ bucket, send }: Probe, { key, checked }: { key: string; checked: boolean }): Promise<void> {
  const place = { Bucket: bucket, Key: key };
  const sum = checked ? { ChecksumCRC32C: crc32cOf(Buffer.from('x')) } : {};
  const { UploadId } = await send(
    new CreateMultipartUploadCommand({
      ...place,
      ...(checked ? { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } : {}),
    }),
  );
  const { ETag } = await send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body: 'x', ...sum }));
  await send(
    new CompleteMultipartUploadCommand({
      ...place,
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ...sum }] },
      ...(checked ? { ...sum, ChecksumType: 'FULL_OBJECT' } : {}),
    }),
  );
}
