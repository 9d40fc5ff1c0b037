/**
 * What an environment may do with its buckets: files and nothing else. User code holds the same credentials as its mount, so no
 * right over versions, policies or the bucket itself may be among them. Pure.
 */
import { AppError } from '../../domain/errors.ts';

const LIST = 'List';
const FILES = 'Files';

interface Statement {
  Sid?: string;
  Resource?: unknown;
}

/** Longest that EKS takes. */
const MAX_LENGTH = 2048;

/** @throws resource_exhausted when the service account would have more buckets than a policy can name */
export function sessionPolicy(buckets: readonly string[], partition: string): string {
  const arns = [...new Set(buckets)].sort().map((bucket) => `arn:${partition}:s3:::${bucket}`);
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Sid: LIST, Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'], Resource: arns },
      {
        Sid: FILES,
        Effect: 'Allow',
        Action: [
          's3:GetObject',
          's3:PutObject',
          's3:DeleteObject',
          's3:AbortMultipartUpload',
          's3:ListMultipartUploadParts',
        ],
        Resource: arns.map((arn) => `${arn}/*`),
      },
    ],
  });
  if (policy.length > MAX_LENGTH) {
    throw new AppError('resource_exhausted', 'One person’s environments cannot reach more buckets than they do now.', {
      details: { outcome: 'not_applied' },
    });
  }
  return policy;
}

/** The buckets of a policy that was made here; none for any other text. */
export function bucketsOf(policy: string | undefined): string[] {
  if (policy === undefined) return [];
  try {
    const { Statement = [] }: { Statement?: Statement[] } = JSON.parse(policy);
    const listed = Statement.find(({ Sid }) => Sid === LIST)?.Resource ?? [];
    return [listed].flat().flatMap((arn) => {
      const bucket = typeof arn === 'string' ? /^arn:[a-z-]+:s3:::([a-z0-9.-]+)$/.exec(arn)?.[1] : undefined;
      return bucket === undefined ? [] : [bucket];
    });
  } catch {
    return [];
  }
}
