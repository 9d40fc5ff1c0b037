/** What is not as it should be at the store: each is told apart, says what to do, and costs nobody a file. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { newServiceAccount } from '../../../e2e/servers/strict-gcs/proof.ts';
import { type AppError, isAppError } from '../../domain/errors.ts';
import { crc32cOf } from '../../ports/storage/checksum.ts';
import { MIB, refusal, textAt } from '../../ports/storage/conformance/probes.ts';
import type { Bucket, SignedRequest, StorageProvider } from '../../ports/storage/storage.ts';
import { sdkCredentials } from './credentials.ts';
import { openGcsStorage } from './gcs-storage.ts';
import { type Bed, makeBed, silent } from './test-bed.ts';

const WANTED = { keepVersionsDays: 30, corsOrigins: ['https://cmb.example.org'], logBucket: null };

let bed: Bed;
let storage: StorageProvider;
let name: string;
let bucket: Bucket;
let made = 0;

beforeAll(async () => {
  bed = await makeBed();
  storage = await bed.open();
});
afterAll(() => bed.stop());
beforeEach(async () => {
  made += 1;
  name = `bad-input-${made}`;
  bucket = storage.bucket(name);
  await storage.createBucket(name, { labels: { owner: 'ada' } });
  await storage.configureBucket(name, 'versions', WANTED);
  await bucket.put('kept', Buffer.from('kept'));
});

async function told(call: Promise<unknown>): Promise<AppError> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (isAppError(error)) return error;
  throw new Error(`expected an AppError, got ${String(error)}`);
}

const everyCall = (of: Bucket) => [
  () => of.head('kept'),
  () => of.get('kept'),
  () => of.list(),
  () => of.listVersions({}),
  () => of.put('new', Buffer.from('x')),
  () => of.put('new', Buffer.alloc(5 * MIB)),
  () => of.delete('kept'),
  () => of.copy('kept', 'copied'),
  () => of.move('kept', 'moved'),
  () => of.startUpload('new', { sizeBytes: 5 }),
];

async function openAs(credentials: { keyFile?: string; location?: string }): Promise<StorageProvider> {
  const { keyFile = bed.keyFile, location = 'europe-west1' } = credentials;
  return openGcsStorage({
    ...{ endpoint: bed.fake.url, projectId: 'strict-fake', projectNumber: null, location, logBucket: null },
    credentials: await sdkCredentials({ projectId: 'strict-fake', keyFile }, silent),
    now: Date.now,
  });
}

test('a key that is not known', async () => {
  const keyFile = `${bed.keyFile}-other`;
  const { email: client_email, privateKey: private_key } = newServiceAccount('other@strict-fake.iam.example');
  writeFileSync(keyFile, JSON.stringify({ type: 'service_account', client_email, private_key }));
  const stranger = await openAs({ keyFile });
  for (const call of [...everyCall(stranger.bucket(name)), () => stranger.check()])
    expect(await told(call())).toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/credentials.* must renew/),
      details: { outcome: 'not_applied' },
    });
  expect(await textAt(bucket, 'kept')).toBe('kept');
});

test('a permission that is missing', async () => {
  for (const call of everyCall(bucket)) {
    bed.fake.inject({ path: new RegExp(name), status: 403, times: 2 });
    expect(await told(call())).toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/permission.* must grant/),
      details: { outcome: 'not_applied' },
    });
    // A call of one request leaves one over.
    await bucket.head('kept').catch(() => {});
  }
  expect(await textAt(bucket, 'kept')).toBe('kept');
});

test('a location that does not exist', async () => {
  const elsewhere = await openAs({ location: 'middle-earth' });
  expect(await told(elsewhere.createBucket('in-the-shire', { labels: {} }))).toMatchObject({
    code: 'failed_precondition',
    message: expect.stringMatching(/must correct the region/),
  });
});

test('a bucket of somebody else', async () => {
  const mine = { labels: { owner: 'eve' } };
  expect(await refusal(storage.createBucket(name, mine))).toMatchObject({ code: 'already_exists' });
  // Of another project: even its labels are not told.
  bed.fake.inject({ method: 'GET', path: new RegExp(`/b/${name}\\?`), status: 403, times: 1 });
  expect(await refusal(storage.createBucket(name, mine))).toMatchObject({ code: 'already_exists' });
  expect((await storage.getBucketMetadata(name)).labels).toEqual({ owner: 'ada' });
  expect(await textAt(bucket, 'kept')).toBe('kept');
});

test('versions that were switched off by hand are seen, old ones stay readable, and it is mended', async () => {
  const { versionId } = await bucket.head('kept');
  await bucket.put('kept', Buffer.from('second'));
  bed.fake.state.bucket(name).settings.versioning = { enabled: false };
  const versions = async () =>
    (await storage.inspectBucket(name, WANTED)).find(({ setting }) => setting === 'versions');
  expect(await versions()).toMatchObject({ state: 'off', reason: expect.stringMatching(/not kept/) });
  expect(await textAt(bucket, 'kept', versionId ?? '')).toBe('kept');
  expect(await storage.configureBucket(name, 'versions', WANTED)).toMatchObject({ state: 'on' });
  expect(await versions()).toMatchObject({ state: 'on' });
});

test('a bucket that somebody deleted', async () => {
  bed.fake.state.buckets.delete(name);
  for (const call of [...everyCall(bucket), () => storage.inspectBucket(name, WANTED), () => storage.usage(name)])
    expect(await told(call())).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/bucket does not exist.* ask an administrator/),
    });
  // Removing what is gone is no fault, of a whole bucket.
  await storage.deleteBucket(name, { force: true });
});

test('content that differs from its announced checksum', async () => {
  const crc32c = crc32cOf(Buffer.from('something else'));
  for (const body of [Buffer.from('after'), Buffer.alloc(6 * MIB, 'a')])
    expect(await refusal(bucket.put('kept', body, { crc32c }))).toMatchObject({
      code: 'invalid_argument',
      details: { outcome: 'not_applied', field: 'crc32c' },
    });
  expect(await textAt(bucket, 'kept')).toBe('kept');
});

test('a link whose time is over stores nothing, and the upload goes on with a new one', async () => {
  const { id } = await bucket.startUpload('by-link', { sizeBytes: 5 });
  const part = { number: 1, sizeBytes: 5 };
  const old = await bucket.signedPart('by-link', id, { ...part, expiresInMs: 1_000 });
  const whole = await bucket.signedUrl('by-link', { method: 'PUT', sizeBytes: 5, expiresInMs: 1_000 });
  const over = Date.now() + 2_000;
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(over), { timeout: 5_000, interval: 100 });
  const send = ({ method, url, headers }: SignedRequest) => fetch(url, { method, headers, body: 'hello' });
  expect([(await send(old)).status, (await send(whole)).status]).toEqual([400, 400]);
  expect(await bucket.listParts('by-link', id)).toEqual([]);
  expect((await send(await bucket.signedPart('by-link', id, { ...part, expiresInMs: 60_000 }))).ok).toBe(true);
  await bucket.completeUpload('by-link', id, { sizeBytes: 5 });
  expect(await textAt(bucket, 'by-link')).toBe('hello');
});
