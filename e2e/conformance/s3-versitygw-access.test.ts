/** Who reaches what on a real server with users and policies, and what people are told when something is not as it should be. */
import { DeleteBucketCommand, PutBucketPolicyCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { crc32cOf } from '../../src/ports/storage/checksum.ts';
import { bytesOf, MIB, refusal, textAt } from '../../src/ports/storage/conformance/probes.ts';
import type { SignedRequest, StorageProvider } from '../../src/ports/storage/storage.ts';
import { sessionPolicy } from '../../src/providers/aws/session-policy.ts';
import { openS3 } from '../servers/s3-storage.ts';
import type { RunningServer } from '../servers/server.ts';
import { addUser, type Credentials, ROOT_CREDENTIALS, startVersitygw } from '../servers/versitygw.ts';

const ALICE: Credentials = { accessKeyId: 'alice', secretAccessKey: 'secret-of-alice' };
const BOB: Credentials = { accessKeyId: 'bob', secretAccessKey: 'secret-of-bob-0' };
/** What the server was found to lack; a person’s key may make no bucket to find it out with. */
const KNOWN = { S3_LACKS: 'nesting,copyIfMatch' };
const WANTED = { keepVersionsDays: 30, corsOrigins: [], logBucket: null };

let server: RunningServer;
let root: StorageProvider;
let raw: S3Client;
const opened: StorageProvider[] = [];

async function openAs(credentials: Credentials, variables: Record<string, string> = KNOWN): Promise<StorageProvider> {
  const storage = await openS3(server.url, credentials, variables);
  opened.push(storage);
  return storage;
}

/** The rights of an environment’s session policy, given by a bucket policy: this server has no sessions. */
async function letIn(bucket: string, { accessKeyId }: Credentials): Promise<void> {
  const { Version, Statement } = JSON.parse(sessionPolicy([bucket], 'aws'));
  const statements = Statement.map((each: object) => ({ ...each, Principal: { AWS: [accessKeyId] } }));
  await raw.send(
    new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version, Statement: statements }) }),
  );
}

beforeAll(async () => {
  server = await startVersitygw();
  root = await openAs(ROOT_CREDENTIALS);
  raw = new S3Client({
    region: 'us-east-1',
    endpoint: server.url,
    forcePathStyle: true,
    credentials: ROOT_CREDENTIALS,
  });
  for (const [bucket, person] of [
    ['of-alice', ALICE],
    ['of-bob', BOB],
  ] as const) {
    await addUser(server, person);
    await root.createBucket(bucket, { labels: { owner: person.accessKeyId } });
    await root.configureBucket(bucket, 'versions', WANTED);
    await letIn(bucket, person);
    await root.bucket(bucket).put('greeting', Buffer.from(`hello ${person.accessKeyId}`));
  }
});
afterAll(async () => {
  for (const storage of opened) await storage.close();
  raw.destroy();
  await server.stop();
});

test('the rights of an environment suffice for its files, uploads in parts included', async () => {
  const bucket = (await openAs(ALICE)).bucket('of-alice');
  const { body } = await bucket.get('greeting');
  expect((await bytesOf(body)).toString()).toBe('hello alice');
  await bucket.put('mine', Buffer.from('x'), { condition: { ifAbsent: true } });
  await bucket.put('large', Buffer.alloc(6 * 1024 * 1024, 'y'));
  await bucket.move('mine', 'moved', { condition: { ifAbsent: true } });
  await bucket.delete('large');
  expect((await bucket.list()).objects.map(({ key }) => key)).toEqual(['greeting', 'moved']);
});

test('a person’s key opens no other bucket, by no call', async () => {
  const storage = await openAs(ALICE);
  const theirs = storage.bucket('of-bob');
  const calls = [
    () => theirs.get('greeting'),
    () => theirs.head('greeting'),
    () => theirs.list(),
    () => theirs.put('intruder', Buffer.from('x')),
    () => theirs.delete('greeting'),
    () => theirs.copy('greeting', 'copied'),
    () => theirs.listVersions({}),
    () => theirs.startUpload('intruder', { sizeBytes: 5 }),
    () => storage.usage('of-bob'),
  ];
  for (const call of calls) expect(await refusal(call())).toMatchObject({ code: 'permission_denied' });
  const link = await theirs.signedUrl('greeting', { method: 'GET', expiresInMs: 60_000 });
  expect((await fetch(link.url)).status).toBe(403);
  const { objects } = await root.bucket('of-bob').list();
  expect(objects.map(({ key }) => key)).toEqual(['greeting']);
});

test('a person’s key changes no bucket, its own included', async () => {
  const storage = await openAs(ALICE);
  for (const bucket of ['of-alice', 'of-bob']) {
    expect(await refusal(storage.deleteBucket(bucket, { force: true }))).toMatchObject({ code: 'permission_denied' });
    expect(await refusal(storage.configureBucket(bucket, 'cors', WANTED))).toMatchObject({ code: 'permission_denied' });
  }
  const { versionId } = await root.bucket('of-alice').head('greeting');
  await root.bucket('of-alice').put('greeting', Buffer.from('hello again, alice'));
  expect(await refusal(storage.bucket('of-alice').purgeVersion('greeting', versionId ?? ''))).toMatchObject({
    code: 'permission_denied',
  });
  const { body } = await root.bucket('of-alice').get('greeting', { versionId: versionId ?? '' });
  expect((await bytesOf(body)).toString()).toBe('hello alice');
});

test('a bucket of somebody else is not adopted', async () => {
  const mine = (await openAs(ALICE)).createBucket('of-bob', { labels: { owner: 'alice' } });
  expect(await refusal(mine)).toMatchObject({ code: 'already_exists' });
  expect(await refusal(root.createBucket('of-bob', { labels: { owner: 'alice' } }))).toMatchObject({
    code: 'already_exists',
  });
});

test('wrong keys, a wrong region and a server that is not there are told apart', async () => {
  const key = await openAs({ ...ALICE, secretAccessKey: 'guessed' });
  expect(await refusal(key.bucket('of-alice').list())).toMatchObject({ code: 'permission_denied' });
  const region = await openAs(ROOT_CREDENTIALS, { ...KNOWN, AWS_REGION: 'eu-central-1' });
  expect(await refusal(region.bucket('of-alice').list())).toMatchObject({ code: 'failed_precondition' });
  expect(await refusal(region.check())).toMatchObject({ code: 'failed_precondition' });
  const nobody = await startVersitygw();
  await nobody.stop();
  const away = await openS3(nobody.url, ROOT_CREDENTIALS, KNOWN);
  opened.push(away);
  expect(await refusal(away.bucket('of-alice').head('greeting'))).toMatchObject({
    code: 'unavailable',
    details: { outcome: 'not_applied' },
  });
});

test('a server that could not be examined offers only what is safe', async () => {
  const nobody = await startVersitygw();
  await nobody.stop();
  const away = await openS3(nobody.url, ROOT_CREDENTIALS);
  opened.push(away);
  expect(away.bucket('of-alice').capabilities).toMatchObject({ versions: false, history: false, uploads: false });
});

test('versions that were switched off by hand are seen, files stay readable, and it is mended', async () => {
  const name = 'switched-off';
  await root.createBucket(name, { labels: { owner: 'nobody' } });
  await root.configureBucket(name, 'versions', WANTED);
  const bucket = root.bucket(name);
  const { versionId } = await bucket.put('a', Buffer.from('first'));
  await raw.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Suspended' } }));
  const versions = async () => (await root.inspectBucket(name, WANTED)).find(({ setting }) => setting === 'versions');
  expect(await versions()).toMatchObject({ state: 'off', reason: expect.stringMatching(/not kept/) });
  const replaced = await bucket.put('a', Buffer.from('second'));
  expect(replaced.versionId).toBe('null');
  const kept = await bucket.get('a', { versionId: versionId ?? '' });
  expect((await bytesOf(kept.body)).toString()).toBe('first');
  expect(await root.configureBucket(name, 'versions', WANTED)).toMatchObject({ state: 'on' });
});

test('a bucket that somebody deleted is not_found, by every call', async () => {
  await root.createBucket('soon-gone', { labels: { owner: 'nobody' } });
  const bucket = root.bucket('soon-gone');
  await raw.send(new DeleteBucketCommand({ Bucket: 'soon-gone' }));
  for (const call of [
    () => bucket.head('a'),
    () => bucket.list(),
    () => bucket.put('a', Buffer.from('x')),
    () => bucket.put('a', Buffer.alloc(6 * 1024 * 1024)),
    () => bucket.startUpload('a', { sizeBytes: 5 }),
    () => root.configureBucket('soon-gone', 'versions', WANTED),
    () => root.inspectBucket('soon-gone', WANTED),
    () => root.usage('soon-gone'),
  ]) {
    expect(await refusal(call())).toMatchObject({ code: 'not_found' });
  }
  await root.deleteBucket('soon-gone', { force: true });
});

test('content that differs from its announced checksum is refused, and what was there stays', async () => {
  const bucket = root.bucket('of-alice');
  await bucket.put('summed', Buffer.from('before'));
  const crc32c = crc32cOf(Buffer.from('something else'));
  for (const body of [Buffer.from('after'), Buffer.alloc(6 * MIB, 'a')]) {
    expect(await refusal(bucket.put('summed', body, { crc32c }))).toMatchObject({
      code: 'invalid_argument',
      details: { outcome: 'not_applied', field: 'crc32c' },
    });
  }
  expect(await textAt(bucket, 'summed')).toBe('before');
});

test('a link whose time is over stores nothing, and the upload goes on with a new one', async () => {
  const bucket = root.bucket('of-alice');
  const { id } = await bucket.startUpload('by-link', { sizeBytes: 5 });
  const part = { number: 1, sizeBytes: 5 };
  const old = await bucket.signedPart('by-link', id, { ...part, expiresInMs: 1_000 });
  const whole = await bucket.signedUrl('by-link', { method: 'PUT', sizeBytes: 5, expiresInMs: 1_000 });
  const over = Date.now() + 2_500;
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(over), { timeout: 5_000, interval: 100 });
  const send = ({ method, url, headers }: SignedRequest) => fetch(url, { method, headers, body: 'hello' });
  expect([(await send(old)).status, (await send(whole)).status]).toEqual([403, 403]);
  expect(await bucket.listParts('by-link', id)).toEqual([]);
  expect((await send(await bucket.signedPart('by-link', id, { ...part, expiresInMs: 60_000 }))).ok).toBe(true);
  await bucket.completeUpload('by-link', id, { sizeBytes: 5 });
  expect(await textAt(bucket, 'by-link')).toBe('hello');
});

test('what an administrator has to do is said', async () => {
  const told = (call: Promise<unknown>) =>
    call.then(
      () => '',
      ({ message }: Error) => message,
    );
  const guessed = await openAs({ ...ALICE, secretAccessKey: 'guessed' });
  const elsewhere = await openAs(ROOT_CREDENTIALS, { ...KNOWN, AWS_REGION: 'eu-central-1' });
  expect(await told(guessed.bucket('of-alice').list())).toMatch(/credentials.* must renew/);
  expect(await told((await openAs(ALICE)).bucket('of-bob').list())).toMatch(/permission.* must grant/);
  expect(await told(elsewhere.bucket('of-alice').list())).toMatch(/region.* must correct/);
  expect(await told(root.bucket('never-was').list())).toMatch(/bucket does not exist.* ask an administrator/);
});
