/** Shapes of environments, applications and limits as the API gives them. */
import { z } from 'zod';
import { FAILURE_REASONS, LAUNCH_STEPS, PHASES } from '../../domain/environment.ts';
import type { ApplicationId, EnvironmentId, StorageId } from '../../domain/ids.ts';
import { TIERS } from '../../domain/quota.ts';
import { SYNC_PHASES } from '../../domain/workspace-sync.ts';

export const phase = z.enum(PHASES);

export const size = z.strictObject({
  /** 1000 = one core. */
  cpuMillicores: z.int().min(100).max(1_024_000),
  memoryMiB: z
    .int()
    .min(64)
    .max(16 * 1024 * 1024),
  gpus: z.int().min(0).max(64),
});

export const stepTime = z.object({ step: z.enum(LAUNCH_STEPS), at: z.number() });

export const failure = z.object({
  reason: z.enum(FAILURE_REASONS),
  message: z.string(),
  step: z.enum(LAUNCH_STEPS),
  exitCode: z.number().nullable(),
  signal: z.string().nullable(),
  retryHelps: z.boolean(),
  at: z.number(),
});

export const workspaceSync = z.object({
  phase: z.enum(SYNC_PHASES),
  checkedAt: z.number().nullable(),
  safeAt: z.number().nullable(),
  files: z.number(),
  sizeBytes: z.number(),
  pendingFiles: z.number(),
  pendingBytes: z.number(),
  pendingPaths: z.array(z.string()),
  pendingRemovals: z.number(),
  conflicts: z.number(),
  conflictList: z.array(z.object({ path: z.string(), copy: z.string(), at: z.number() })),
  skipped: z.number(),
  skippedList: z.array(z.object({ path: z.string(), reason: z.string() })),
  cacheBytes: z.number(),
  restored: z.object({ files: z.number(), of: z.number() }),
  problem: z.string().nullable(),
});

export const environment = z.object({
  id: z.custom<EnvironmentId>(),
  name: z.string(),
  slug: z.string(),
  url: z.string(),
  application: z.object({ id: z.custom<ApplicationId>(), slug: z.string(), name: z.string(), icon: z.string() }),
  storage: z.object({ id: z.custom<StorageId>(), displayName: z.string() }).nullable(),
  size: z.object({ cpuMillicores: z.number(), memoryMiB: z.number(), gpus: z.number() }),
  envNames: z.array(z.string()),
  command: z.string().nullable(),
  phase,
  desired: z.enum(['running', 'stopped', 'deleted']),
  generation: z.number(),
  steps: z.array(stepTime),
  failure: failure.nullable(),
  createdAt: z.number(),
  phaseAt: z.number(),
  readyAt: z.number().nullable(),
  deadlineAt: z.number().nullable(),
  lastActivityAt: z.number().nullable(),
  sync: workspaceSync.nullable(),
});

export const application = z.object({
  id: z.custom<ApplicationId>(),
  slug: z.string(),
  name: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  icon: z.string(),
  asksCommand: z.boolean(),
  defaultSize: z.object({ cpuMillicores: z.number(), memoryMiB: z.number(), gpus: z.number() }),
  available: z.boolean(),
  unavailableReason: z.string().nullable(),
  install: z.string().nullable(),
  usualReadyMs: z.number().nullable(),
});

export const limits = z.object({
  tier: z.enum(TIERS),
  limits: z.object({
    environments: z.number(),
    cpuMillicores: z.number(),
    memoryMiB: z.number(),
    gpus: z.number(),
    /** null = unlimited. */
    uptimeMs: z.number().nullable(),
  }),
  usage: z.object({ environments: z.number(), cpuMillicores: z.number(), memoryMiB: z.number(), gpus: z.number() }),
  ceiling: z.object({ cpuMillicores: z.number(), memoryMiB: z.number(), gpus: z.number() }),
  enforced: z.boolean(),
  isolated: z.boolean(),
});
