/** What administrators alone may call: every procedure here hangs on `admin`, and a test walks them all. */
import { z } from 'zod';
import { TIERS } from '../../domain/quota.ts';
import { ROLES } from '../../domain/user.ts';
import { listTrail } from '../../services/activity/list.ts';
import { endSessions, setActive, setLimits, setNotes, setRole } from '../../services/admin/change-person.ts';
import { getPerson, listPeople } from '../../services/admin/people.ts';
import { AUDIT_ACTIONS } from '../../services/audit.ts';
import { auditPage, trailRequest } from '../schemas/audit.ts';
import { sessionId, userId } from '../schemas/ids.ts';
import { overrides, peoplePage, peopleRequest, personDetail, reason, whom } from '../schemas/person.ts';
import { admin, answer, router } from '../trpc.ts';

const usersRouter = router({
  list: admin
    .input(peopleRequest)
    .output(answer(peoplePage))
    .query(({ ctx, input }) => listPeople(ctx.deps, input)),
  get: admin
    .input(z.strictObject({ id: userId }))
    .output(answer(personDetail))
    .query(({ ctx, input }) => getPerson(ctx.deps, input.id)),
  setRole: admin
    .input(whom.extend({ role: z.enum(ROLES), reason }))
    .output(z.void())
    .mutation(({ ctx, input }) => setRole(ctx.deps, ctx.actor, input)),
  setActive: admin
    .input(whom.extend({ active: z.boolean(), reason, stopEnvironments: z.boolean().default(false) }))
    .output(z.void())
    .mutation(({ ctx, input }) => setActive(ctx.deps, ctx.actor, input)),
  setLimits: admin
    .input(whom.extend({ tier: z.enum(TIERS), overrides, reason }))
    .output(z.void())
    .mutation(({ ctx, input }) => setLimits(ctx.deps, ctx.actor, input)),
  setNotes: admin
    .input(whom.extend({ notes: z.string().max(4_000) }))
    .output(z.void())
    .mutation(({ ctx, input }) => setNotes(ctx.deps, ctx.actor, input)),
  endSessions: admin
    .input(whom.extend({ sessionId: sessionId.nullable().default(null) }))
    .output(answer(z.object({ ended: z.number() })))
    .mutation(({ ctx, input }) => endSessions(ctx.deps, ctx.actor, input)),
});

const auditRouter = router({
  list: admin
    .input(trailRequest)
    .output(answer(auditPage))
    .query(({ ctx, input: { cursor, limit, ...filter } }) =>
      listTrail(ctx.deps, filter, { ...(cursor === undefined ? {} : { cursor }), limit }),
    ),
  /** Every action that there is, for choosing one. */
  actions: admin.output(answer(z.array(z.string()))).query(() => [...AUDIT_ACTIONS]),
});

export const adminRouter = router({ users: usersRouter, audit: auditRouter });
