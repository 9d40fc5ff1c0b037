/**
 * A store in memory that keeps the whole contract: the reference for tests of everything above the port, and the opposite of
 * the local provider where the contract leaves a choice (keys may nest, no atomic move, folders vanish with their last object
 * unless they were made). Bodies are held whole; not for production.
 */
import { Readable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import { compareUtf8 } from '../../domain/storage.ts';
import { sameLabels } from './checks.ts';
import type { BucketDriver, DriverList, StorageDriver } from './driver.ts';
import { portableStorage } from './portable.ts';
import type { BucketInfo, ListPage, ObjectInfo, ObjectVersion, PutCondition, StorageProvider } from './storage.ts';

interface Stored {
  info: ObjectInfo;
  bytes: Buffer;
}

interface Held {
  info: BucketInfo;
  objects: Map<string, Stored>;
  /** Folders made by createFolder, without a slash at the end. */
  folders: Set<string>;
}

function notApplied(
  code: 'not_found' | 'conflict' | 'failed_precondition' | 'already_exists',
  message: string,
): AppError {
  return new AppError(code, message, { details: { outcome: 'not_applied' } });
}

export function openMemoryStorage(options: { now?: () => number } = {}): StorageProvider {
  return portableStorage(memoryDriver(options.now ?? Date.now));
}

function memoryDriver(now: () => number): StorageDriver {
  const buckets = new Map<string, Held>();
  let versions = 0;
  const find = (name: string): Held => {
    const held = buckets.get(name);
    if (!held) throw notApplied('not_found', 'There is no such bucket.');
    return held;
  };
  return {
    name: 'memory',
    classify: () => null,
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
      buckets.set(name, { info, objects: new Map(), folders: new Set() });
      return info;
    },
    async deleteBucket(name, { force }) {
      if (!force && buckets.get(name)?.objects.size)
        throw notApplied('failed_precondition', 'The bucket is not empty.');
      buckets.delete(name);
    },
    listBuckets: async () => [...buckets.values()].map((held) => held.info).sort((a, b) => compareUtf8(a.name, b.name)),
    getBucketMetadata: async (name) => find(name).info,
    bucket: (name) =>
      memoryBucket(() => find(name), {
        now,
        nextVersion: () => {
          versions += 1;
          return `v${versions}`;
        },
      }),
    async mount() {
      throw new AppError('unimplemented', 'Memory cannot be mounted.');
    },
    async ensureBucketAccess(bucket) {
      find(bucket);
    },
    async usage(bucket) {
      const objects = [...find(bucket).objects.values()];
      return { objects: objects.length, sizeBytes: objects.reduce((sum, stored) => sum + stored.bytes.length, 0) };
    },
    async close() {
      buckets.clear();
    },
  };
}

function memoryBucket(find: () => Held, tools: { now: () => number; nextVersion: () => ObjectVersion }): BucketDriver {
  const read = (key: string): Stored => {
    const stored = find().objects.get(key);
    if (!stored) throw notApplied('not_found', 'There is no such file.');
    return stored;
  };
  const store = (
    entry: Omit<ObjectInfo, 'version' | 'modifiedAt'>,
    bytes: Buffer,
    condition: PutCondition | undefined,
  ) => {
    const { objects } = find();
    checkCondition(objects.get(entry.key)?.info.version, condition);
    const info = { ...entry, modifiedAt: tools.now(), version: tools.nextVersion() };
    objects.set(entry.key, { info, bytes });
    return info;
  };
  return {
    capabilities: { versions: true, signedUrls: false, atomicMove: false, folders: true, keysMayNest: true },
    head: async (key) => read(key).info,
    async get(key, { range }) {
      const { info, bytes } = read(key);
      if (range && range.start >= bytes.length) throw rangeError(bytes.length);
      return { info, body: Readable.from(pieces(bytes.subarray(range?.start ?? 0, (range?.end ?? bytes.length) + 1))) };
    },
    async put(key, body, { condition, contentType, metadata, signal }) {
      find();
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      signal.throwIfAborted();
      const bytes = Buffer.concat(chunks);
      return store({ key, sizeBytes: bytes.length, contentType, metadata: { ...metadata } }, bytes, condition);
    },
    async delete(key, { ifVersion }) {
      const { objects } = find();
      if (ifVersion !== undefined) checkCondition(objects.get(key)?.info.version, { ifVersion });
      objects.delete(key);
    },
    async copy(from, to, { condition, fromVersion }) {
      const { info, bytes } = read(from);
      if (fromVersion !== undefined) checkCondition(info.version, { ifVersion: fromVersion });
      return store({ ...info, key: to }, bytes, condition);
    },
    list: async (options) => listKeys(find(), options),
    async createFolder(path) {
      const names = path.split('/');
      for (let depth = 1; depth <= names.length; depth += 1) find().folders.add(names.slice(0, depth).join('/'));
    },
    async deleteFolder(path) {
      const { objects, folders } = find();
      const below = [...objects.keys(), ...folders].some((key) => key.startsWith(`${path}/`));
      if (below) throw notApplied('failed_precondition', 'The folder is not empty.');
      folders.delete(path);
    },
  };
}

function checkCondition(current: ObjectVersion | undefined, condition: PutCondition | undefined): void {
  if (!condition) return;
  if ('ifAbsent' in condition ? current !== undefined : current !== condition.ifVersion) {
    throw notApplied('conflict', 'Somebody else changed the file in the meantime.');
  }
}

export function rangeError(sizeBytes: number): AppError {
  return new AppError('invalid_argument', 'The asked part lies behind the end of the file.', {
    details: { field: 'range', sizeBytes, outcome: 'not_applied' },
  });
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function listKeys(held: Held, { prefix, delimiter, startAfter, pageSize }: DriverList): ListPage {
  const entries = new Map<string, ObjectInfo | null>();
  for (const [key, stored] of held.objects) {
    const slash = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (key.startsWith(prefix)) entries.set(slash < 0 ? key : key.slice(0, slash + 1), slash < 0 ? stored.info : null);
  }
  if (delimiter) {
    for (const folder of held.folders) {
      const slash = `${folder}/`.indexOf('/', prefix.length);
      if (folder.startsWith(prefix) && slash >= 0) entries.set(`${folder}/`.slice(0, slash + 1), null);
    }
  }
  const names = [...entries.keys()].filter((name) => compareUtf8(name, startAfter) > 0).sort(compareUtf8);
  const shown = names.slice(0, pageSize);
  return {
    objects: shown.flatMap((name) => entries.get(name) ?? []),
    prefixes: shown.filter((name) => entries.get(name) === null),
    next: names.length > pageSize ? (shown.at(-1) ?? null) : null,
  };
}
