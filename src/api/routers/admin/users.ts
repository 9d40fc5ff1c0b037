/** People, for administrators: the list, one person, and what can be changed about them. */
import { z } from 'zod';
import { TIERS } from '../../../domain/quota.ts';
import { ROLES } from '../../../domain/user.ts';
import { approve, refuse } from '../../../services/admin/approval.ts';
import { endSessions, setActive, setLimits, setNotes, setRole } from '../../../services/admin/change-person.ts';
import { INVITABLE } from '../../../services/admin/invitations.ts';
import { countPeople, getPerson, listPeople } from '../../../services/admin/people.ts';
import { everyTier } from '../../../services/admin/tiers.ts';
import { limits } from '../../schemas/environment.ts';
import { sessionId, userId } from '../../schemas/ids.ts';
import { overrides, peoplePage, peopleRequest, personDetail, reason, whom } from '../../schemas/person.ts';
import { admin, answer, router } from '../../trpc.ts';

export const usersRouter = router({
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
  /** What asks for attention. */
  counts: admin
    .output(answer(z.object({ awaiting: z.number(), openInvitations: z.number(), invitable: z.enum(INVITABLE) })))
    .query(({ ctx }) => countPeople(ctx.deps)),
  /** What each tier allows. */
  tiers: admin.output(answer(z.record(z.enum(TIERS), limits.shape.limits))).query(({ ctx }) => everyTier(ctx.deps)),
  approve: admin
    .input(z.strictObject({ id: userId, role: z.enum(ROLES), tier: z.enum(TIERS) }))
    .output(z.void())
    .mutation(({ ctx, input }) => approve(ctx.deps, ctx.actor, input)),
  refuse: admin
    .input(z.strictObject({ id: userId }))
    .output(z.void())
    .mutation(({ ctx, input }) => refuse(ctx.deps, ctx.actor, input)),
});
