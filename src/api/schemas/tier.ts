/** Tiers as administrators see and change them. */
import { z } from 'zod';
import { TIERS } from '../../domain/quota.ts';
import { limits } from './environment.ts';
import { overrides } from './person.ts';

const tier = z.enum(TIERS);
const source = z.union([
  z.object({ kind: z.enum(['default', 'environment']), by: z.null(), at: z.null() }),
  z.object({ kind: z.literal('administrator'), by: z.string(), at: z.number() }),
]);

export const tiersView = z.object({
  tiers: z.array(
    z.object({
      tier,
      people: z.number(),
      limits: limits.shape.limits,
      configured: limits.shape.limits,
      own: overrides,
      sources: z.object({
        environments: source,
        cpuMillicores: source,
        memoryMiB: source,
        gpus: source,
        uptimeMs: source,
      }),
    }),
  ),
  newcomers: z.object({ tier, configured: tier, source }),
});
