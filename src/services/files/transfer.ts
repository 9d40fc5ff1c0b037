/** Moving and copying within one bucket: files, and folders file by file where the store has no step for a whole one. */
import { AppError, isAppError } from '../../domain/errors.ts';
import { compareUtf8, type FileJobItem } from '../../domain/storage.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import type { JobTools } from './job-record.ts';
import { eachAtOnce, inBatches, walk } from './walk.ts';

const BATCH = 100;
const WIDTH = 8;

/** Never replaces anything: what is at the target stays, and the file that would take its place, too. */
export async function transferItem(tools: JobTools, item: FileJobItem): Promise<void> {
  const { bucket, job } = tools;
  const to = item.to ?? '';
  try {
    if (!item.key.endsWith('/')) {
      await transferFile(tools, item.key, to);
      job.fileDone();
    } else if (job.row.kind === 'move' && bucket.capabilities.atomicMove) {
      await moveWhole(tools, item.key, to);
      job.fileDone();
    } else await transferFolder(tools, item.key, to);
  } catch (error) {
    job.fileFailed(item.key, error);
  }
}

async function moveWhole({ deps, bucket, job }: JobTools, from: string, to: string): Promise<void> {
  try {
    await deps.db.effect(() => bucket.moveFolder(from.slice(0, -1), to.slice(0, -1)));
  } catch (error) {
    // An earlier run may have done it and died before it could say so.
    const gone = job.resumed && isAppError(error) && error.code === 'not_found';
    if (!gone || (await isEmpty(bucket, to))) throw error;
  }
}

async function transferFolder(tools: JobTools, from: string, to: string): Promise<void> {
  const { deps, bucket, job, signal } = tools;
  if (to.startsWith(from)) throw new AppError('invalid_argument', 'A folder cannot be put into itself.');
  if (!job.resumed && job.row.cursor === null) {
    if (await isEmpty(bucket, from)) throw new AppError('not_found', 'This folder does not exist any more.');
    if (!(await isEmpty(bucket, to)))
      throw new AppError('conflict', 'There is something of this name already. Choose another name.');
  }
  const failedBefore = job.row.failedCount;
  await deps.db.effect(() => bucket.createFolder(to.slice(0, -1)));
  for await (const batch of inBatches(walk(bucket, from, { after: job.row.cursor, signal }), BATCH)) {
    const target = (key: string) => to + key.slice(from.length);
    for (const { kind, key } of batch)
      if (kind === 'folder') await deps.db.effect(() => bucket.createFolder(target(key).slice(0, -1)));
    const files = batch.filter(({ kind }) => kind === 'file');
    await eachAtOnce(files, WIDTH, async ({ key }) => {
      try {
        await transferFile(tools, key, target(key));
        job.fileDone();
      } catch (error) {
        job.fileFailed(key, error);
      }
    });
    signal.throwIfAborted();
    const last = batch
      .map(({ key }) => key)
      .sort(compareUtf8)
      .at(-1);
    if (last !== undefined) job.reached(last);
  }
  if (job.row.kind !== 'move' || job.row.failedCount > failedBefore) return;
  // What somebody wrote into it meanwhile stays where it is, and so does the folder then.
  const rest = await bucket.list({ prefix: from, pageSize: 2, signal });
  if (rest.objects.every(({ key }) => key === from))
    await deps.db.effect(() => bucket.deleteFolder(from.slice(0, -1), { recursive: true, signal }));
}

async function transferFile({ deps, bucket, job }: JobTools, from: string, to: string): Promise<void> {
  const condition = { ifAbsent: true } as const;
  try {
    if (job.row.kind === 'move') await deps.db.effect(() => bucket.move(from, to, { condition }));
    else await deps.db.effect(() => bucket.copy(from, to, { condition }));
  } catch (error) {
    // A part of it may be done: by an earlier run that died in between, or by this very call, whose answer says no more than that.
    if (!isAppError(error) || !(job.resumed || error.details?.outcome === 'unknown')) throw error;
    const move = job.row.kind === 'move';
    if (error.code !== 'conflict' && !(move && error.code === 'not_found')) throw error;
    if (move && !(await exists(bucket, from)) && (await exists(bucket, to))) return;
    if (error.code !== 'conflict' || !(await areSame(bucket, from, to))) throw error;
    if (move) await deps.db.effect(() => bucket.delete(from));
  }
}

async function areSame(bucket: Bucket, a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([bucket.head(a), bucket.head(b)]);
  return one.sizeBytes === other.sizeBytes && one.crc32c !== null && one.crc32c === other.crc32c;
}

async function exists(bucket: Bucket, key: string): Promise<boolean> {
  try {
    await bucket.head(key);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return false;
    throw error;
  }
}

/** Nothing is there, not even the empty folder. */
async function isEmpty(bucket: Bucket, folder: string): Promise<boolean> {
  const inside = await bucket.list({ prefix: folder, pageSize: 1 });
  if (inside.objects.length > 0) return false;
  // The folder itself is among what its parent lists; asked for exactly, it comes first.
  const parent = await bucket.list({ prefix: folder.slice(0, -1), delimiter: '/', pageSize: 1000 });
  return !parent.prefixes.includes(folder);
}
