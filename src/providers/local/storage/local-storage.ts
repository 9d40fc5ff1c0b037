/**
 * Storage on this machine: a bucket is a plain folder in the data folder that a person, a terminal and the environments use
 * directly. Opened by providers/local/provider.ts. Must never put anything of ours into a bucket's folder, nor follow a link in it.
 */
import { type FileHandle, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAppError } from '../../../domain/errors.ts';
import { compareUtf8, isBucketName } from '../../../domain/storage.ts';
import type { Logger } from '../../../ports/provider.ts';
import { sameLabels } from '../../../ports/storage/checks.ts';
import type { StorageDriver } from '../../../ports/storage/driver.ts';
import { type PortableOptions, portableStorage } from '../../../ports/storage/portable.ts';
import {
  BUCKET_SETTINGS,
  type BucketInfo,
  type StorageLack,
  type StorageProvider,
} from '../../../ports/storage/storage.ts';
import { at, checkSystem, openFolderAt } from './anchored.ts';
import { syncFolder } from './durable.ts';
import { classify, errnoOf, refused, unless } from './errors.ts';
import { pruneFacts } from './facts.ts';
import { createFolderNames } from './folder-names.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type LocalBucket, localBucket } from './local-bucket.ts';
import { holdKeys } from './locks.ts';
import { type BucketRecord, configured, newRecord, readRecord, stateOf, writeRecord } from './record.ts';
import { ownName, sweep } from './staging.ts';
import { holdsFiles, measure, removeEmptyFolders, removeTree } from './tree.ts';

/** A content's record without its content may belong to a put under way; older ones do not. */
const PRUNE_AFTER_MS = 3_600_000;

export interface LocalStorageOptions {
  /** Absolute path of the data folder; `buckets` and `buckets.meta` are made in it. */
  root: string;
  now: () => number;
  log: Logger;
  portable?: PortableOptions;
}

/** Several processes may open the same folder. @throws failed_precondition where the system lacks what it needs */
export function openLocalStorage(options: LocalStorageOptions): StorageProvider {
  checkSystem();
  return portableStorage(localDriver(options), options.portable);
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

  const bucketDriver = (name: string): LocalBucket => {
    const paths = layout.bucket(name);
    return localBucket({
      paths,
      names,
      now,
      tidy: (others) =>
        once(paths.staging, async () => {
          await sweep(paths.staging, (entry) => rm(join(paths.staging, entry), { force: true }));
          await others();
        }),
      discard: (path) => discard(layout, path),
    });
  };

  async function recordOf(name: string): Promise<BucketRecord> {
    const { files, record } = layout.bucket(name);
    const stat = await unless(['ENOENT'], lstat(files));
    if (!stat?.isDirectory()) throw refused('not_found', 'There is no such bucket.');
    // A folder that somebody made by hand, or whose record was lost.
    return (await readRecord(record)) ?? newRecord(Math.floor(stat.birthtimeMs || stat.ctimeMs));
  }

  async function info(name: string): Promise<BucketInfo> {
    const { createdAt, labels, storageClass } = await recordOf(name);
    return { name, createdAt, labels, location: 'this machine', storageClass };
  }

  return {
    name: 'local',
    classify,
    async createBucket(name, { labels, storageClass = 'standard' }) {
      const { files, meta, record, history, uploads, leaving } = layout.bucket(name);
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
        const left = await readRecord(record);
        // Its folder was removed by hand, or its making cut short: what is kept of it belongs to its owner only.
        if (!left || !sameLabels(left.labels, labels)) {
          for (const path of [history, uploads, leaving]) await unless(['ENOENT'], discard(layout, path));
          await writeRecord(record, { ...newRecord(now()), labels, storageClass });
        }
        await mkdir(files);
        await syncFolder(layout.buckets);
        return info(name);
      });
    },
    async check() {
      return LACKS;
    },
    async configureBucket(name, setting, { wanted }) {
      const { record } = layout.bucket(name);
      return holdKeys(layout.locks, [name], async () => {
        const known = await recordOf(name);
        const made = configured(known, setting, wanted);
        if (made) await writeRecord(record, made);
        return stateOf(made ?? known, setting, wanted);
      });
    },
    async inspectBucket(name, { wanted }) {
      const known = await recordOf(name);
      return BUCKET_SETTINGS.map((setting) => stateOf(known, setting, wanted));
    },
    async emptySome(name) {
      const { files, history, uploads, leaving } = layout.bucket(name);
      let removed = 0;
      // What is deleted by others meanwhile is kept, and goes with the rest: the files first.
      for (const folder of [files, leaving, history, uploads]) {
        // A link in the bucket's place holds nothing of the bucket.
        if (!(await unless(['ENOENT'], lstat(folder)))?.isDirectory()) continue;
        for (const entry of (await unless(['ENOENT'], readdir(folder, { encoding: 'buffer' }))) ?? []) {
          const gone = discard(layout, Buffer.concat([Buffer.from(`${folder}/`), entry])).then(() => true);
          if (await unless(['ENOENT'], gone)) removed += 1;
        }
      }
      return removed;
    },
    async deleteBucket(name, signal) {
      const { files, meta } = layout.bucket(name);
      await once(layout.trash, () => emptyTrash(layout));
      if (!(await unless(['ENOENT'], lstat(layout.buckets)))) return;
      await holdKeys(layout.locks, [name], async () => {
        const stat = await unless(['ENOENT'], lstat(files));
        if (stat) {
          if (stat.isSymbolicLink()) await discard(layout, files);
          else {
            await bucketDriver(name).sweep(signal, () => {});
            await removeUnused(layout, name);
          }
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
      await bucketDriver(bucket).sweep(signal, (contentId) => seen.add(contentId));
      await pruneFacts(facts, seen, begun - PRUNE_AFTER_MS);
      return usage;
    },
    async close() {},
  };
}

const LACKS: StorageLack[] = [
  { what: 'signedUrls', reason: 'The files lie on the server’s own disk; a browser reaches them through the server.' },
  { what: 'keysMayNest', reason: 'On a disk a name is either a file or a folder.' },
];

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
  const { files, history } = layout.bucket(name);
  for (const folder of [files, history]) {
    if ((await unless(['ENOENT'], lstat(folder))) && (await holdsFiles(folder))) throw notEmpty();
  }
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
