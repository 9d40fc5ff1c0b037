/** People as administrators see and change them. */
import { z } from 'zod';
import type { SessionId, UserId } from '../../domain/ids.ts';
import { LIMIT_BOUNDS, type LimitName, TIERS } from '../../domain/quota.ts';
import { ADMISSIONS, ROLES } from '../../domain/user.ts';
import { USER_ORDERS } from '../../services/admin/people.ts';
import { auditEntry } from './audit.ts';
import { limits } from './environment.ts';
import { userId } from './ids.ts';
import { onwards } from './paging.ts';

export const whom = z.strictObject({ id: userId, confirmSelf: z.boolean().optional() });
export const reason = z.string().trim().min(3, 'Say why, in a few words.').max(500);

/** What is left out is as the tier has it. */
export const overrides = z.strictObject({
  environments: bounded('environments').optional(),
  cpuMillicores: bounded('cpuMillicores').optional(),
  memoryMiB: bounded('memoryMiB').optional(),
  gpus: bounded('gpus').optional(),
  /** null = no limit. */
  uptimeMs: bounded('uptimeMs').nullable().optional(),
});

function bounded(name: LimitName) {
  const { min, max } = LIMIT_BOUNDS[name];
  return z.int().min(min).max(max);
}

export const peopleRequest = z.strictObject({
  order: z.enum(USER_ORDERS).default('name'),
  descending: z.boolean().default(false),
  search: z.string().max(200).optional(),
  role: z.enum(ROLES).optional(),
  tier: z.enum(TIERS).optional(),
  active: z.boolean().optional(),
  awaiting: z.boolean().optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(200).default(50),
  direction: onwards,
});

const personRow = z.object({
  id: z.custom<UserId>(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  tier: z.enum(TIERS),
  active: z.boolean(),
  createdAt: z.number(),
  lastSeenAt: z.number().nullable(),
  hasOverrides: z.boolean(),
  admission: z.enum(ADMISSIONS),
  awaitsApprovalSince: z.number().nullable(),
});

export const peoplePage = z.object({ people: z.array(personRow), next: z.string().nullable() });

export const personDetail = personRow.extend({
  notes: z.string(),
  limits: limits.shape.limits,
  tierLimits: limits.shape.limits,
  overrides,
  usage: limits.shape.usage,
  identities: z.array(
    z.object({
      issuer: z.string(),
      subject: z.string(),
      email: z.string(),
      createdAt: z.number(),
      lastUsedAt: z.number(),
    }),
  ),
  sessions: z.array(
    z.object({
      id: z.custom<SessionId>(),
      createdAt: z.number(),
      lastSeenAt: z.number(),
      expiresAt: z.number(),
      userAgent: z.string(),
      address: z.string(),
    }),
  ),
  environments: z.object({ live: z.number(), kept: z.number() }),
  storage: z.object({ storages: z.number(), sizeBytes: z.number(), objects: z.number() }),
  history: z.array(auditEntry),
  lastAdmin: z.boolean(),
});
