import { describe, expect, test } from 'vitest';
import { provider } from './provider.ts';
import { bucketNames } from './s3/storage-driver.ts';

const faults = (env: Record<string, string>): string[] => {
  const parsed = provider.config.safeParse(env);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
};

describe('configuration', () => {
  test.each([
    [{ AWS_REGION: 'eu-central-1' }],
    [{ AWS_REGION: 'us-gov-west-1', AWS_ACCOUNT_ID: '123456789012' }],
    [{ S3_ENDPOINT: 'http://127.0.0.1:9000', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' }],
    [{ AWS_REGION: 'eu-central-1', IRSA_ROLE_ARN: 'arn:aws:iam::123456789012:role/cmb-{serviceAccount}' }],
    [{ S3_ENDPOINT: 'https://s3.example.org', S3_LACKS: '' }],
  ])('%j is fine', (env) => {
    expect(faults(env)).toEqual([]);
  });

  test.each([
    [{}, 'AWS_REGION'],
    [{ AWS_REGION: 'Frankfurt' }, 'AWS_REGION'],
    [{ AWS_REGION: 'eu-central-1', AWS_ACCOUNT_ID: '12' }, 'AWS_ACCOUNT_ID'],
    [{ AWS_REGION: 'eu-central-1', S3_ACCESS_KEY_ID: 'a' }, 'S3_SECRET_ACCESS_KEY'],
    [{ AWS_REGION: 'eu-central-1', S3_BUCKET_NAMESPACE: 'account-regional' }, 'AWS_ACCOUNT_ID'],
    [{ S3_ENDPOINT: 'ftp://x' }, 'S3_ENDPOINT'],
    [{ AWS_REGION: 'eu-central-1', IRSA_ROLE_ARN: 'arn:aws:iam::123456789012:role/all' }, 'IRSA_ROLE_ARN'],
  ])('%j is refused with the variable', (env, variable) => {
    expect(faults(env)).toContain(variable);
  });
});

describe('names of buckets', () => {
  const access = { region: 'eu-central-1', endpoint: null, forcePathStyle: false, credentials: null };
  const regional = bucketNames({ accountId: '123456789012', accountRegional: true, access });

  test('of the account’s own have account and region at their end, and come back without', () => {
    const physical = regional.physical('cmb-bucket');
    expect(physical).toBe('cmb-bucket-123456789012-eu-central-1-an');
    expect(regional.physical(physical)).toBe(physical);
    expect(regional.logical(physical)).toBe('cmb-bucket');
    expect(regional.logical('a-bucket-of-somebody')).toBeNull();
  });

  test('that would be too long are refused before anything is made', () => {
    expect(() => regional.physical('a'.repeat(40))).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('elsewhere stay as they are', () => {
    const plain = bucketNames({ accountId: '123456789012', accountRegional: false, access });
    expect([plain.physical('cmb-bucket'), plain.logical('cmb-bucket')]).toEqual(['cmb-bucket', 'cmb-bucket']);
  });
});
