/**
 * A store in memory that keeps the whole contract: the reference for tests of everything above the port, and the opposite of
 * the local provider where the contract leaves a choice (keys may nest, no atomic move, folders vanish with their last object
 * unless they were made, a restored version is a new one). Bodies are held whole; not for production.
 */
import { AppError } from '../../domain/errors.ts';
import { compareUtf8 } from '../../domain/storage.ts';
import { sameLabels } from './checks.ts';
import type { StorageDriver } from './driver.ts';
import { type Damage, emptied, type Held, memoryBucket, newHeld } from './memory-bucket.ts';
import { type PortableOptions, portableStorage } from './portable.ts';
import { notApplied } from './refusals.ts';
import {
  BUCKET_SETTINGS,
  type BucketSetting,
  type SettingState,
  type StorageProvider,
  type WantedSettings,
} from './storage.ts';

export interface MemoryOptions extends PortableOptions {
  now?: () => number;
  /** What befalls bodies on their way: for tests of the checksums. */
  damage?: Damage;
}

export function openMemoryStorage({ now = Date.now, damage = {}, ...portable }: MemoryOptions = {}): StorageProvider {
  return portableStorage(memoryDriver(now, damage), portable);
}

const NEEDLESS: Readonly<Partial<Record<BucketSetting, string>>> = {
  private: 'Nothing but this process can reach it.',
  transport: 'Nothing is sent over a network.',
  encryption: 'Nothing is written to a disk.',
  cors: 'A browser cannot reach it.',
  logs: 'Nothing but this process can reach it.',
};

function stateOf(held: Held, setting: BucketSetting, wanted: WantedSettings): SettingState {
  const reason = NEEDLESS[setting];
  if (reason !== undefined) return { setting, state: 'lacking', reason };
  const on = setting === 'versions' ? held.keepsVersions : held.keepDays === wanted.keepVersionsDays;
  return { setting, state: on ? 'on' : 'off', reason: null };
}

function memoryDriver(now: () => number, damage: Damage): StorageDriver {
  const buckets = new Map<string, Held>();
  let serial = 0;
  const nextId = (): string => {
    serial += 1;
    return `v${serial}`;
  };
  const find = (name: string): Held => {
    const held = buckets.get(name);
    if (!held) throw notApplied('not_found', 'There is no such bucket.', { missing: 'bucket' });
    return held;
  };
  return {
    name: 'memory',
    classify: () => null,
    async check() {
      return [
        { what: 'signedUrls', reason: 'The files lie in the server’s own memory, where no browser can reach them.' },
        { what: 'atomicMove', reason: 'A move is a copy and a deletion here, as it is in most clouds.' },
      ];
    },
    async createBucket(name, { labels, storageClass }) {
      const known = buckets.get(name);
      if (known) {
        if (sameLabels(known.info.labels, labels)) return known.info;
        throw notApplied('already_exists', 'A bucket of this name belongs to something else.');
      }
      const info = {
        name,
        createdAt: now(),
        labels: { ...labels },
        location: 'memory',
        storageClass: storageClass ?? 'standard',
      };
      buckets.set(name, newHeld(info));
      return info;
    },
    async configureBucket(name, setting, { wanted }) {
      const held = find(name);
      if (setting === 'versions') held.keepsVersions = true;
      if (setting === 'expiry') held.keepDays = wanted.keepVersionsDays;
      return stateOf(held, setting, wanted);
    },
    async inspectBucket(name, { wanted }) {
      const held = find(name);
      return BUCKET_SETTINGS.map((setting) => stateOf(held, setting, wanted));
    },
    async emptySome(name) {
      const held = buckets.get(name);
      return held ? emptied(held, 1000) : 0;
    },
    async deleteBucket(name) {
      const held = buckets.get(name);
      if (held && (held.objects.size > 0 || held.past.size > 0))
        throw notApplied('failed_precondition', 'The bucket is not empty.');
      buckets.delete(name);
    },
    async listBuckets(prefix) {
      const infos = [...buckets.values()].map((held) => held.info).filter(({ name }) => name.startsWith(prefix));
      return infos.sort((a, b) => compareUtf8(a.name, b.name));
    },
    getBucketMetadata: async (name) => find(name).info,
    bucket: (name) => memoryBucket(() => find(name), { now, nextId, damage }),
    async mount() {
      throw new AppError('unimplemented', 'Memory cannot be mounted.', { details: { outcome: 'not_applied' } });
    },
    async ensureBucketAccess(bucket) {
      find(bucket);
      return 'Nothing is needed: only this process can reach it.';
    },
    async revokeBucketAccess() {},
    async usage(bucket) {
      const objects = [...find(bucket).objects.values()];
      return { objects: objects.length, sizeBytes: objects.reduce((sum, stored) => sum + stored.bytes.length, 0) };
    },
    async close() {
      buckets.clear();
    },
  };
}
