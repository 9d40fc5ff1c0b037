/** Which sizes may be launched now, and why not. Pure: the same rules the server applies, so that nobody has to try. */
import type { Size } from '../../domain/environment.ts';
import { checkQuota, type Limits, SIZE_PRESETS, type SizePreset, type Usage } from '../../domain/quota.ts';

export type SizePart = 'cpuMillicores' | 'memoryMiB' | 'gpus';
export type SizeName = SizePreset['name'] | 'custom';

/** What a person may use, as `profile.limits` tells it. */
export interface Allowance {
  limits: Limits;
  usage: Usage;
  /** The largest single environment of this deployment. */
  ceiling: Size;
}

export type SizeRefusal =
  | { kind: 'ceiling'; part: SizePart; max: number }
  | { kind: 'quota'; part: SizePart; max: number; left: number };

const PARTS: readonly SizePart[] = ['cpuMillicores', 'memoryMiB', 'gpus'];

/** null when the size fits, whatever the number of environments. */
export function sizeRefusal({ limits, usage, ceiling }: Allowance, size: Size): SizeRefusal | null {
  const over = PARTS.find((part) => size[part] > ceiling[part]);
  if (over) return { kind: 'ceiling', part: over, max: ceiling[over] };
  const refusal = checkQuota({ ...limits, environments: Number.POSITIVE_INFINITY }, usage, size);
  if (!refusal || refusal.limit === 'environments') return null;
  return { kind: 'quota', part: refusal.limit, max: refusal.max, left: Math.max(0, refusal.max - refusal.used) };
}

/** Whether all places for environments are taken. */
export function isFull({ limits, usage }: Allowance): boolean {
  return usage.environments >= limits.environments;
}

/** The application's own size, else the largest preset below it that fits; null when none does. */
export function fittingSize(allowance: Allowance, wanted: Size): Size | null {
  const smaller = SIZE_PRESETS.map(({ size }) => size)
    .filter((size) => size.cpuMillicores <= wanted.cpuMillicores && size.memoryMiB <= wanted.memoryMiB)
    .reverse();
  return [wanted, ...smaller].find((size) => sizeRefusal(allowance, size) === null) ?? null;
}

export function presetOf(size: Size): SizeName {
  const preset = SIZE_PRESETS.find(
    ({ size: known }) =>
      known.cpuMillicores === size.cpuMillicores && known.memoryMiB === size.memoryMiB && known.gpus === size.gpus,
  );
  return preset?.name ?? 'custom';
}

/** What one more environment could have: the smaller of what is left and what a machine has. */
export function remaining({ limits, usage, ceiling }: Allowance, part: SizePart): number {
  return Math.max(0, Math.min(ceiling[part], limits[part] - usage[part]));
}

export const MIN_CPU_MILLICORES = 100;
export const MIN_MEMORY_MIB = 64;

/** Cores and GiB as typed, with a point or a comma; null when it is no positive number. */
export function readAmount(text: string): number | null {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && Number.isFinite(value) && value > 0 ? value : null;
}
