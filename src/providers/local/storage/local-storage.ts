/**
 * Storage on this machine: a bucket is a plain folder in the data folder that a person, a terminal and the environments use
 * directly. Opened by providers/local/provider.ts. Must never put anything of ours into a bucket's folder, nor follow a link in it.
 */
import { type FileHandle, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, isAppError } from '../../../domain/errors.ts';
import { compareUtf8, isBucketName } from '../../../domain/storage.ts';
import type { Logger } from '../../../ports/provider.ts';
import { sameLabels } from '../../../ports/storage/checks.ts';
import type { BucketDriver, StorageDriver } from '../../../ports/storage/driver.ts';
import { portableStorage } from '../../../ports/storage/portable.ts';
import {
  BUCKET_SETTINGS,
  type BucketInfo,
  type BucketSetting,
  type SettingState,
  type StorageLack,
  type StorageProvider,
} from '../../../ports/storage/storage.ts';
import { at, checkSystem, openFolderAt } from './anchored.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { classify, errnoOf, refused, unless } from './errors.ts';
import { pruneFacts } from './facts.ts';
import { createFolderNames } from './folder-names.ts';
import { type Layout, layoutOf } from './layout.ts';
import { localBucket } from './local-bucket.ts';
import { holdKeys } from './locks.ts';
import { ownName, sweep } from './staging.ts';
import { holdsFiles, measure, removeEmptyFolders, removeTree } from './tree.ts';

const recordSchema = z.object({
  createdAt: z.number(),
  labels: z.record(z.string(), z.string()),
  storageClass: z.string(),
});
type BucketRecord = z.infer<typeof recordSchema>;

/** A content's record without its content may belong to a put under way; older ones do not. */
const PRUNE_AFTER_MS = 3_600_000;

export interface LocalStorageOptions {
  /** Absolute path of the data folder; `buckets` and `buckets.meta` are made in it. */
  root: string;
  now: () => number;
  log: Logger;
}

/** Several processes may open the same folder. @throws failed_precondition where the system lacks what it needs */
export function openLocalStorage(options: LocalStorageOptions): StorageProvider {
  checkSystem();
  return portableStorage(localDriver(options));
}

function localDriver({ root, now, log }: LocalStorageOptions): StorageDriver {
  const layout = layoutOf(root);
  const names = createFolderNames();
  const tidied = new Set<string>();

  /** Once per folder and process. */
  async function once(folder: string, tidy: () => Promise<void>): Promise<void> {
    if (tidied.has(folder)) return;
    tidied.add(folder);
    try {
      await tidy();
    } catch (error) {
      // Leftovers cost space, nothing else; the write that brought us here shall not fail for them.
      log.warn('Could not remove leftovers of the storage.', { folder, error: String(error) });
    }
  }

  const bucketDriver = (name: string): BucketDriver => {
    const paths = layout.bucket(name);
    return localBucket({
      paths,
      names,
      now,
      tidy: () =>
        once(paths.staging, () => sweep(paths.staging, (entry) => rm(join(paths.staging, entry), { force: true }))),
      discard: (path) => discard(layout, path),
    });
  };

  async function info(name: string): Promise<BucketInfo> {
    const { files, record } = layout.bucket(name);
    const stat = await unless(['ENOENT'], lstat(files));
    if (!stat?.isDirectory()) throw refused('not_found', 'There is no such bucket.');
    const known = await readRecord(record);
    return {
      name,
      // A folder that somebody made by hand, or whose record was lost.
      createdAt: known?.createdAt ?? Math.floor(stat.birthtimeMs || stat.ctimeMs),
      labels: known?.labels ?? {},
      location: 'this machine',
      storageClass: known?.storageClass ?? 'standard',
    };
  }

  return {
    name: 'local',
    classify,
    async createBucket(name, { labels, storageClass = 'standard' }) {
      const { files, meta, record } = layout.bucket(name);
      await mkdir(layout.buckets, { recursive: true });
      await mkdir(meta, { recursive: true });
      return holdKeys(layout.locks, [name], async () => {
        const known = await unless(['ENOENT'], lstat(files));
        if (known) {
          const existing = known.isDirectory() ? await info(name) : null;
          if (existing && sameLabels(existing.labels, labels)) return existing;
          throw refused('already_exists', 'A bucket of this name belongs to something else.');
        }
        await mkdir(meta, { recursive: true });
        const fresh: BucketRecord = { createdAt: now(), labels, storageClass };
        await writeDurably(record, JSON.stringify(fresh));
        await mkdir(files);
        await syncFolder(layout.buckets);
        return info(name);
      });
    },
    async check() {
      return LACKS;
    },
    async configureBucket(name, setting) {
      await info(name);
      return stateOf(setting);
    },
    async inspectBucket(name) {
      await info(name);
      return BUCKET_SETTINGS.map(stateOf);
    },
    async emptySome(name) {
      const { files } = layout.bucket(name);
      // A link in the bucket's place holds nothing of the bucket.
      if (!(await unless(['ENOENT'], lstat(files)))?.isDirectory()) return 0;
      const entries = (await unless(['ENOENT'], readdir(files, { encoding: 'buffer' }))) ?? [];
      for (const entry of entries) await discard(layout, Buffer.concat([Buffer.from(`${files}/`), entry]));
      return entries.length;
    },
    async deleteBucket(name) {
      const { files, meta } = layout.bucket(name);
      await once(layout.trash, () => emptyTrash(layout));
      if (!(await unless(['ENOENT'], lstat(layout.buckets)))) return;
      await holdKeys(layout.locks, [name], async () => {
        const stat = await unless(['ENOENT'], lstat(files));
        if (stat) {
          if (stat.isSymbolicLink()) await discard(layout, files);
          else await removeUnused(layout, name);
          await syncFolder(layout.buckets);
        }
        if (await unless(['ENOENT'], lstat(meta))) await discard(layout, meta);
      });
    },
    async listBuckets(prefix) {
      const found = ((await unless(['ENOENT'], readdir(layout.buckets, { withFileTypes: true }))) ?? [])
        .filter((entry) => entry.isDirectory() && isBucketName(entry.name) && entry.name.startsWith(prefix))
        .map((entry) => entry.name)
        .sort(compareUtf8);
      const infos = await Promise.all(
        found.map((name) =>
          info(name).catch((error: unknown) => {
            if (isAppError(error) && error.code === 'not_found') return null;
            throw error;
          }),
        ),
      );
      return infos.filter((bucket) => bucket !== null);
    },
    getBucketMetadata: info,
    bucket: bucketDriver,
    async mount(bucket, path) {
      await info(bucket);
      return {
        kind: 'host-path',
        hostPath: layout.bucket(bucket).files,
        mountPath: path,
        capabilities: { rename: true, append: true, overwrite: true, symlink: true, locks: true },
      };
    },
    async syncAccess(bucket) {
      await info(bucket);
      return { provider: 'local', bucket, variables: { CMBCLUSTER_DATA: root }, secrets: {} };
    },
    async ensureBucketAccess(bucket) {
      await info(bucket);
      return 'Nothing is needed: environments run under the account of the server.';
    },
    async revokeBucketAccess() {},
    async usage(bucket, signal) {
      const { files, facts } = layout.bucket(bucket);
      const begun = Date.now();
      const seen = new Set<string>();
      const usage = await measure(files, signal, (contentId) => seen.add(contentId));
      await pruneFacts(facts, seen, begun - PRUNE_AFTER_MS);
      return usage;
    },
    async close() {},
  };
}

const LACKS: StorageLack[] = [
  { what: 'signedUrls', reason: 'The files lie on the server’s own disk; a browser reaches them through the server.' },
  { what: 'keysMayNest', reason: 'On a disk a name is either a file or a folder.' },
  { what: 'history', reason: 'Replaced and deleted files are not kept on this machine.' },
  { what: 'uploads', reason: 'Files reach the disk of this machine in one request each.' },
];

const NEEDLESS: Readonly<Record<BucketSetting, string>> = {
  private: 'The permissions of the data folder decide who may look into it.',
  transport: 'Nothing is sent over a network.',
  encryption: 'Encryption is up to the disk of this machine.',
  versions: 'Old versions are not kept.',
  expiry: 'Old versions are not kept.',
  cors: 'A browser reaches the files through the server.',
  logs: 'The server’s own audit trail names each access; programs on this machine are not watched.',
};

function stateOf(setting: BucketSetting): SettingState {
  return { setting, state: 'lacking', reason: NEEDLESS[setting] };
}

async function readRecord(path: string): Promise<BucketRecord | null> {
  const text = await unless(['ENOENT'], readFile(path, 'utf8'));
  if (text === null) return null;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('internal', 'The record of the bucket is damaged. The log names its file.', {
      details: { outcome: 'not_applied' },
      cause: new Error(`cannot read ${path}`, { cause }),
    });
  }
}

async function withTrash<T>(layout: Layout, use: (trash: FileHandle) => Promise<T>): Promise<T> {
  await mkdir(layout.trash, { recursive: true });
  const trash = await openFolderAt(layout.trash);
  try {
    return await use(trash);
  } finally {
    await trash.close();
  }
}

/** Gone from its place in one step, then removed; what a crash leaves in the trash goes with the next deletion. */
function discard(layout: Layout, path: string | Buffer): Promise<void> {
  return withTrash(layout, async (trash) => {
    const name = ownName();
    await rename(path, at(trash, name));
    await removeTree(trash, name);
  });
}

function emptyTrash(layout: Layout): Promise<void> {
  return withTrash(layout, (trash) => sweep(layout.trash, (name) => removeTree(trash, name)));
}

/** @throws failed_precondition when the bucket holds files; none of them is touched */
async function removeUnused(layout: Layout, name: string): Promise<void> {
  const notEmpty = () => refused('failed_precondition', 'The bucket is not empty.');
  if (await holdsFiles(layout.bucket(name).files)) throw notEmpty();
  const buckets = await openFolderAt(layout.buckets).catch((error: unknown) => {
    // The folder of all buckets may be a link to a larger disk, if its owner wants so.
    if (errnoOf(error) === 'ENOTDIR') return openFolderAt(`${layout.buckets}/.`);
    throw error;
  });
  try {
    // A file that arrives meanwhile stops it: only empty folders are removed.
    if (!(await removeEmptyFolders(buckets, name))) throw notEmpty();
  } finally {
    await buckets.close();
  }
}
