import { z } from 'zod';
import { AUDIT_RESULTS } from '../../domain/audit.ts';
import {
  deleteEnvironment,
  extendEnvironment,
  renameEnvironment,
  restartEnvironment,
  startEnvironment,
  stopEnvironment,
} from '../../services/environments/change.ts';
import { launchEnvironment } from '../../services/environments/launch.ts';
import { listHistory, readLogs } from '../../services/environments/logs.ts';
import { getEnvironment, listEnvironments } from '../../services/environments/view.ts';
import { environment, phase, size } from '../schemas/environment.ts';
import { applicationId, environmentId, storageId } from '../schemas/ids.ts';
import { displayName } from '../schemas/storage.ts';
import { answer, router, signedIn } from '../trpc.ts';

const one = z.strictObject({ id: environmentId });

export const environmentsRouter = router({
  list: signedIn
    .input(
      z.strictObject({
        phases: z.array(phase).max(6).optional(),
        applicationId: applicationId.optional(),
        storageId: storageId.optional(),
        search: z.string().max(64).optional(),
        cursor: z.string().max(64).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .output(answer(z.object({ environments: z.array(environment), next: z.string().nullable() })))
    .query(({ ctx, input }) => listEnvironments(ctx.deps, ctx.actor, input)),

  get: signedIn
    .input(one)
    .output(answer(environment.extend({ usualReadyMs: z.number().nullable() })))
    .query(({ ctx, input }) => getEnvironment(ctx.deps, ctx.actor, input.id)),

  launch: signedIn
    .input(
      z.strictObject({
        clientKey: z.string().min(8).max(64),
        applicationId,
        name: z.string().min(1).max(64),
        size,
        storage: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('automatic') }),
          z.strictObject({ kind: z.literal('existing'), id: storageId }),
          z.strictObject({ kind: z.literal('new'), displayName }),
        ]),
        env: z
          .array(z.strictObject({ name: z.string().max(128), value: z.string().max(32_768) }))
          .max(100)
          .default([]),
        command: z.string().max(4096).nullable().default(null),
      }),
    )
    .output(answer(environment))
    .mutation(({ ctx, input }) => launchEnvironment(ctx.deps, ctx.actor, input)),

  stop: signedIn
    .input(one)
    .output(answer(environment))
    .mutation(({ ctx, input }) => stopEnvironment(ctx.deps, ctx.actor, input.id)),
  start: signedIn
    .input(one)
    .output(answer(environment))
    .mutation(({ ctx, input }) => startEnvironment(ctx.deps, ctx.actor, input.id)),
  restart: signedIn
    .input(one)
    .output(answer(environment))
    .mutation(({ ctx, input }) => restartEnvironment(ctx.deps, ctx.actor, input.id)),
  extend: signedIn
    .input(one)
    .output(answer(environment))
    .mutation(({ ctx, input }) => extendEnvironment(ctx.deps, ctx.actor, input.id)),
  delete: signedIn
    .input(one)
    .output(z.void())
    .mutation(({ ctx, input }) => deleteEnvironment(ctx.deps, ctx.actor, input.id)),
  rename: signedIn
    .input(z.strictObject({ id: environmentId, name: z.string().min(1).max(64) }))
    .output(answer(environment))
    .mutation(({ ctx, input }) => renameEnvironment(ctx.deps, ctx.actor, input)),

  logs: signedIn
    .input(
      z.strictObject({
        id: environmentId,
        /** Byte offset; negative = that many bytes before the end. */
        from: z.int(),
        maxBytes: z
          .int()
          .min(1)
          .max(1024 * 1024)
          .default(256 * 1024),
      }),
    )
    .output(
      answer(
        z.object({
          from: z.number(),
          to: z.number(),
          text: z.string(),
          end: z.number(),
          start: z.number(),
          generation: z.number(),
        }),
      ),
    )
    .query(({ ctx, input }) => readLogs(ctx.deps, ctx.actor, input)),

  history: signedIn
    .input(
      z.strictObject({
        id: environmentId,
        before: z.int().nullable().default(null),
        limit: z.int().min(1).max(100).default(50),
      }),
    )
    .output(
      answer(
        z.object({
          entries: z.array(
            z.object({
              id: z.number(),
              at: z.number(),
              actorName: z.string(),
              action: z.string(),
              result: z.enum(AUDIT_RESULTS),
              details: z.record(z.string(), z.unknown()).nullable(),
            }),
          ),
          next: z.number().nullable(),
        }),
      ),
    )
    .query(({ ctx, input }) => listHistory(ctx.deps, ctx.actor, input)),
});
