import { describe, expect, it } from 'vitest';
import { draftOf, isSameLimits, readDraft, tierValue } from './limits-draft.ts';

const EMPTY = draftOf({});

describe('own limits as typed', () => {
  it('come back as they were', () => {
    for (const overrides of [
      {},
      { environments: 0, cpuMillicores: 1_500, memoryMiB: 6_144, gpus: 2, uptimeMs: 90 * 60_000 },
      { uptimeMs: null },
      { memoryMiB: 512 },
    ])
      expect(readDraft(draftOf(overrides))).toEqual({ overrides, faults: [] });
  });

  it('take a comma for a point, and nothing for the tier’s', () => {
    expect(readDraft({ ...EMPTY, cpuMillicores: ' 2,5 ', memoryMiB: ' ' }).overrides).toEqual({ cpuMillicores: 2_500 });
  });

  it.each([
    ['environments', '1.5'],
    ['environments', '-1'],
    ['environments', '1001'],
    ['cpuMillicores', '10241'],
    ['memoryMiB', '1e3'],
    ['gpus', 'two'],
    ['uptimeMs', '0'],
    ['uptimeMs', '90000'],
    ['cpuMillicores', '1.2.3'],
  ] as const)('name what cannot be read: %s %s', (name, text) => {
    expect(readDraft({ ...EMPTY, [name]: text }).faults).toEqual([name]);
  });

  it('know a limit that is taken away from one that is the tier’s', () => {
    expect(isSameLimits({ uptimeMs: null }, {})).toBe(false);
    expect(isSameLimits({ gpus: 0 }, { gpus: 0 })).toBe(true);
    const limits = { environments: 1, cpuMillicores: 2_000, memoryMiB: 4_096, gpus: 0, uptimeMs: null };
    expect(tierValue(limits, 'memoryMiB')).toBe('4');
    expect(tierValue(limits, 'uptimeMs')).toBeNull();
  });
});
