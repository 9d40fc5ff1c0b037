/** One's own variables and files. Values go in and never come out: no answer of this router holds one. */
import { z } from 'zod';
import type { EnvironmentId, SecretFileId } from '../../domain/ids.ts';
import { MAX_VARIABLES } from '../../domain/secrets.ts';
import { listOutdated } from '../../services/secrets/changed.ts';
import { deleteFile } from '../../services/secrets/delete-file.ts';
import { deleteVariable } from '../../services/secrets/delete-variable.ts';
import { listFiles, listVariables } from '../../services/secrets/list.ts';
import { renameFile } from '../../services/secrets/rename-file.ts';
import { setFile } from '../../services/secrets/set-file.ts';
import { setVariables } from '../../services/secrets/set-variables.ts';
import { secretFileId } from '../schemas/ids.ts';
import { answer, router, signedIn } from '../trpc.ts';

/** Wider than the rules, which say in their own words what is too much. */
const name = z.string().max(1_000);
const value = z.string().max(200_000);
const path = z.string().max(5_000);
const content = z.string().max(1_000_000);

const variable = z.object({ name: z.string(), sizeBytes: z.number(), createdAt: z.number(), updatedAt: z.number() });
const file = z.object({
  id: z.custom<SecretFileId>(),
  /** Below the home folder. */
  path: z.string(),
  sizeBytes: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
});

export const secretsRouter = router({
  /** Environments that run with values from before the last change. */
  outdated: signedIn
    .output(answer(z.array(z.object({ id: z.custom<EnvironmentId>(), name: z.string() }))))
    .query(({ ctx }) => listOutdated(ctx.deps, ctx.actor)),

  variables: router({
    list: signedIn.output(answer(z.array(variable))).query(({ ctx }) => listVariables(ctx.deps, ctx.actor)),
    set: signedIn
      .input(z.strictObject({ variables: z.array(z.strictObject({ name, value })).min(1).max(MAX_VARIABLES) }))
      .output(answer(z.array(variable)))
      .mutation(({ ctx, input }) => setVariables(ctx.deps, ctx.actor, input.variables)),
    delete: signedIn
      .input(z.strictObject({ name }))
      .output(z.void())
      .mutation(({ ctx, input }) => deleteVariable(ctx.deps, ctx.actor, input.name)),
  }),

  files: router({
    list: signedIn.output(answer(z.array(file))).query(({ ctx }) => listFiles(ctx.deps, ctx.actor)),
    set: signedIn
      .input(z.strictObject({ path, content, replace: z.boolean().default(true) }))
      .output(answer(file))
      .mutation(({ ctx, input }) => setFile(ctx.deps, ctx.actor, input)),
    rename: signedIn
      .input(z.strictObject({ id: secretFileId, path }))
      .output(answer(file))
      .mutation(({ ctx, input }) => renameFile(ctx.deps, ctx.actor, input)),
    delete: signedIn
      .input(z.strictObject({ id: secretFileId }))
      .output(z.void())
      .mutation(({ ctx, input }) => deleteFile(ctx.deps, ctx.actor, input.id)),
  }),
});
