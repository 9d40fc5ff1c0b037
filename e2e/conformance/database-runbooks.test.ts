/**
 * The runbooks of docs/OPERATIONS.md for the database, each walked through as an operator would, on this machine and on real servers.
 * What they promise there happens here.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../prisma-free-db/replication/clock.ts';
import { type Env, readConfig } from '../../src/boot/config.ts';
import { examineLog } from '../../src/boot/database/examine-log.ts';
import { type DatabaseLog, openLogBucket } from '../../src/boot/database/open-log.ts';
import { lead, MIGRATIONS, rowsIn } from '../../src/boot/database/test-bench.ts';
import type { LogTools } from '../../src/boot/database/tools.ts';
import { runDb } from '../../src/cli/db.ts';
import { LOG_GROUNDS, type LogGround, motoGround } from '../servers/log-grounds.ts';
import { MOTO_CREDENTIALS } from '../servers/moto.ts';
import { addUser, type Credentials, ROOT_CREDENTIALS, startVersitygw } from '../servers/versitygw.ts';

const quiet = { info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-runbooks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A place of this machine that is named, as a server's own bucket is. */
async function onThisMachine(): Promise<LogGround> {
  const env = { CMBCLUSTER_DATA: join(folder, 'data'), DATABASE_FOLDER: join(folder, 'log') };
  const open = (variables: Env = {}) => {
    const all = { ...env, ...variables };
    return openLogBucket(readConfig(all), { env: all, log: quiet, now: Date.now });
  };
  await (await open()).close();
  return { env, open, stop: async () => {} };
}

const GROUNDS = [
  { name: 'this machine', start: onThisMachine },
  ...LOG_GROUNDS.filter(({ name }) => !name.includes('fake-gcs')),
];

const toolsOn = (log: DatabaseLog): LogTools => ({
  log,
  pacing: { clock: systemClock, random: Math.random },
  leaseMs: 1_000,
  at: () => new Date().toISOString(),
  id: () => randomBytes(12).toString('hex'),
  say: () => {},
});

async function command(env: Env, args: string[]) {
  let out = '';
  let err = '';
  const io = {
    ...{ env, migrationsDir: MIGRATIONS },
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  const code = await runDb(args, io);
  return { code, text: out + err, json: () => JSON.parse(out) };
}

async function doctor(env: Env): Promise<string> {
  const checks = await examineLog(readConfig(env), env, () => ({ name: 'secrets', ok: true, message: '' }));
  return checks.map(({ name, ok, message }) => `${ok ? '✓' : '✗'} ${name}: ${message}`).join('\n');
}

let files = 0;
async function rowsOf(env: Env): Promise<string[]> {
  files += 1;
  const file = join(folder, `rows-${files}.sqlite`);
  expect(await command(env, ['export', '--out', file])).toMatchObject({ code: 0 });
  return rowsIn(file).map((row) => (row as { text: string }).text);
}

describe.each(GROUNDS)('runbooks on $name', ({ start }) => {
  let ground: LogGround;
  beforeAll(async () => {
    ground = await start();
  });
  afterAll(() => ground.stop());

  /** A history below a prefix of its own: `one` to `four`, a snapshot behind `two`. */
  async function history(prefix: string) {
    const env = { ...ground.env, DATABASE_PREFIX: prefix };
    const log = await ground.open({ DATABASE_PREFIX: prefix });
    const leading = await lead(toolsOn(log), folder, { retain: { ms: 86_400_000 } });
    await leading.add('one');
    await leading.add('two');
    await leading.leader.snapshotNow();
    await leading.add('three');
    await leading.add('four');
    await leading.handover();
    return { env, log };
  }

  it('a damaged object: found by name, brought back, and what there is without it', async () => {
    const { env, log } = await history('damaged');
    const key = log.keys.log(5);
    const whole = await log.bucket.get(key);
    await log.storage.bucket(log.place.bucket).put(key, Buffer.from('not what was written'));
    const verify = await command(env, ['verify']);
    expect(verify).toMatchObject({ code: 3, text: expect.stringContaining(key) });
    expect(await doctor(env)).toMatch(new RegExp(`✗ database restore: .*${key}`));
    expect(await command(env, ['inspect', key])).toMatchObject({ code: 3 });
    // Up to the slot before it is there, aside.
    expect(await command(env, ['restore', '--at', '4', '--to', 'damaged-aside'])).toMatchObject({ code: 0 });
    expect(await rowsOf({ ...env, DATABASE_PREFIX: 'damaged-aside' })).toEqual(['one', 'two']);
    // The version from before is the cure.
    await log.storage.bucket(log.place.bucket).put(key, Buffer.from(whole?.bytes ?? []));
    expect(await command(env, ['verify', '--all'])).toMatchObject({ code: 0 });
    expect(await rowsOf(env)).toEqual(['one', 'two', 'three', 'four']);
    await log.close();
  });

  it('a damaged snapshot: removed, the one before it and the log behind it lead to the same state', async () => {
    const { env, log } = await history('snapshot');
    const key = log.keys.base(4);
    await log.storage.bucket(log.place.bucket).put(key, Buffer.from('not what was written'));
    expect(await command(env, ['verify'])).toMatchObject({ code: 3, text: expect.stringContaining(key) });
    await log.storage.bucket(log.place.bucket).delete(key);
    expect(await command(env, ['verify', '--all'])).toMatchObject({ code: 0 });
    expect(await rowsOf(env)).toEqual(['one', 'two', 'three', 'four']);
    await log.close();
  });

  it('back to an earlier time: below a new prefix, the old one stays', async () => {
    const { env, log } = await history('today');
    const { at } = (await command(env, ['inspect', log.keys.log(5), '--json'])).json().meta;
    const ran = await command(env, ['restore', '--at', at, '--to', 'back-then']);
    expect(ran).toMatchObject({ code: 0, text: expect.stringContaining('DATABASE_PREFIX=back-then') });
    expect(await rowsOf({ ...env, DATABASE_PREFIX: 'back-then' })).toEqual(['one', 'two', 'three']);
    expect(await rowsOf(env)).toHaveLength(4);
    expect(await doctor({ ...env, DATABASE_PREFIX: 'back-then' })).not.toContain('✗ database restore');
    await log.close();
  });

  it('two leaders suspected: one history, the older leader is out', async () => {
    const { env, log } = await history('two');
    const older = await lead(toolsOn(log), folder, { ttlMs: 600_000 });
    await older.add('of the older');
    const newer = await lead(toolsOn(log), folder, { ttlMs: 600_000 });
    await newer.add('of the newer');
    await expect(older.add('too late')).rejects.toMatchObject({
      code: expect.stringMatching(/fenced|outcome_unknown/),
    });
    const status = (await command(env, ['status', '--json'])).json();
    expect(status).toMatchObject({ epoch: 3, lease: { epoch: 3, url: 'http://lead' } });
    expect((await rowsOf(env)).slice(4)).toEqual(['of the older', 'of the newer']);
    expect(await command(env, ['verify', '--all'])).toMatchObject({ code: 0 });
    await older.vanish();
    await newer.handover();
    await log.close();
  });

  it('a mistyped prefix is refused with the two commands that solve it', async () => {
    expect(await doctor({ ...ground.env, DATABASE_PREFIX: 'mistyped' })).toMatch(/✗ database: .*db init.*db import/);
    expect(await command({ ...ground.env, DATABASE_PREFIX: 'mistyped' }, ['status'])).toMatchObject({ code: 1 });
  });
});

describe('what the doctor finds in a cloud, one line each', () => {
  it('a lifecycle rule over the log; one beside it is nobody’s business', async () => {
    const ground = await motoGround();
    const raw = new S3Client({
      ...{ region: 'us-east-1', endpoint: ground.url, forcePathStyle: true, credentials: MOTO_CREDENTIALS },
    });
    const put = (Prefix: string) =>
      raw.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: 'the-log',
          LifecycleConfiguration: {
            Rules: [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix }, Expiration: { Days: 30 } }],
          },
        }),
      );
    await put('other/');
    expect(await doctor(ground.env)).not.toMatch(/lifecycle/);
    for (const prefix of ['', 'control/', 'control/log/']) {
      await put(prefix);
      expect(await doctor(ground.env)).toMatch(
        /✗ database bucket: The lifecycle rule “tidy” deletes objects after 30 days/,
      );
    }
    raw.destroy();
    await ground.stop();
  });

  it('a clock that is a day off, a bucket that is not there, a storage that is away', async () => {
    const ground = await LOG_GROUNDS[1]?.start();
    if (!ground) throw new Error('the server is not listed');
    expect(await doctor(ground.env)).toMatch(/✓ database clock/);
    const real = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() - 86_400_000);
    expect(await doctor(ground.env)).toMatch(/✗ database clock: .*86\d{3} s behind the storage’s/);
    clock.mockRestore();
    const gone = await doctor({ ...ground.env, DATABASE_BUCKET: 'not-there' });
    expect(gone).toMatch(/^✗ database: .*DATABASE_BUCKET.*db init\.$/);
    await ground.stop();
    const away = await doctor(ground.env);
    expect(away).toMatch(/^✗ database: The storage has given no clear answer[^\n]*$/);
  });
});

describe('moving to another cloud', () => {
  it('from this machine to S3, from there to Cloud Storage: nothing is lost, nobody writes at the old places', async () => {
    const [s3, gcs] = [LOG_GROUNDS[0], LOG_GROUNDS[2]];
    if (!s3 || !gcs) throw new Error('the servers are not listed');
    const [there, then] = [await s3.start(), await gcs.start()];
    const { STORAGE_PROVIDER: _, DATABASE_BUCKET: __, ...s3Variables } = there.env;
    const { STORAGE_PROVIDER: ___, DATABASE_BUCKET: ____, CMBCLUSTER_DATA: _____, ...gcsVariables } = then.env;
    const env = { ...s3Variables, ...gcsVariables };
    const log = await openLogBucket(readConfig(env), { env, log: quiet, now: Date.now });
    const leading = await lead(toolsOn(log), folder);
    for (const text of ['one', 'two']) await leading.add(text);
    await leading.handover();
    await log.close();

    const first = await command(env, ['move', '--to-storage', 'aws', '--to-bucket', 'the-log', '--json']);
    expect(first.json()).toMatchObject({ ok: true });
    expect(await doctor(env)).toMatch(/✗ database: It was moved to the bucket “the-log” of aws/);
    const onS3 = { ...env, DATABASE_STORAGE: 'aws', DATABASE_BUCKET: 'the-log' };
    const log2 = await openLogBucket(readConfig(onS3), { env: onS3, log: quiet, now: Date.now });
    const forgotten = await lead(toolsOn(log2), folder, { ttlMs: 600_000 });
    await forgotten.add('three');
    await forgotten.leader.flush();

    const second = await command(onS3, ['move', '--to-storage', 'gcp', '--to-bucket', 'the-log', '--json']);
    expect(second.json()).toMatchObject({ ok: true });
    await expect(forgotten.add('of the forgotten')).rejects.toThrow();
    const onGcs = { ...onS3, DATABASE_STORAGE: 'gcp' };
    expect(await rowsOf(onGcs)).toEqual(['one', 'two', 'three']);
    expect(await command(onGcs, ['verify', '--all'])).toMatchObject({ code: 0 });
    expect(await command(onS3, ['move', '--to-prefix', 'x'])).toMatchObject({
      code: 1,
      text: expect.stringMatching(/was moved to/),
    });
    await forgotten.vanish();
    await log2.close();
    await there.stop();
    await then.stop();
  });
});

describe('a permission that is lost', () => {
  const KEEPER: Credentials = { accessKeyId: 'keeper', secretAccessKey: 'secret-of-keeper' };

  it('on S3: writes wait, the doctor says it in one line, and all goes on once it is given back', async () => {
    const server = await startVersitygw();
    const raw = new S3Client({
      ...{ region: 'us-east-1', endpoint: server.url, forcePathStyle: true },
      credentials: ROOT_CREDENTIALS,
    });
    await addUser(server, KEEPER);
    const env: Env = {
      ...{ CMBCLUSTER_DATA: join(folder, 'keeper'), STORAGE_PROVIDER: 'aws', AWS_REGION: 'us-east-1' },
      ...{ S3_ENDPOINT: server.url, S3_LACKS: 'nesting,copyIfMatch', SECRET_KEY: 'k'.repeat(40) },
      ...{ S3_ACCESS_KEY_ID: KEEPER.accessKeyId, S3_SECRET_ACCESS_KEY: KEEPER.secretAccessKey },
      DATABASE_BUCKET: 'the-log',
    };
    const asRoot = {
      ...env,
      ...{ S3_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId, S3_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey },
    };
    const owner = await openLogBucket(readConfig(asRoot), { env: asRoot, log: quiet, now: Date.now });
    await owner.storage.createBucket('the-log', { labels: {} });
    const allow = (actions: string[]) =>
      raw.send(
        new PutBucketPolicyCommand({
          Bucket: 'the-log',
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: ['arn:aws:s3:::the-log', 'arn:aws:s3:::the-log/*'].map((Resource) => ({
              ...{ Effect: 'Allow', Principal: { AWS: [KEEPER.accessKeyId] }, Resource },
              Action: actions.filter((action) => /Bucket/.test(action) !== Resource.endsWith('/*')),
            })),
          }),
        }),
      );
    const ALL = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetBucketVersioning'];
    await allow(ALL);
    const log = await openLogBucket(readConfig(env), { env, log: quiet, now: Date.now });
    const leading = await lead(toolsOn(log), folder);
    await leading.add('before');

    await allow(ALL.filter((action) => action !== 's3:PutObject'));
    const waiting = leading.add('meanwhile').then(() => 'stored');
    expect(await doctor(env)).toMatch(/✗ database store: .*lacks a permission/);
    expect(await Promise.race([waiting, systemClock.sleep(500).then(() => 'waits')])).toBe('waits');
    await allow(ALL);
    expect(await waiting).toBe('stored');
    expect(await rowsOf(env)).toEqual(['before', 'meanwhile']);

    // Versioning, the other thing that an operator forgets: one line, and its cure.
    expect(await doctor(asRoot)).toMatch(/✗ database bucket: Versioning is off/);
    await raw.send(
      new PutBucketVersioningCommand({ Bucket: 'the-log', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    expect(await doctor(asRoot)).not.toMatch(/Versioning is off/);
    await leading.handover();
    await log.close();
    await owner.close();
    raw.destroy();
    await server.stop();
  });

  it('on this machine: a folder that went away comes back as it was', async () => {
    const env = { CMBCLUSTER_DATA: join(folder, 'data'), DATABASE_FOLDER: join(folder, 'away') };
    const log = await openLogBucket(readConfig(env), { env, log: quiet, now: Date.now });
    const leading = await lead(toolsOn(log), folder);
    await leading.add('before');
    renameSync(join(folder, 'away'), join(folder, 'unmounted'));
    const waiting = leading.add('meanwhile').then(() => 'stored');
    expect(await doctor(env)).toMatch(/✗ database: There is no database/);
    expect(await Promise.race([waiting, systemClock.sleep(500).then(() => 'waits')])).toBe('waits');
    rmSync(join(folder, 'away'), { recursive: true, force: true });
    cpSync(join(folder, 'unmounted'), join(folder, 'away'), { recursive: true });
    expect(await waiting).toBe('stored');
    await leading.handover();
    expect(existsSync(join(folder, 'away'))).toBe(true);
    expect(await rowsOf(env)).toEqual(['before', 'meanwhile']);
    await log.close();
  });
});
