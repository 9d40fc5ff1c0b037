/** Entries of the audit trail and how they are asked for. Addresses of exports carry the same filter as text. */
import { z } from 'zod';
import { AUDIT_RESULTS, TARGET_KINDS } from '../../domain/audit.ts';
import type { UserId } from '../../domain/ids.ts';
import { userId } from './ids.ts';
import { onwards } from './paging.ts';

const time = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 2);

const mine = {
  action: z
    .string()
    .regex(/^[a-z]+\.[a-z_]*$/, 'An action looks like user.role, all actions on users like user. with its dot.')
    .max(40)
    .optional(),
  targetId: z.string().min(1).max(64).optional(),
  targetKind: z.enum(TARGET_KINDS).optional(),
  result: z.enum(AUDIT_RESULTS).optional(),
  since: time.optional(),
  until: time.optional(),
  text: z.string().max(200).optional(),
};

const everybodys = { ...mine, actor: z.union([z.literal('system'), userId]).optional(), owner: userId.optional() };

const page = {
  cursor: z.int().min(1).optional(),
  limit: z.int().min(1).max(200).default(50),
  direction: onwards,
};

export const activityFilter = z.strictObject(mine);
export const trailFilter = z.strictObject(everybodys);
export const activityRequest = z.strictObject({ ...mine, ...page });
export const trailRequest = z.strictObject({ ...everybodys, ...page });

const facts = z.record(z.string(), z.unknown()).nullable();

export const auditEntry = z.object({
  id: z.number(),
  at: z.number(),
  actor: z.object({ id: z.custom<UserId>().nullable(), name: z.string() }),
  address: z.string(),
  agent: z.string(),
  action: z.string(),
  target: z.object({
    kind: z.enum(TARGET_KINDS).nullable(),
    id: z.string().nullable(),
    name: z.string().nullable(),
  }),
  ownerId: z.custom<UserId>().nullable(),
  result: z.enum(AUDIT_RESULTS),
  details: facts,
  before: facts,
  after: facts,
  correlationId: z.string(),
});

export const auditPage = z.object({ entries: z.array(auditEntry), next: z.number().nullable() });
