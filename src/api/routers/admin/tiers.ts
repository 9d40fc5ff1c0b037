/** What each tier allows and which one newcomers get, for administrators. */
import { z } from 'zod';
import { TIERS } from '../../../domain/quota.ts';
import { listTiers, resetTier, setNewcomers, setTierLimits } from '../../../services/admin/tiers.ts';
import { overrides, reason } from '../../schemas/person.ts';
import { tiersView } from '../../schemas/tier.ts';
import { admin, answer, router } from '../../trpc.ts';

const tier = z.enum(TIERS);

export const tiersRouter = router({
  list: admin.output(answer(tiersView)).query(({ ctx }) => listTiers(ctx.deps)),
  set: admin
    .input(z.strictObject({ tier, limits: overrides, reason }))
    .output(z.void())
    .mutation(({ ctx, input }) => setTierLimits(ctx.deps, ctx.actor, input)),
  reset: admin
    .input(z.strictObject({ tier, reason }))
    .output(z.void())
    .mutation(({ ctx, input }) => resetTier(ctx.deps, ctx.actor, input)),
  /** null: back to what the configuration has. */
  setNewcomers: admin
    .input(z.strictObject({ tier: tier.nullable(), reason }))
    .output(z.void())
    .mutation(({ ctx, input }) => setNewcomers(ctx.deps, ctx.actor, input)),
});
