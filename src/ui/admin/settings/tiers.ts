/** Tiers as the page shows them. Pure. */
import type { LimitName, Limits } from '../../../domain/quota.ts';
import type { Outputs } from '../../trpc-client.tsx';

export type Tiers = Outputs['admin']['tiers']['list'];
export type TierRow = Tiers['tiers'][number];
export type Newcomers = Tiers['newcomers'];
export type Source = Newcomers['source'];

interface Words {
  cores: (cpuMillicores: number) => string;
  memory: (memoryMiB: number) => string;
  number: (value: number) => string;
  duration: (durationMs: number) => string;
}

/** A limit as people read it; null: there is none. */
export function limitText(limits: Limits, name: LimitName, words: Words): string | null {
  if (name === 'uptimeMs') return limits.uptimeMs === null ? null : words.duration(limits.uptimeMs);
  if (name === 'cpuMillicores') return words.cores(limits.cpuMillicores);
  if (name === 'memoryMiB') return words.memory(limits.memoryMiB);
  return words.number(limits[name]);
}
