/**
 * What the driver says of the cloud's own S3: settings and mounts, on moto, which keeps them all, and access by EKS Pod Identity.
 * Nothing is concluded from it about objects, so this column of docs/PARITY.md has no promises.
 */
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readDeclared } from '../../src/ports/storage/conformance/declared.ts';
import { writeResults } from '../../src/ports/storage/conformance/results.ts';
import { WANTED } from '../../src/ports/storage/conformance/spec.ts';
import { portableStorage } from '../../src/ports/storage/portable.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { openS3Driver } from '../../src/providers/aws/s3/storage-driver.ts';
import { type EksAssociations, startEksAssociations } from '../servers/eks-associations.ts';
import { startMoto } from '../servers/moto.ts';
import type { RunningServer } from '../servers/server.ts';

/** moto's own account. */
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

let server: RunningServer;
let eks: EksAssociations;
let storage: StorageProvider;

beforeAll(async () => {
  [server, eks] = await Promise.all([startMoto(), startEksAssociations('the-cluster')]);
  // The client of EKS takes its credentials as a deployment's does.
  vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
  storage = portableStorage(
    openS3Driver({
      access: { region: REGION, endpoint: server.url, forcePathStyle: true, credentials: CREDENTIALS },
      accountId: ACCOUNT,
      cloud: true,
      accountRegional: false,
      principals: [],
      lacks: null,
      logBucket: 'the-logs',
      workload: {
        clusterName: 'the-cluster',
        roleArn: `arn:aws:iam::${ACCOUNT}:role/environments`,
        irsaRoleArn: null,
        endpoint: eks.url,
      },
      variables: {},
      now: Date.now,
    }),
  );
  const s3 = new S3Client({ region: REGION, endpoint: server.url, forcePathStyle: true, credentials: CREDENTIALS });
  await storage.createBucket('the-logs', { labels: {} });
  const allow = {
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: ['s3:PutObject'],
    Resource: 'arn:aws:s3:::the-logs/*',
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'the-logs', Policy }));
  s3.destroy();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await storage.close();
  await Promise.all([server.stop(), eks.close()]);
});

test('everything that can be set is set, and a service account reaches its bucket alone', async () => {
  await storage.createBucket('a-bucket', { labels: {} });
  const wanted = { ...WANTED, corsOrigins: ['https://cmb.example.org'] };
  const declared = await readDeclared(storage, 'a-bucket', wanted);
  expect(declared.settings.map(({ state }) => state)).toEqual(Array(7).fill('on'));
  expect(declared.mounts.cluster).toMatchObject({ kind: 'kubernetes', driver: 's3.csi.aws.com' });
  expect(declared.access.cluster).toContain('Pod Identity');
  expect([...eks.held.keys()]).toEqual([]);
  writeResults('.cache/parity/s3-moto.json', { storage: 'S3 (Amazon’s own)', declared, promises: [] });
});

test('associations are made, widened, narrowed and taken away by the requests that EKS takes', async () => {
  const identity = { namespace: 'people', serviceAccount: 'u-1' };
  const buckets = () => JSON.stringify(eks.held.get('people/u-1')?.policy ?? null).match(/:::[a-z-]+/g) ?? [];
  await storage.ensureBucketAccess('one', identity);
  expect(eks.held.get('people/u-1')).toMatchObject({ disableSessionTags: true, tags: { 'managed-by': 'cmbcluster' } });
  await storage.ensureBucketAccess('two', identity);
  expect(new Set(buckets())).toEqual(new Set([':::one', ':::two']));
  const before = eks.calls.length;
  await storage.ensureBucketAccess('two', identity);
  expect(eks.calls.slice(before)).toEqual(['GET 200', 'GET 200']);
  await storage.revokeBucketAccess('one', identity);
  expect(new Set(buckets())).toEqual(new Set([':::two']));
  for (let i = 0; i < 2; i += 1) await storage.revokeBucketAccess('two', identity);
  expect(eks.held.size).toBe(0);
});
