/**
 * Files that come in parts. Each upload is a folder of ours: what it is to become, the file as it grows, and a note for
 * each part that is whole. A part arrives in staging first, then goes to its place in the file at once and under a lock, so a
 * part that breaks off or comes twice never harms another; and completing is a rename, however large the file is.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { combineCrc32c, isCrc32c, runningCrc32c } from '../../../ports/storage/checksum.ts';
import type { UploadDriver } from '../../../ports/storage/driver.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { errnoOf, refused, unless } from './errors.ts';
import type { BucketPaths } from './layout.ts';
import { holdKeys } from './locks.ts';
import type { LocalObjects } from './objects.ts';
import { copyRange, finish, withStaged, writeBody } from './staging.ts';

/** Large enough that few parts make a file of some gigabytes, small enough to be sent again after a break. */
const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** Nobody sent a part for so long: the upload is abandoned. */
const ABANDONED_MS = 7 * 24 * 3_600_000;

const planSchema = z.object({
  key: z.string(),
  sizeBytes: z.number(),
  partSizeBytes: z.number(),
  contentType: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
});
type Plan = z.infer<typeof planSchema>;

interface Tools {
  paths: BucketPaths;
  objects: LocalObjects;
  now: () => number;
  /** Called before something is written; removes what killed processes left. */
  tidy: () => Promise<void>;
  /** Removes a folder of ours in one step. */
  discard: (path: string) => Promise<void>;
}

export interface LocalUploads extends UploadDriver {
  /** Removes what was abandoned. */
  sweep(): Promise<void>;
}

interface Upload extends Plan {
  /** Folder of the upload. */
  folder: string;
  /** Path of the file that grows. */
  content: string;
}

export function localUploads({ paths, objects, now, tidy, discard }: Tools): LocalUploads {
  /** @throws not_found when there is none, or it has ended */
  async function find(key: string, id: string): Promise<Upload> {
    const folder = join(paths.uploads, id);
    const content = join(folder, 'content');
    const plan = await planOf(folder, id);
    const file = plan && (await unless(['ENOENT'], lstat(content)));
    // Two names: it became an object, and whoever completed it died before the rest.
    if (plan?.key !== key || file?.nlink !== 1) throw unknown();
    return { ...plan, folder, content };
  }

  const hold = <T>(id: string, use: () => Promise<T>): Promise<T> => holdKeys(paths.uploadLocks, [id], use);

  /** Checksums of the parts that are whole, by number. */
  async function partsOf({ folder }: Upload): Promise<Map<number, string>> {
    const parts = new Map<number, string>();
    for (const name of (await unless(['ENOENT'], readdir(folder))) ?? []) {
      const number = /^(\d+)\.part$/.exec(name)?.[1];
      if (number === undefined) continue;
      const sum = await unless(['ENOENT'], readFile(join(folder, name), 'utf8'));
      // Cut short by a power failure: to be sent again.
      if (sum !== null && isCrc32c(sum)) parts.set(Number(number), sum);
    }
    return parts;
  }

  async function remove(folder: string): Promise<void> {
    await unless(['ENOENT'], discard(folder));
  }

  async function sweep(): Promise<void> {
    for (const id of (await unless(['ENOENT'], readdir(paths.uploads))) ?? []) {
      const folder = join(paths.uploads, id);
      // Each part that arrives changes the folder.
      const isOld = async () => {
        const info = await unless(['ENOENT'], stat(folder));
        return info !== null && info.mtimeMs <= now() - ABANDONED_MS;
      };
      if (!(await isOld())) continue;
      await hold(id, async () => {
        if (await isOld()) await remove(folder);
      });
    }
  }

  return {
    sweep,
    async start(key, { sizeBytes, contentType, metadata }) {
      await objects.checkBucket();
      await tidy();
      await sweep();
      const id = randomBytes(16).toString('hex');
      const folder = join(paths.uploads, id);
      const plan: Plan = {
        ...{ key, sizeBytes, contentType, metadata },
        partSizeBytes: Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS)),
      };
      await mkdir(folder, { recursive: true });
      try {
        const content = await open(join(folder, 'content'), 'wx');
        try {
          await content.truncate(sizeBytes);
        } finally {
          await content.close();
        }
        await writeDurably(join(folder, 'plan.json'), JSON.stringify(plan));
        await syncFolder(paths.uploads);
      } catch (error) {
        await remove(folder);
        throw error;
      }
      return { id, partSizeBytes: plan.partSizeBytes };
    },
    async putPart(key, id, { number, body, sizeBytes, crc32c, signal }) {
      const upload = await find(key, id);
      if (sizeBytes !== partLength(upload, number))
        throw refused('invalid_argument', 'The part has another length than its place in the file.');
      await tidy();
      return withStaged(paths.staging, async (staged) => {
        await writeBody(staged.handle, body, signal);
        await hold(id, async () => {
          signal.throwIfAborted();
          const { folder, content } = await find(key, id);
          const note = join(folder, `${number}.part`);
          await unless(['ENOENT'], unlink(note));
          await withFile(content, async (file) => {
            const start = (number - 1) * upload.partSizeBytes;
            const sum = runningCrc32c();
            await copyRange(staged.handle, { to: file, start, sizeBytes, sum, signal });
            if (sum.value() !== crc32c())
              throw refused('unavailable', 'The part was damaged on its way. Send it once more.', { damaged: true });
            await file.datasync();
          });
          await writeFile(note, crc32c(), { flag: 'wx' });
        }).catch((error: unknown) => {
          // The upload was swept away, or the bucket emptied, in the middle.
          throw errnoOf(error) === 'ENOENT' ? unknown() : error;
        });
        return { number, sizeBytes };
      });
    },
    async listParts(key, id) {
      const upload = await find(key, id);
      const numbers = [...(await partsOf(upload)).keys()].sort((a, b) => a - b);
      return numbers.map((number) => ({ number, sizeBytes: partLength(upload, number) }));
    },
    async complete(key, id, { sizeBytes, condition, signal }) {
      return hold(id, async () => {
        const upload = await find(key, id);
        const crc32c = sumOf(upload, await partsOf(upload));
        if (sizeBytes !== upload.sizeBytes || crc32c === null)
          throw refused('failed_precondition', 'Parts of the file are still missing.');
        const { folder, content, contentType, metadata } = upload;
        const info = await withFile(content, async (handle) => {
          await finish(handle, now());
          const facts = { contentType, metadata, crc32c };
          return objects.publish({ path: content, handle }, key, { condition, facts, signal });
        });
        await remove(folder);
        return info;
      });
    },
    async abort(key, id) {
      const folder = join(paths.uploads, id);
      await hold(id, async () => {
        if ((await planOf(folder, id))?.key === key) await remove(folder);
      });
    },
  };
}

async function planOf(folder: string, id: string): Promise<Plan | null> {
  // A name of one of our folders, and no path to anywhere else.
  if (!/^[0-9a-f]{32}$/.test(id)) return null;
  const text = await unless(['ENOENT', 'ENOTDIR'], readFile(join(folder, 'plan.json'), 'utf8'));
  return text === null ? null : planSchema.parse(JSON.parse(text));
}

function unknown() {
  return refused('not_found', 'This upload is not known, or it has ended.');
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r+');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Length that a part must have; -1 when the file has no such part. An empty file is one empty part. */
function partLength({ sizeBytes, partSizeBytes }: Plan, number: number): number {
  const start = (number - 1) * partSizeBytes;
  if (start >= sizeBytes && number > 1) return -1;
  return Math.min(partSizeBytes, sizeBytes - start);
}

/** Checksum of the whole file; null when a part is missing. */
function sumOf(plan: Plan, parts: ReadonlyMap<number, string>): string | null {
  let sum = parts.get(1) ?? null;
  for (let number = 2; sum !== null && partLength(plan, number) > 0; number += 1) {
    const next = parts.get(number);
    sum = next === undefined ? null : combineCrc32c(sum, next, partLength(plan, number));
  }
  return sum;
}
