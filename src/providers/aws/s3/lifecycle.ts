/** The rules by which a bucket tidies itself up. Ours are known by their names; rules of others stay as they are. Pure. */
import type { LifecycleRule, TransitionStorageClass } from '@aws-sdk/client-s3';
import type { RemovalRule } from '../../../ports/storage/storage.ts';

const OURS = 'cmbcluster-';
/** An upload in parts that nobody went on with for so long is not going on. */
export const ABANDONED_DAYS = 7;

/** Classes that are read at once, and the days that S3 asks for before an object may move there. */
const CLASSES: Readonly<Record<string, number>> = {
  STANDARD: 0,
  INTELLIGENT_TIERING: 0,
  STANDARD_IA: 30,
  ONEZONE_IA: 30,
  GLACIER_IR: 0,
};

export const STORAGE_CLASSES = Object.keys(CLASSES);

export function wantedRules(keepVersionsDays: number, storageClass: string): LifecycleRule[] {
  const all = { Status: 'Enabled', Filter: { Prefix: '' } } as const;
  const rules: LifecycleRule[] = [
    {
      ...all,
      ID: `${OURS}old-versions`,
      NoncurrentVersionExpiration: { NoncurrentDays: keepVersionsDays },
      Expiration: { ExpiredObjectDeleteMarker: true },
    },
    {
      ...all,
      ID: `${OURS}abandoned-uploads`,
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABANDONED_DAYS },
    },
  ];
  if (storageClass !== 'STANDARD') {
    rules.push({
      ...all,
      ID: `${OURS}storage-class`,
      Transitions: [{ Days: CLASSES[storageClass] ?? 0, StorageClass: storageClass as TransitionStorageClass }],
    });
  }
  return rules;
}

const isOurs = ({ ID = '' }: LifecycleRule): boolean => ID.startsWith(OURS);

export function mergeRules(existing: LifecycleRule[], wanted: LifecycleRule[]): LifecycleRule[] {
  return [...existing.filter((rule) => !isOurs(rule)), ...wanted];
}

/** Whether all of ours are there, switched on and as wanted, and none more. */
export function rulesHold(existing: LifecycleRule[], wanted: LifecycleRule[]): boolean {
  const ours = existing.filter(isOurs);
  return (
    ours.length === wanted.length &&
    wanted.every((rule) => ours.some((found) => found.ID === rule.ID && essence(found) === essence(rule)))
  );
}

/** Where an object is not read at once: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
const ARCHIVES = new Set<string | undefined>(['GLACIER', 'DEEP_ARCHIVE']);

/** What those rules do to current objects that carry no tags. */
export function removalsBy(rules: readonly LifecycleRule[]): RemovalRule[] {
  return rules.flatMap((rule) => {
    const { Expiration: expiry, Transitions: transitions = [], Filter: filter } = rule;
    if (rule.Status !== 'Enabled' || filter?.Tag || filter?.And?.Tags?.length) return [];
    const prefix = filter?.Prefix ?? filter?.And?.Prefix ?? rule.Prefix ?? '';
    const name = `The lifecycle rule “${rule.ID ?? ''}”`;
    const removes = expiry?.Days !== undefined || expiry?.Date !== undefined;
    const when = expiry?.Days === undefined ? 'on a date' : `after ${expiry.Days} days`;
    return [
      ...(removes ? [{ prefix, what: `${name} deletes objects ${when}.` }] : []),
      ...(transitions.some(({ StorageClass }) => ARCHIVES.has(StorageClass))
        ? [{ prefix, what: `${name} moves objects into an archive, where they cannot be read at once.` }]
        : []),
    ];
  });
}

function essence(rule: LifecycleRule): string {
  return JSON.stringify([
    rule.Status,
    rule.Filter?.Prefix ?? rule.Prefix ?? '',
    rule.NoncurrentVersionExpiration?.NoncurrentDays ?? null,
    rule.Expiration?.ExpiredObjectDeleteMarker === true,
    rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? null,
    rule.Transitions?.map(({ Days, StorageClass }) => [Days, StorageClass]) ?? [],
  ]);
}
