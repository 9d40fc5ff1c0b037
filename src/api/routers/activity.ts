import { listActivity } from '../../services/activity/list.ts';
import { activityRequest, auditPage } from '../schemas/audit.ts';
import { answer, router, signedIn } from '../trpc.ts';

export const activityRouter = router({
  list: signedIn
    .input(activityRequest)
    .output(answer(auditPage))
    .query(({ ctx, input: { direction: _, ...request } }) => listActivity(ctx.deps, ctx.actor, request)),
});
