/**
 * Settings of a bucket: read, compared with what is wanted, and written under the bucket's metageneration, so that nobody's change
 * in between is lost. `transport` and `encryption` are always on in Cloud Storage.
 */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import {
  BUCKET_SETTINGS,
  type BucketSetting,
  type RemovalRule,
  type SettingState,
  type WantedSettings,
} from '../../ports/storage/storage.ts';
import { isStatus } from './errors.ts';
import type { Place } from './listing.ts';
import { bucketPath, STAGING_PREFIX } from './names.ts';

const ruleSchema = z.looseObject({ action: z.looseObject({ type: z.string() }), condition: z.looseObject({}) });
const bucketSettingsSchema = z.object({
  metageneration: z.string(),
  iamConfiguration: z
    .object({
      uniformBucketLevelAccess: z.object({ enabled: z.boolean() }).partial().optional(),
      publicAccessPrevention: z.string().optional(),
    })
    .optional(),
  versioning: z.object({ enabled: z.boolean() }).partial().optional(),
  softDeletePolicy: z.object({ retentionDurationSeconds: z.string() }).partial().optional(),
  lifecycle: z.object({ rule: z.array(ruleSchema).default([]) }).optional(),
  cors: z.array(z.looseObject({ origin: z.array(z.string()).default([]) })).optional(),
  logging: z.object({ logBucket: z.string() }).partial().optional(),
});
type BucketSettings = z.infer<typeof bucketSettingsSchema>;
type Rule = z.infer<typeof ruleSchema>;

/** Parts and staged files that nobody came back for. */
const ABANDONED_DAYS = 7;
const CORS_SECONDS = 3600;
const MAX_ROUNDS = 5;

const ALWAYS_ON: Partial<Record<BucketSetting, string>> = {
  transport: 'Cloud Storage takes requests with credentials over TLS only; there is nothing to switch on.',
  encryption: 'Cloud Storage encrypts everything at rest; there is nothing to switch on.',
};

/** What it means that a setting is not as wanted. */
const OFF: Readonly<Record<BucketSetting, string | null>> = {
  private: 'Single files of the bucket, or all of them, may be opened to the public.',
  transport: null,
  encryption: null,
  versions: 'Replaced and deleted files are not kept, or are kept and billed twice.',
  expiry: 'Old versions and abandoned uploads are kept for another time than wanted.',
  cors: 'Pages of this deployment may not send files to the bucket by themselves, or pages of others may.',
  logs: 'Accesses are written to another place than wanted, or to none.',
};

/** What a new bucket has from its first moment. */
export const PRIVATE = {
  iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
};
/** Kept versions are what undoes a deletion; the store's own soft deletion would keep, and bill, everything twice. */
export const NO_SOFT_DELETE = { softDeletePolicy: { retentionDurationSeconds: '0' } };

/** Rules of ours in place of all that delete; what somebody set up to move old files to cheaper classes stays. */
export function lifecycleRules(keepVersionsDays: number, present: readonly Rule[] = []): Rule[] {
  return [
    ...present.filter(({ action }) => action.type === 'SetStorageClass'),
    { action: { type: 'Delete' }, condition: { daysSinceNoncurrentTime: keepVersionsDays, isLive: false } },
    { action: { type: 'AbortIncompleteMultipartUpload' }, condition: { age: ABANDONED_DAYS } },
    { action: { type: 'Delete' }, condition: { age: ABANDONED_DAYS, matchesPrefix: [STAGING_PREFIX] } },
  ];
}

/** Pages of the app send signed requests and read what the store answers. */
export function corsRules(origins: readonly string[]) {
  if (origins.length === 0) return [];
  const responseHeader = ['Content-Type', 'ETag', 'Content-Range', 'x-goog-content-length-range', 'x-goog-generation'];
  const headers = [...responseHeader, 'x-goog-hash', 'x-goog-if-generation-match'];
  return [
    { origin: [...origins], method: ['GET', 'HEAD', 'PUT'], responseHeader: headers, maxAgeSeconds: CORS_SECONDS },
  ];
}

/** Order of names and of rules means nothing to the store. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const pairs = Object.entries(value).map(([name, inner]) => `${name}:${canonical(inner)}`);
  return `{${pairs.sort().join()}}`;
}

/** Null where the setting is as it is wanted. */
function patchOf(setting: BucketSetting, wanted: WantedSettings, found: BucketSettings): object | null {
  switch (setting) {
    case 'private': {
      const { uniformBucketLevelAccess, publicAccessPrevention } = found.iamConfiguration ?? {};
      return uniformBucketLevelAccess?.enabled && publicAccessPrevention === 'enforced' ? null : PRIVATE;
    }
    case 'versions': {
      const soft = found.softDeletePolicy?.retentionDurationSeconds ?? '0';
      return found.versioning?.enabled && soft === '0' ? null : { versioning: { enabled: true }, ...NO_SOFT_DELETE };
    }
    case 'expiry': {
      const present = found.lifecycle?.rule ?? [];
      const rule = lifecycleRules(wanted.keepVersionsDays, present);
      return canonical(rule) === canonical(present) ? null : { lifecycle: { rule } };
    }
    case 'cors': {
      const cors = corsRules(wanted.corsOrigins);
      return canonical(cors) === canonical(found.cors ?? []) ? null : { cors };
    }
    case 'logs':
      if (wanted.logBucket === null) return found.logging?.logBucket === undefined ? null : { logging: null };
      return found.logging?.logBucket === wanted.logBucket ? null : { logging: { logBucket: wanted.logBucket } };
    case 'transport':
    case 'encryption':
      return null;
  }
}

function stateOf(setting: BucketSetting, wanted: WantedSettings, found: BucketSettings): SettingState {
  const reason = ALWAYS_ON[setting] ?? null;
  if (reason !== null) return { setting, state: 'lacking', reason };
  if (patchOf(setting, wanted, found) !== null) return { setting, state: 'off', reason: OFF[setting] };
  if (setting === 'logs' && wanted.logBucket === null) {
    return { setting, state: 'lacking', reason: 'No bucket for access logs was given to this deployment.' };
  }
  return { setting, state: 'on', reason: null };
}

async function read({ transport, bucket }: Place, signal: AbortSignal): Promise<BucketSettings> {
  return transport.json(bucketSettingsSchema, { method: 'GET', path: bucketPath(bucket), signal });
}

export async function inspect(place: Place, wanted: WantedSettings, signal: AbortSignal): Promise<SettingState[]> {
  const found = await read(place, signal);
  return BUCKET_SETTINGS.map((setting) => stateOf(setting, wanted, found));
}

/** Conditions that hold for contents that were replaced or deleted alone. */
const OF_OLD_CONTENTS = ['daysSinceNoncurrentTime', 'noncurrentTimeBefore', 'numNewerVersions'];

/** What those rules do to current objects: https://cloud.google.com/storage/docs/lifecycle */
export function removalsBy(rules: readonly Rule[]): RemovalRule[] {
  return rules.flatMap(({ action, condition }) => {
    const old = condition.isLive === false || OF_OLD_CONTENTS.some((name) => Number(condition[name] ?? 0) > 0);
    if (action.type !== 'Delete' || old) return [];
    const prefixes = Array.isArray(condition.matchesPrefix) ? condition.matchesPrefix.map(String) : [''];
    const when = condition.age === undefined ? 'under conditions of its own' : `after ${condition.age} days`;
    return prefixes.map((prefix) => ({ prefix, what: `A lifecycle rule deletes objects ${when}.` }));
  });
}

export async function removalRules(place: Place, signal: AbortSignal): Promise<RemovalRule[]> {
  return removalsBy((await read(place, signal)).lifecycle?.rule ?? []);
}

/** @throws conflict when others change the bucket again and again */
export async function configure(
  place: Place,
  setting: BucketSetting,
  { wanted, signal }: { wanted: WantedSettings; signal: AbortSignal },
): Promise<SettingState> {
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const found = await read(place, signal);
    const patch = patchOf(setting, wanted, found);
    if (patch === null) return stateOf(setting, wanted, found);
    try {
      const now = await place.transport.json(bucketSettingsSchema, {
        method: 'PATCH',
        path: bucketPath(place.bucket),
        query: { ifMetagenerationMatch: found.metageneration },
        json: patch,
        signal,
      });
      return stateOf(setting, wanted, now);
    } catch (error) {
      if (!isStatus(error, 412)) throw error;
    }
  }
  throw new AppError('conflict', 'Somebody else keeps changing the settings of the bucket. Try again.', {
    details: { outcome: 'not_applied' },
    retryable: true,
  });
}
