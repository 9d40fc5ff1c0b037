/** Tiers, limits and size presets, and the one check that a launch must pass. Pure. */
import type { Size } from './environment.ts';

export const TIERS = ['free', 'basic', 'premium', 'enterprise'] as const;
export type Tier = (typeof TIERS)[number];

export interface Limits {
  /** Environments at once (pending, starting, running, stopping). */
  environments: number;
  cpuMillicores: number;
  memoryMiB: number;
  gpus: number;
  /** null = unlimited. */
  uptimeMs: number | null;
}

export const LIMIT_NAMES = [
  'environments',
  'cpuMillicores',
  'memoryMiB',
  'gpus',
  'uptimeMs',
] as const satisfies (keyof Limits)[];
export type LimitName = (typeof LIMIT_NAMES)[number];

/** What administrators may set, for a tier as for one person. */
export const LIMIT_BOUNDS: Readonly<Record<LimitName, { min: number; max: number }>> = {
  environments: { min: 0, max: 1_000 },
  cpuMillicores: { min: 0, max: 10_240_000 },
  memoryMiB: { min: 0, max: 160 * 1024 * 1024 },
  gpus: { min: 0, max: 1_000 },
  uptimeMs: { min: 60_000, max: 10 * 365 * 86_400_000 },
};

/** Whether this is a value that the limit may have. */
export function isLimitValue(name: LimitName, value: unknown): boolean {
  if (value === null) return name === 'uptimeMs';
  const { min, max } = LIMIT_BOUNDS[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** One person's own limits: what is absent is as the tier has it; `uptimeMs: null` takes that limit away. */
export type LimitOverrides = Partial<Limits>;

/** What holds for a person. */
export function limitsWith(tier: Limits, overrides: LimitOverrides | null): Limits {
  return { ...tier, ...overrides };
}

const HOUR_MS = 3_600_000;

export const DEFAULT_LIMITS: Readonly<Record<Tier, Limits>> = {
  free: { environments: 1, cpuMillicores: 2_000, memoryMiB: 4 * 1024, gpus: 0, uptimeMs: 8 * HOUR_MS },
  basic: { environments: 2, cpuMillicores: 4_000, memoryMiB: 16 * 1024, gpus: 0, uptimeMs: 24 * HOUR_MS },
  premium: { environments: 5, cpuMillicores: 16_000, memoryMiB: 64 * 1024, gpus: 1, uptimeMs: 7 * 24 * HOUR_MS },
  enterprise: { environments: 20, cpuMillicores: 64_000, memoryMiB: 256 * 1024, gpus: 4, uptimeMs: null },
};

/** Stopped and failed environments that one person may keep beside the live ones. */
export const DEFAULT_KEPT_ENVIRONMENTS = 50;

export interface SizePreset {
  name: 'minimal' | 'standard' | 'performance';
  size: Size;
}

export const SIZE_PRESETS: readonly SizePreset[] = [
  { name: 'minimal', size: { cpuMillicores: 500, memoryMiB: 1024, gpus: 0 } },
  { name: 'standard', size: { cpuMillicores: 2_000, memoryMiB: 4 * 1024, gpus: 0 } },
  { name: 'performance', size: { cpuMillicores: 4_000, memoryMiB: 8 * 1024, gpus: 0 } },
];

/** What a person's live environments use together. */
export interface Usage {
  environments: number;
  cpuMillicores: number;
  memoryMiB: number;
  gpus: number;
}

export type QuotaRefusal = {
  limit: 'environments' | 'cpuMillicores' | 'memoryMiB' | 'gpus';
  used: number;
  asked: number;
  max: number;
};

/** null when the launch fits, else the first limit it breaks. CPU, memory and GPU limits hold for the sum over live environments. */
export function checkQuota(limits: Limits, used: Usage, asked: Size): QuotaRefusal | null {
  if (used.environments + 1 > limits.environments) {
    return { limit: 'environments', used: used.environments, asked: 1, max: limits.environments };
  }
  for (const limit of ['cpuMillicores', 'memoryMiB', 'gpus'] as const) {
    if (used[limit] + asked[limit] > limits[limit])
      return { limit, used: used[limit], asked: asked[limit], max: limits[limit] };
  }
  return null;
}
