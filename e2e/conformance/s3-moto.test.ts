/**
 * The settings of buckets as the cloud's own S3 has them, on moto, which keeps them all and gives them back. Nothing is concluded
 * from it about objects: it compares no checksum, and races of conditional writes have two winners now and then.
 */
import {
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../../src/ports/storage/conformance/probes.ts';
import { portableStorage } from '../../src/ports/storage/portable.ts';
import { BUCKET_SETTINGS, type StorageProvider, type WantedSettings } from '../../src/ports/storage/storage.ts';
import { openS3Driver } from '../../src/providers/aws/s3/storage-driver.ts';
import { MOTO_CREDENTIALS, startMoto } from '../servers/moto.ts';
import type { RunningServer } from '../servers/server.ts';

/** moto's own account. */
const ACCOUNT = '123456789012';
const LABELS = { deployment: 'cmb', storage: 'sto-1' };

describe.each(['us-east-1', 'eu-central-1'])('settings of buckets in %s', (region) => {
  let server: RunningServer;
  let storage: StorageProvider;
  let raw: S3Client;
  let name: string;
  let count = 0;
  const wanted: WantedSettings = {
    keepVersionsDays: 30,
    corsOrigins: ['https://app.example.org'],
    logBucket: 'the-logs',
  };

  beforeAll(async () => {
    server = await startMoto();
    const access = { region, endpoint: server.url, forcePathStyle: true, credentials: MOTO_CREDENTIALS };
    storage = portableStorage(
      openS3Driver({
        access,
        accountId: ACCOUNT,
        cloud: true,
        accountRegional: false,
        principals: [],
        lacks: null,
        logBucket: null,
        workload: { clusterName: null, roleArn: null, irsaRoleArn: null, endpoint: null },
        variables: {},
        now: Date.now,
      }),
    );
    raw = new S3Client({ region, endpoint: server.url, forcePathStyle: true, credentials: MOTO_CREDENTIALS });
    // moto keeps no tags that come with a new bucket: this bucket is labelled by hand, below.
    await createLabelled('the-logs');
    await createLabelled('no-logs');
    const allow = {
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: ['s3:PutObject'],
      Resource: 'arn:aws:s3:::the-logs/*',
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
    await raw.send(new PutBucketPolicyCommand({ Bucket: 'the-logs', Policy }));
  });
  afterAll(async () => {
    raw.destroy();
    await storage.close();
    await server.stop();
  });
  beforeEach(async () => {
    count += 1;
    name = `settings-${region}-${count}`;
    await createLabelled(name);
  });

  async function createLabelled(bucket: string): Promise<void> {
    const plain = portableStorage(
      openS3Driver({
        access: { region, endpoint: server.url, forcePathStyle: true, credentials: MOTO_CREDENTIALS },
        accountId: ACCOUNT,
        cloud: false,
        accountRegional: false,
        principals: [],
        lacks: ['createLabels'],
        logBucket: null,
        workload: { clusterName: null, roleArn: null, irsaRoleArn: null, endpoint: null },
        variables: {},
        now: Date.now,
      }),
    );
    await plain.createBucket(bucket, { labels: LABELS, storageClass: 'STANDARD_IA' });
    await plain.close();
  }

  const configureAll = async () => {
    for (const setting of BUCKET_SETTINGS) {
      expect(await storage.configureBucket(name, setting, wanted)).toEqual({ setting, state: 'on', reason: null });
    }
  };
  const off = async () =>
    (await storage.inspectBucket(name, wanted)).filter(({ state }) => state !== 'on').map(({ setting }) => setting);

  test('all are off on a bare bucket, which only this server gives, and on once they were made', async () => {
    expect(await off()).toEqual(['private', 'transport', 'encryption', 'versions', 'expiry', 'cors', 'logs']);
    await configureAll();
    expect(await off()).toEqual([]);
    await configureAll();
  });

  test('what is read back of a bucket are its labels, its region and its class', async () => {
    expect(await storage.getBucketMetadata(name)).toMatchObject({
      name,
      labels: LABELS,
      location: region,
      storageClass: 'STANDARD_IA',
    });
    const rules = async () =>
      (await raw.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name }))).Rules?.map(({ ID }) => ID);
    await storage.configureBucket(name, 'expiry', wanted);
    expect(await rules()).toEqual([
      'cmbcluster-old-versions',
      'cmbcluster-abandoned-uploads',
      'cmbcluster-storage-class',
    ]);
  });

  test('a bucket with other labels is not adopted', async () => {
    const foreign = storage.createBucket(name, { labels: { deployment: 'other' } });
    expect(await refusal(foreign)).toMatchObject({ code: 'already_exists' });
    expect((await storage.createBucket(name, { labels: LABELS })).labels).toEqual(LABELS);
  });

  test('what somebody changes by hand is seen and mended', async () => {
    await configureAll();
    await raw.send(new DeletePublicAccessBlockCommand({ Bucket: name }));
    await raw.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Suspended' } }));
    expect(await off()).toEqual(['private', 'versions']);
    await raw.send(new DeleteBucketPolicyCommand({ Bucket: name }));
    expect(await off()).toEqual(['private', 'transport', 'versions']);
    await configureAll();
    expect(await off()).toEqual([]);
  });

  test('other wishes make a setting off until it is made anew', async () => {
    await configureAll();
    const other = { ...wanted, keepVersionsDays: 7, corsOrigins: [] };
    const states = await storage.inspectBucket(name, other);
    expect(states.filter(({ state }) => state === 'off').map(({ setting }) => setting)).toEqual(['expiry', 'cors']);
    for (const setting of ['expiry', 'cors'] as const) {
      expect(await storage.configureBucket(name, setting, other)).toMatchObject({ state: 'on' });
    }
  });

  test('rules and statements of others stay', async () => {
    const theirs = {
      Sid: 'Theirs',
      Effect: 'Allow',
      Principal: { AWS: ACCOUNT },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${name}/*`,
    };
    await raw.send(
      new PutBucketPolicyCommand({
        Bucket: name,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: [theirs] }),
      }),
    );
    const rule = { ID: 'theirs', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } };
    await raw.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: name, LifecycleConfiguration: { Rules: [rule] } }),
    );
    await configureAll();
    const { Policy = '{}' } = await raw.send(new GetBucketPolicyCommand({ Bucket: name }));
    expect(JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      'Theirs',
      'CmbclusterOwnersOnly',
      'CmbclusterTlsOnly',
    ]);
    const { Rules } = await raw.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name }));
    expect(Rules?.map(({ ID }) => ID)).toContain('theirs');
    expect(await off()).toEqual([]);
  });

  test('a bucket for logs that takes none is said', async () => {
    const refused = storage.configureBucket(name, 'logs', { ...wanted, logBucket: 'no-logs' });
    expect(await refusal(refused)).toMatchObject({ code: 'failed_precondition' });
  });

  test('settings of a bucket that is gone are not_found', async () => {
    for (const setting of BUCKET_SETTINGS) {
      expect(await refusal(storage.configureBucket('never-was', setting, wanted))).toMatchObject({ code: 'not_found' });
    }
    expect(await refusal(storage.inspectBucket('never-was', wanted))).toMatchObject({ code: 'not_found' });
  });
});
