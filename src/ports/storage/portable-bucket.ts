/**
 * The calls on one bucket, put together from the files beside it: objects here and in portable-objects.ts, folders, kept
 * versions and uploads in files of their own. Every one of them checks, asks the driver through `attempts`, and no more.
 */
import { checkToken } from './checks.ts';
import type { BucketParts, Ground } from './ground.ts';
import { portableFolders } from './portable-folders.ts';
import { portableObjects } from './portable-objects.ts';
import { portableUploads } from './portable-uploads.ts';
import { portableVersions } from './portable-versions.ts';
import { lacking } from './refusals.ts';
import type { Bucket } from './storage.ts';

export function portableBucket(name: string, parts: BucketParts): Bucket {
  const { driver, attempts } = parts;
  const ground: Ground = {
    ...parts,
    run: (operation, call, attempt) =>
      attempts.run({ operation, repeat: 'always', signal: undefined, ...call }, attempt),
    checkCondition(condition) {
      if (!condition || 'ifAbsent' in condition) return;
      if (!driver.capabilities.versions) throw lacking('compare versions');
      checkToken('ifVersion', condition.ifVersion);
    },
  };
  const objects = portableObjects(ground);
  return {
    name,
    // Asked each time: a driver may find out about its endpoint after the bucket was opened.
    get capabilities() {
      return driver.capabilities;
    },
    ...objects,
    ...portableFolders(ground, objects),
    ...portableVersions(ground, objects),
    ...portableUploads(ground),
  };
}
