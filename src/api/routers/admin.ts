/** What administrators alone may call: every procedure here hangs on `admin`, and a test walks them all. */
import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../domain/audit.ts';
import { listTrail } from '../../services/activity/list.ts';
import { auditPage, trailRequest } from '../schemas/audit.ts';
import { admin, answer, router } from '../trpc.ts';
import { databaseRouter } from './admin/database.ts';
import { invitationsRouter } from './admin/invitations.ts';
import { settingsRouter } from './admin/settings.ts';
import { tiersRouter } from './admin/tiers.ts';
import { usersRouter } from './admin/users.ts';

const auditRouter = router({
  list: admin
    .input(trailRequest)
    .output(answer(auditPage))
    .query(({ ctx, input: { cursor, limit, direction: _, ...filter } }) =>
      listTrail(ctx.deps, filter, { ...(cursor === undefined ? {} : { cursor }), limit }),
    ),
  /** Every action that there is, for choosing one. */
  actions: admin.output(answer(z.array(z.string()))).query(() => [...AUDIT_ACTIONS]),
});

export const adminRouter = router({
  audit: auditRouter,
  database: databaseRouter,
  invitations: invitationsRouter,
  settings: settingsRouter,
  tiers: tiersRouter,
  users: usersRouter,
});
