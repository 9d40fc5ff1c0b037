import { describe, expect, test } from 'vitest';
import {
  hasStatement,
  parsePolicy,
  partitionOf,
  privateStatement,
  transportStatement,
  withStatement,
} from './policy.ts';

const accountId = '123456789012';
const role = (name: string) => `arn:aws:iam::${accountId}:role/${name}`;
const everyone = privateStatement('my-bucket', { accountId, partition: 'aws', principals: [] });
const two = { accountId, partition: 'aws', principals: [role('control'), role('workload')] };

/** Whether a Deny with these conditions hits the request; the operators that are used here, as IAM defines them. */
function hits(condition: unknown, context: Record<string, string>): boolean {
  const like = (pattern: string, value: string) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(value);
  return Object.entries(condition as Record<string, Record<string, string | string[]>>).every(([operator, tests]) =>
    Object.entries(tests).every(([key, wanted]) => {
      const value = context[key];
      const all = [wanted].flat();
      if (operator === 'Bool') return value !== undefined && all.includes(value);
      if (operator === 'BoolIfExists') return value === undefined || all.includes(value);
      if (operator === 'StringNotEquals') return value === undefined || !all.includes(value);
      if (operator === 'ArnNotLike') return value === undefined || !all.some((each) => like(each, value));
      throw new Error(`unknown operator ${operator}`);
    }),
  );
}

describe('the owners-only statement', () => {
  const control = {
    'aws:PrincipalAccount': accountId,
    'aws:PrincipalArn': role('control'),
    'aws:PrincipalIsAWSService': 'false',
  };
  const stranger = {
    'aws:PrincipalAccount': '999999999999',
    'aws:PrincipalArn': 'arn:aws:iam::999999999999:role/control',
    'aws:PrincipalIsAWSService': 'false',
  };

  test('never hits the control plane or the root of the account', () => {
    const root = { ...control, 'aws:PrincipalArn': `arn:aws:iam::${accountId}:root` };
    for (const statement of [everyone, privateStatement('my-bucket', two)]) {
      expect(hits(statement.Condition, control)).toBe(false);
      expect(hits(statement.Condition, root)).toBe(false);
    }
  });

  test('hits other accounts and anonymous requests', () => {
    for (const statement of [everyone, privateStatement('my-bucket', two)]) {
      expect(hits(statement.Condition, stranger)).toBe(true);
      expect(hits(statement.Condition, {})).toBe(true);
    }
  });

  test('with principals told, hits other roles of the account', () => {
    const other = { ...control, 'aws:PrincipalArn': role('control-not') };
    expect(hits(privateStatement('my-bucket', two).Condition, other)).toBe(true);
    expect(hits(everyone.Condition, other)).toBe(false);
  });

  test('lets services of the cloud work for the account', () => {
    expect(hits(everyone.Condition, { 'aws:PrincipalIsAWSService': 'true' })).toBe(false);
  });
});

test('the transport statement hits plain connections only', () => {
  const { Condition } = transportStatement('my-bucket', 'aws');
  expect(hits(Condition, { 'aws:SecureTransport': 'false' })).toBe(true);
  expect(hits(Condition, { 'aws:SecureTransport': 'true' })).toBe(false);
});

describe('a policy', () => {
  const foreign = { Sid: 'Theirs', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'x' } as const;

  test('keeps statements of others, and ours once', () => {
    const first = withStatement({ Version: '2012-10-17', Statement: [foreign] }, everyone);
    const again = withStatement(first, privateStatement('my-bucket', two));
    expect(again.Statement).toEqual([foreign, privateStatement('my-bucket', two)]);
  });

  test('is recognised however it comes back', () => {
    const stored = {
      Version: '2012-10-17',
      Statement: {
        ...everyone,
        Principal: { AWS: '*' },
        Action: ['s3:*'],
        Resource: [...(everyone.Resource as string[])].reverse(),
      },
    };
    expect(hasStatement(parsePolicy(JSON.stringify(stored)), everyone)).toBe(true);
  });

  test('is not taken for ours when somebody changed it', () => {
    for (const change of [{ Effect: 'Allow' as const }, { Condition: {} }, { Resource: 'arn:aws:s3:::my-bucket' }]) {
      expect(hasStatement(withStatement(null, { ...everyone, ...change }), everyone)).toBe(false);
    }
    expect(hasStatement(null, everyone)).toBe(false);
  });
});

test('each part of the world has its own ARNs', () => {
  expect(['us-east-1', 'cn-north-1', 'us-gov-west-1'].map(partitionOf)).toEqual(['aws', 'aws-cn', 'aws-us-gov']);
});
