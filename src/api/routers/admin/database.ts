/** The log behind the database, for administrators: looked at, and told to take a snapshot. */
import { z } from 'zod';
import { databaseStatus as statusOf, takeSnapshot } from '../../../services/admin/database.ts';
import { databaseStatus } from '../../schemas/database-log.ts';
import { admin, answer, router } from '../../trpc.ts';

export const databaseRouter = router({
  status: admin.output(answer(databaseStatus)).query(({ ctx }) => statusOf(ctx.deps)),
  /** `under_way`: it goes on, and the status tells when it is stored. */
  snapshot: admin
    .output(answer(z.object({ state: z.enum(['stored', 'under_way']) })))
    .mutation(async ({ ctx }) => ({ state: await takeSnapshot(ctx.deps, ctx.actor) })),
});
