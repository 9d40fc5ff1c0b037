import { z } from 'zod';
import type { SessionId } from '../../domain/ids.ts';
import { TIERS } from '../../domain/quota.ts';
import { ROLES } from '../../domain/user.ts';
import { revokeSession, signOutEverywhere } from '../../services/auth/sign-out.ts';
import { listSessions, myLimits, updateProfile, viewer } from '../../services/profile/profile.ts';
import { limits } from '../schemas/environment.ts';
import { sessionId } from '../schemas/ids.ts';
import { displayName } from '../schemas/storage.ts';
import { answer, router, signedIn } from '../trpc.ts';

const preferences = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  railCollapsed: z.boolean(),
  language: z.string().max(16),
});

const viewerShape = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  tier: z.enum(TIERS),
  preferences,
});

export const profileRouter = router({
  me: signedIn.output(answer(viewerShape)).query(({ ctx }) => viewer(ctx.deps, ctx.actor)),
  limits: signedIn.output(answer(limits)).query(({ ctx }) => myLimits(ctx.deps, ctx.actor)),
  update: signedIn
    .input(z.strictObject({ name: displayName.optional(), preferences: preferences.partial().optional() }))
    .output(answer(viewerShape))
    .mutation(({ ctx, input }) => updateProfile(ctx.deps, ctx.actor, input)),
  sessions: signedIn
    .output(
      answer(
        z.array(
          z.object({
            id: z.custom<SessionId>(),
            current: z.boolean(),
            createdAt: z.number(),
            lastSeenAt: z.number(),
            expiresAt: z.number(),
            userAgent: z.string(),
            address: z.string(),
          }),
        ),
      ),
    )
    .query(({ ctx }) => listSessions(ctx.deps, ctx.actor)),
  revokeSession: signedIn
    .input(z.strictObject({ id: sessionId }))
    .output(z.void())
    .mutation(({ ctx, input }) => revokeSession(ctx.deps, ctx.actor, input.id)),
  signOutEverywhere: signedIn
    .output(answer(z.object({ ended: z.number() })))
    .mutation(({ ctx }) => signOutEverywhere(ctx.deps, ctx.actor)),
});
