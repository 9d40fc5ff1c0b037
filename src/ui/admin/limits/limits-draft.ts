/**
 * Limits of a person or a tier as they are typed: text in cores, GiB and hours. What is empty is as it is below: a person's as the
 * tier has it, a tier's as the configuration has it. Pure.
 */
import { LIMIT_NAMES, type LimitName, type LimitOverrides, type Limits } from '../../../domain/quota.ts';

export type LimitsDraft = Readonly<Record<LimitName, string>> & {
  /** No limit of uptime, whatever its field says. */
  readonly noUptime: boolean;
};

interface Unit {
  /** Of one typed. */
  per: number;
  whole: boolean;
  /** As typed. */
  min: number;
  max: number;
}

const HOUR_MS = 3_600_000;

/** The borders are those of domain/quota, as typed. */
export const LIMIT_UNITS: Readonly<Record<LimitName, Unit>> = {
  environments: { per: 1, whole: true, min: 0, max: 1_000 },
  cpuMillicores: { per: 1_000, whole: false, min: 0, max: 10_240 },
  memoryMiB: { per: 1_024, whole: false, min: 0, max: 163_840 },
  gpus: { per: 1, whole: true, min: 0, max: 1_000 },
  uptimeMs: { per: HOUR_MS, whole: false, min: 0.02, max: 87_600 },
};

/** As it is typed: `1500` millicores → `1.5`. */
export function typed(name: LimitName, value: number): string {
  return String(Math.round((value / LIMIT_UNITS[name].per) * 1_000) / 1_000);
}

export function draftOf(overrides: LimitOverrides): LimitsDraft {
  const text = (name: LimitName) => {
    const value = overrides[name];
    return value == null ? '' : typed(name, value);
  };
  return {
    environments: text('environments'),
    cpuMillicores: text('cpuMillicores'),
    memoryMiB: text('memoryMiB'),
    gpus: text('gpus'),
    uptimeMs: text('uptimeMs'),
    noUptime: overrides.uptimeMs === null,
  };
}

/** Which fields cannot be read, or the overrides they mean. */
export function readDraft(draft: LimitsDraft): { overrides: LimitOverrides; faults: readonly LimitName[] } {
  const overrides: LimitOverrides = {};
  const faults: LimitName[] = [];
  for (const name of LIMIT_NAMES) {
    if (name === 'uptimeMs' && draft.noUptime) {
      overrides.uptimeMs = null;
      continue;
    }
    const text = draft[name].trim().replace(',', '.');
    if (text === '') continue;
    const { per, whole, min, max } = LIMIT_UNITS[name];
    const value = /^\d{1,7}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) faults.push(name);
    else overrides[name] = Math.round(value * per);
  }
  return { overrides, faults };
}

export function isSameLimits(a: LimitOverrides, b: LimitOverrides): boolean {
  return LIMIT_NAMES.every((name) => a[name] === b[name]);
}

/** What stands in an empty field; null: the tier sets no such limit. */
export function tierValue(limits: Limits, name: LimitName): string | null {
  const value = limits[name];
  return value === null ? null : typed(name, value);
}
