/** Deleting files and whole folders. Where the store keeps what is deleted, what went is on record first, for the undo. */
import type { UndoEntry } from '../../../prisma-free-db/repositories/file-work.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import type { JobTools } from './job-record.ts';
import { eachAtOnce } from './walk.ts';

const BATCH = 100;
const WIDTH = 8;

export async function removeItems(tools: JobTools): Promise<void> {
  const { job, signal } = tools;
  for (let item = job.row.items[job.row.position]; item; item = job.row.items[job.row.position]) {
    signal.throwIfAborted();
    if (item.key.endsWith('/')) {
      try {
        await removeFolder(tools, item.key);
      } catch (error) {
        job.fileFailed(item.key, error);
      }
      job.nextItem();
      continue;
    }
    const rest = job.row.items.slice(job.row.position, job.row.position + BATCH);
    const folder = rest.findIndex(({ key }) => key.endsWith('/'));
    const files = (folder < 0 ? rest : rest.slice(0, folder)).map(({ key }) => key);
    await removeFiles(tools, files);
    job.nextItem(files.length);
  }
}

async function removeFiles(tools: JobTools, keys: readonly string[]): Promise<void> {
  const { bucket, job, signal } = tools;
  if (bucket.capabilities.history) {
    const known: UndoEntry[] = [];
    await eachAtOnce(keys, WIDTH, async (key) => {
      const versionId = await versionOf(bucket, key, signal).catch((error: unknown) => {
        if (isAppError(error) && !error.retryable) return null;
        throw error;
      });
      if (versionId !== null) known.push({ key, versionId });
    });
    job.willRemove(known);
  }
  await removeKnown(tools, keys);
}

async function removeKnown({ deps, bucket, job, signal }: JobTools, keys: readonly string[]): Promise<void> {
  await eachAtOnce(keys, WIDTH, async (key) => {
    try {
      await deps.db.effect(() => bucket.delete(key, { signal }));
      job.fileDone();
    } catch (error) {
      job.fileFailed(key, error);
    }
  });
}

async function removeFolder(tools: JobTools, folder: string): Promise<void> {
  const { deps, bucket, job, signal } = tools;
  const pages = bucket.capabilities.history ? currentVersions(bucket, folder, signal) : objects(bucket, folder, signal);
  for await (const page of pages) {
    for (let at = 0; at < page.length; at += BATCH) {
      signal.throwIfAborted();
      const batch = page.slice(at, at + BATCH);
      const undo = batch.flatMap(({ key, versionId }) => (versionId === null ? [] : [{ key, versionId }]));
      if (undo.length > 0) job.willRemove(undo);
      await removeKnown(
        tools,
        batch.map(({ key }) => key),
      );
      job.reached(null);
    }
  }
  // What somebody wrote into it meanwhile stays, and so does the folder then.
  const rest = await bucket.list({ prefix: folder, pageSize: 2, signal });
  if (rest.objects.every(({ key }) => key === folder))
    await deps.db.effect(() => bucket.deleteFolder(folder.slice(0, -1), { recursive: true, signal }));
}

type Doomed = { key: string; versionId: string | null };

/** The list of versions tells the id of each current content without asking for it file by file. */
async function* currentVersions(bucket: Bucket, prefix: string, signal: AbortSignal): AsyncGenerator<Doomed[], void> {
  for (let page: string | undefined; ; ) {
    const { versions, next } = await bucket.listVersions({ prefix, page, signal });
    yield versions.filter(({ key, replacedAt }) => replacedAt === null && key !== prefix && !key.endsWith('/'));
    if (next === null) return;
    page = next;
  }
}

async function* objects(bucket: Bucket, prefix: string, signal: AbortSignal): AsyncGenerator<Doomed[], void> {
  for (let startAfter: string | undefined; ; ) {
    const page = await bucket.list({ prefix, startAfter, signal });
    yield page.objects.filter(({ key }) => !key.endsWith('/')).map(({ key }) => ({ key, versionId: null }));
    if (page.next === null) return;
    startAfter = page.next;
  }
}

async function versionOf(bucket: Bucket, key: string, signal: AbortSignal): Promise<string | null> {
  return (await bucket.head(key, { signal })).versionId;
}
