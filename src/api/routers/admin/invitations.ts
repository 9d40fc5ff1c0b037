/** Ways in by link, for administrators. */
import { z } from 'zod';
import { createInvitation, listInvitations, revokeInvitation } from '../../../services/admin/invitations.ts';
import { invitationId } from '../../schemas/ids.ts';
import { invitationPage, invitationsRequest, invited, newInvitation } from '../../schemas/invitation.ts';
import { admin, answer, router } from '../../trpc.ts';

export const invitationsRouter = router({
  list: admin
    .input(invitationsRequest)
    .output(answer(invitationPage))
    .query(({ ctx, input }) => listInvitations(ctx.deps, input)),
  /** The answer holds the link, which is shown this once. */
  create: admin
    .input(newInvitation)
    .output(answer(invited))
    .mutation(({ ctx, input }) => createInvitation(ctx.deps, ctx.actor, input)),
  revoke: admin
    .input(z.strictObject({ id: invitationId }))
    .output(z.void())
    .mutation(({ ctx, input }) => revokeInvitation(ctx.deps, ctx.actor, input.id)),
});
