import { z } from 'zod';
import { listIdentities, unlinkIdentity } from '../../services/auth/identities.ts';
import { answer, router, signedIn } from '../trpc.ts';

export const identitiesRouter = router({
  list: signedIn
    .output(
      answer(
        z.object({
          identities: z.array(
            z.object({
              issuer: z.string(),
              subject: z.string(),
              label: z.string(),
              email: z.string(),
              createdAt: z.number(),
              lastUsedAt: z.number(),
              current: z.boolean(),
            }),
          ),
          /** Whether this sign-in is young enough to change them. */
          fresh: z.boolean(),
          current: z.string().nullable(),
          providers: z.array(z.object({ name: z.string(), label: z.string(), mark: z.string().nullable() })),
        }),
      ),
    )
    .query(({ ctx }) => listIdentities(ctx.deps, ctx.actor)),
  remove: signedIn
    .input(z.strictObject({ issuer: z.string().max(300), subject: z.string().max(300) }))
    .output(z.void())
    .mutation(({ ctx, input }) => unlinkIdentity(ctx.deps, ctx.actor, input)),
});
