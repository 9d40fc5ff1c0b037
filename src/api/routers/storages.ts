import { z } from 'zod';
import {
  cancelDeletion,
  deleteStorage,
  deletionNotice,
  renameStorage,
  retryStorage,
} from '../../services/storage/change.ts';
import { createStorage, storageOptions } from '../../services/storage/create.ts';
import { storageUsage } from '../../services/storage/measure.ts';
import { findOrphans } from '../../services/storage/orphans.ts';
import { repairStorage } from '../../services/storage/settings.ts';
import { getStorage, listStorages } from '../../services/storage/view.ts';
import { storageId } from '../schemas/ids.ts';
import {
  displayName,
  deletionNotice as notice,
  storageOptions as options,
  orphans,
  storage,
  storageUsage as usage,
} from '../schemas/storage.ts';
import { admin, answer, router, signedIn } from '../trpc.ts';

const one = z.strictObject({ id: storageId });

export const storagesRouter = router({
  list: signedIn.output(answer(z.array(storage))).query(({ ctx }) => listStorages(ctx.deps, ctx.actor)),
  get: signedIn
    .input(one)
    .output(answer(storage))
    .query(({ ctx, input }) => getStorage(ctx.deps, ctx.actor, input.id)),
  options: signedIn.output(answer(options)).query(({ ctx }) => storageOptions(ctx.deps)),
  create: signedIn
    .input(
      z.strictObject({
        displayName,
        storageClass: z.string().max(64).optional(),
        keepVersionsDays: z.int().min(1).max(365).optional(),
      }),
    )
    .output(answer(storage))
    .mutation(({ ctx, input }) => createStorage(ctx.deps, ctx.actor, input)),
  rename: signedIn
    .input(z.strictObject({ id: storageId, displayName }))
    .output(answer(storage))
    .mutation(({ ctx, input }) => renameStorage(ctx.deps, ctx.actor, input)),
  delete: signedIn
    .input(z.strictObject({ id: storageId, confirm: z.string().max(64) }))
    .output(z.void())
    .mutation(({ ctx, input }) => deleteStorage(ctx.deps, ctx.actor, input)),
  /** What a deletion would mean. */
  deletion: signedIn
    .input(one)
    .output(answer(notice))
    .query(({ ctx, input }) => deletionNotice(ctx.deps, ctx.actor, input.id)),
  cancelDelete: signedIn
    .input(one)
    .output(answer(storage))
    .mutation(({ ctx, input }) => cancelDeletion(ctx.deps, ctx.actor, input.id)),
  retry: signedIn
    .input(one)
    .output(answer(storage))
    .mutation(({ ctx, input }) => retryStorage(ctx.deps, ctx.actor, input.id)),
  repair: signedIn
    .input(one)
    .output(answer(storage))
    .mutation(({ ctx, input }) => repairStorage(ctx.deps, ctx.actor, input.id)),
  usage: signedIn
    .input(z.strictObject({ id: storageId, days: z.int().min(1).max(365).default(90) }))
    .output(answer(usage))
    .query(({ ctx, input }) => storageUsage(ctx.deps, ctx.actor, input)),
  orphans: admin.output(answer(orphans)).query(({ ctx }) => findOrphans(ctx.deps)),
});
