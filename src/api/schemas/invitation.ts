/** Invitations as administrators make and see them. */
import { z } from 'zod';
import type { InvitationId, UserId } from '../../domain/ids.ts';
import { TIERS } from '../../domain/quota.ts';
import { ROLES } from '../../domain/user.ts';
import { invitationId } from './ids.ts';
import { onwards } from './paging.ts';

export const newInvitation = z.strictObject({
  /** null: whoever has the link. */
  email: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[^\s@]{1,64}@[^\s@]{1,190}$/, 'This does not look like an e-mail address.')
    .nullable()
    .default(null),
  role: z.enum(ROLES),
  tier: z.enum(TIERS),
  days: z.int().min(1).max(30),
});

export const invited = z.object({ id: z.custom<InvitationId>(), url: z.string(), expiresAt: z.number() });

const mark = z.strictObject({ createdAt: z.int().min(0), id: invitationId });

export const invitationsRequest = z.strictObject({
  cursor: mark.optional(),
  limit: z.int().min(1).max(200).default(50),
  direction: onwards,
});

const person = z.object({ id: z.custom<UserId>(), name: z.string() });

export const invitationPage = z.object({
  invitations: z.array(
    z.object({
      id: z.custom<InvitationId>(),
      state: z.enum(['open', 'used', 'expired']),
      email: z.string().nullable(),
      role: z.enum(ROLES),
      tier: z.enum(TIERS),
      createdAt: z.number(),
      expiresAt: z.number(),
      createdBy: person,
      usedAt: z.number().nullable(),
      usedBy: person.nullable(),
    }),
  ),
  next: z.object({ createdAt: z.number(), id: z.custom<InvitationId>() }).nullable(),
});
