import { z } from 'zod';
import {
  abortUpload,
  completeUpload,
  listUploadParts,
  listUploads,
  signUploadParts,
  startUpload,
} from '../../services/files/uploads.ts';
import { storageId, uploadId } from '../schemas/ids.ts';
import { key, signedPart, startedUpload, unfinishedUpload, uploadPart } from '../schemas/storage.ts';
import { answer, router, signedIn } from '../trpc.ts';

const one = z.strictObject({ id: storageId, uploadId });
/** The largest object that any of the stores takes: 50 TB. */
const MAX_BYTES = 50 * 2 ** 40;
const CONTENT_TYPE = /^[\x21-\x7e][\x20-\x7e]*$/;

export const uploadsRouter = router({
  start: signedIn
    .input(
      z.strictObject({
        id: storageId,
        key,
        sizeBytes: z.int().min(0).max(MAX_BYTES),
        contentType: z.string().max(255).regex(CONTENT_TYPE).optional(),
        replace: z.boolean(),
        ifVersion: z.string().min(1).max(1024).optional(),
      }),
    )
    .output(answer(startedUpload))
    .mutation(({ ctx, input }) => startUpload(ctx.deps, ctx.actor, input)),
  signParts: signedIn
    .input(one.extend({ numbers: z.array(z.int().min(1).max(10_000)).min(1).max(100) }))
    .output(answer(z.array(signedPart)))
    .mutation(({ ctx, input }) => signUploadParts(ctx.deps, ctx.actor, input)),
  parts: signedIn
    .input(one)
    .output(answer(z.array(uploadPart)))
    .query(({ ctx, input }) => listUploadParts(ctx.deps, ctx.actor, input)),
  list: signedIn
    .input(z.strictObject({ id: storageId }))
    .output(answer(z.array(unfinishedUpload)))
    .query(({ ctx, input }) => listUploads(ctx.deps, ctx.actor, input.id)),
  complete: signedIn
    .input(one.extend({ replace: z.boolean().optional() }))
    .output(answer(z.object({ key: z.string(), sizeBytes: z.number(), version: z.string(), modifiedAt: z.number() })))
    .mutation(({ ctx, input }) => completeUpload(ctx.deps, ctx.actor, input)),
  abort: signedIn
    .input(one)
    .output(z.void())
    .mutation(({ ctx, input }) => abortUpload(ctx.deps, ctx.actor, input)),
});
