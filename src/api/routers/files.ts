import { z } from 'zod';
import { cancelFileJob, getFileJob, listFileJobs, orderFileJob, undoFileJob } from '../../services/files/jobs.ts';
import { listDeletedFiles, listFileVersions, purgeVersion, searchFiles } from '../../services/files/look.ts';
import { createFolder, describeFile, listFiles } from '../../services/storage/files.ts';
import { fileJobId, storageId } from '../schemas/ids.ts';
import {
  clientKey,
  deletedFile,
  fileEntry,
  fileFacts,
  fileJob,
  fileVersion,
  folder,
  key,
  versionId,
} from '../schemas/storage.ts';
import { answer, router, signedIn } from '../trpc.ts';

const one = z.strictObject({ id: storageId });
const job = z.strictObject({ id: storageId, jobId: fileJobId });
const moves = z.strictObject({
  id: storageId,
  /** Folders end in a slash on both sides. */
  items: z
    .array(z.strictObject({ from: key, to: key }))
    .min(1)
    .max(1000),
  clientKey: clientKey.optional(),
});
/** Sent along by infinite queries; everything here is read forward only. */
const direction = z.literal('forward').optional();
const cursor = (max: number) => z.string().max(max).nullish();

const transfer = (items: z.infer<typeof moves>['items']) => items.map(({ from, to }) => ({ key: from, to }));

export const filesRouter = router({
  list: signedIn
    .input(
      z.strictObject({
        id: storageId,
        folder: folder.default(''),
        /** `next` of the page before; null for the first page. */
        cursor: cursor(1025),
        direction,
        pageSize: z.int().min(1).max(1000).default(500),
      }),
    )
    .output(answer(z.object({ entries: z.array(fileEntry), next: z.string().nullable() })))
    .query(({ ctx, input }) =>
      listFiles(ctx.deps, ctx.actor, {
        id: input.id,
        folder: input.folder,
        startAfter: input.cursor ?? null,
        pageSize: input.pageSize,
      }),
    ),

  search: signedIn
    .input(
      z.strictObject({
        id: storageId,
        folder: folder.default(''),
        query: z.string().trim().min(1).max(200),
        cursor: cursor(1025),
        direction,
      }),
    )
    .output(answer(z.object({ entries: z.array(fileEntry), scanned: z.number(), next: z.string().nullable() })))
    .query(({ ctx, input, signal }) =>
      searchFiles(ctx.deps, ctx.actor, { ...input, cursor: input.cursor ?? null, signal }),
    ),

  head: signedIn
    .input(z.strictObject({ id: storageId, key, versionId: versionId.optional() }))
    .output(answer(fileFacts))
    .query(({ ctx, input }) => describeFile(ctx.deps, ctx.actor, input)),

  createFolder: signedIn
    .input(z.strictObject({ id: storageId, path: key }))
    .output(z.void())
    .mutation(({ ctx, input }) => createFolder(ctx.deps, ctx.actor, input)),

  move: signedIn
    .input(moves)
    .output(answer(fileJob))
    .mutation(({ ctx, input }) =>
      orderFileJob(ctx.deps, ctx.actor, { ...input, kind: 'move', items: transfer(input.items) }),
    ),
  copy: signedIn
    .input(moves)
    .output(answer(fileJob))
    .mutation(({ ctx, input }) =>
      orderFileJob(ctx.deps, ctx.actor, { ...input, kind: 'copy', items: transfer(input.items) }),
    ),
  delete: signedIn
    .input(z.strictObject({ id: storageId, keys: z.array(key).min(1).max(1000), clientKey: clientKey.optional() }))
    .output(answer(fileJob))
    .mutation(({ ctx, input }) =>
      orderFileJob(ctx.deps, ctx.actor, {
        id: input.id,
        kind: 'delete',
        items: input.keys.map((key) => ({ key })),
        clientKey: input.clientKey,
      }),
    ),
  restore: signedIn
    .input(
      z.strictObject({
        id: storageId,
        items: z
          .array(z.strictObject({ key, versionId: versionId.nullable() }))
          .min(1)
          .max(1000),
        clientKey: clientKey.optional(),
      }),
    )
    .output(answer(fileJob))
    .mutation(({ ctx, input }) =>
      orderFileJob(ctx.deps, ctx.actor, {
        id: input.id,
        kind: 'restore',
        items: input.items.map(({ key, versionId }) => (versionId === null ? { key } : { key, versionId })),
        clientKey: input.clientKey,
      }),
    ),
  undo: signedIn
    .input(job)
    .output(answer(fileJob))
    .mutation(({ ctx, input }) => undoFileJob(ctx.deps, ctx.actor, input)),

  versions: signedIn
    .input(z.strictObject({ id: storageId, key, cursor: cursor(4096), direction }))
    .output(answer(z.object({ versions: z.array(fileVersion), next: z.string().nullable() })))
    .query(({ ctx, input }) => listFileVersions(ctx.deps, ctx.actor, { ...input, cursor: input.cursor ?? null })),
  deleted: signedIn
    .input(z.strictObject({ id: storageId, folder: folder.default(''), cursor: cursor(8192), direction }))
    .output(answer(z.object({ entries: z.array(deletedFile), next: z.string().nullable() })))
    .query(({ ctx, input, signal }) =>
      listDeletedFiles(ctx.deps, ctx.actor, { ...input, cursor: input.cursor ?? null, signal }),
    ),
  purge: signedIn
    .input(z.strictObject({ id: storageId, key, versionId, confirm: z.string().max(255) }))
    .output(z.void())
    .mutation(({ ctx, input }) => purgeVersion(ctx.deps, ctx.actor, input)),

  job: signedIn
    .input(job)
    .output(answer(fileJob))
    .query(({ ctx, input }) => getFileJob(ctx.deps, ctx.actor, input)),
  jobs: signedIn
    .input(one)
    .output(answer(z.array(fileJob)))
    .query(({ ctx, input }) => listFileJobs(ctx.deps, ctx.actor, input.id)),
  cancel: signedIn
    .input(job)
    .output(answer(fileJob))
    .mutation(({ ctx, input }) => cancelFileJob(ctx.deps, ctx.actor, input)),
});
