/**
 * One bucket of this machine: objects are the plain files below its folder, and all that is ours lies beside it. Each topic has a
 * file of its own: objects, history, uploads, folders, leaving; this one puts them together.
 */
import { Readable } from 'node:stream';
import type { BucketDriver } from '../../../ports/storage/driver.ts';
import type { FolderNames } from './folder-names.ts';
import { localFolders } from './folders.ts';
import { localHistory } from './history.ts';
import { keptVersions } from './kept.ts';
import type { BucketPaths } from './layout.ts';
import { leavingFolders } from './leaving.ts';
import { listPage } from './listing.ts';
import { localObjects } from './objects.ts';
import { behindTheEnd } from './places.ts';
import { keepingOf } from './record.ts';
import { localUploads } from './uploads.ts';

export interface LocalBucketOptions {
  paths: BucketPaths;
  names: FolderNames;
  now: () => number;
  /** Called before each write; removes what killed processes left in staging, and, the first time, calls `others`. */
  tidy: (others: () => Promise<void>) => Promise<void>;
  /** Takes a folder, of the bucket or of ours, from its place in one step and removes it. */
  discard: (path: Buffer | string) => Promise<void>;
}

export interface LocalBucket extends BucketDriver {
  /** Removes versions whose time is over and abandoned uploads; tells the content's identity of each version that stays. */
  sweep(signal: AbortSignal, see: (contentId: string) => void): Promise<void>;
}

export function localBucket({ paths, names, now, discard, ...options }: LocalBucketOptions): LocalBucket {
  const kept = keptVersions(paths, keepingOf(paths.record), now);
  const leaving = leavingFolders({ paths, kept, discard });
  const tidy = () => options.tidy(leaving.goOn);
  const objects = localObjects({ paths, kept, now, tidy });
  const { look, open, list, restore, purge } = localHistory({ paths, names, objects, kept, tidy });
  const { sweep, ...uploads } = localUploads({ paths, objects, now, tidy, discard });
  return {
    capabilities: {
      versions: true,
      history: true,
      signedUrls: false,
      uploads: true,
      atomicMove: true,
      folders: true,
      keysMayNest: false,
    },
    async head(key, { versionId }) {
      return objects.describe(key, await (versionId === undefined ? objects.look(key) : look(key, versionId)));
    },
    async get(key, { range, versionId }) {
      const { handle, stat } = await (versionId === undefined ? objects.open(key) : open(key, versionId));
      try {
        const info = await objects.describe(key, stat);
        if (range && range.start >= info.sizeBytes) throw behindTheEnd(info.sizeBytes);
        const start = range?.start ?? 0;
        // What is appended while we read belongs to another version.
        const end = Math.min(range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
        if (end >= start) return { info, body: handle.createReadStream({ start, end, highWaterMark: 256 * 1024 }) };
        await handle.close();
        return { info, body: Readable.from([]) };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    put: objects.put,
    putWhole: objects.putWhole,
    delete: objects.delete,
    copy: objects.copy,
    move: objects.move,
    list: (page) => listPage(paths.files, names, page),
    ...localFolders(paths, async (target, path) => {
      await tidy();
      await leaving.leave(target, path);
    }),
    history: { list, restore, purge },
    uploads,
    async sweep(signal, see) {
      await leaving.goOn();
      await sweep();
      await kept.sweep(signal, see);
    },
  };
}
