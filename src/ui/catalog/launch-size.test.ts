import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkQuota, DEFAULT_LIMITS, SIZE_PRESETS } from '../../domain/quota.ts';
import { type Allowance, fittingSize, isFull, presetOf, readAmount, remaining, sizeRefusal } from './launch-size.ts';

const allowance = (change: Partial<Allowance> = {}): Allowance => ({
  limits: DEFAULT_LIMITS.basic,
  usage: { environments: 0, cpuMillicores: 0, memoryMiB: 0, gpus: 0 },
  ceiling: { cpuMillicores: 8000, memoryMiB: 32 * 1024, gpus: 0 },
  ...change,
});
const size = (cpuMillicores: number, memoryMiB: number) => ({ cpuMillicores, memoryMiB, gpus: 0 });

describe('sizeRefusal', () => {
  it('names the machine before the limits', () => {
    const small = allowance({ ceiling: size(2000, 2048) });
    expect(sizeRefusal(small, size(4000, 1024))).toEqual({ kind: 'ceiling', part: 'cpuMillicores', max: 2000 });
  });

  it('says what is left of a limit', () => {
    const used = allowance({ usage: { environments: 1, cpuMillicores: 3000, memoryMiB: 1024, gpus: 0 } });
    expect(sizeRefusal(used, size(2000, 1024))).toEqual({
      kind: 'quota',
      part: 'cpuMillicores',
      max: 4000,
      left: 1000,
    });
    expect(remaining(used, 'cpuMillicores')).toBe(1000);
  });

  it('agrees with the check of the server', () => {
    fc.assert(
      fc.property(
        fc.record({ cpuMillicores: fc.nat(9000), memoryMiB: fc.nat(40_000), gpus: fc.nat(1) }),
        fc.record({
          environments: fc.constant(0),
          cpuMillicores: fc.nat(5000),
          memoryMiB: fc.nat(20_000),
          gpus: fc.nat(1),
        }),
        (asked, usage) => {
          const one = allowance({ usage });
          const overMachine = asked.cpuMillicores > 8000 || asked.memoryMiB > 32 * 1024 || asked.gpus > 0;
          const refused = overMachine || checkQuota(one.limits, usage, asked) !== null;
          expect(sizeRefusal(one, asked) !== null).toBe(refused);
        },
      ),
    );
  });
});

describe('fittingSize', () => {
  it('keeps the application’s own size when it fits', () => {
    expect(fittingSize(allowance(), size(3000, 3072))).toEqual(size(3000, 3072));
  });

  it('falls back to the largest preset that fits', () => {
    const tight = allowance({ usage: { environments: 1, cpuMillicores: 3000, memoryMiB: 0, gpus: 0 } });
    expect(fittingSize(tight, size(2000, 4096))).toEqual(SIZE_PRESETS[0]?.size);
  });

  it('finds nothing when nothing is left', () => {
    const none = allowance({ usage: { environments: 1, cpuMillicores: 4000, memoryMiB: 0, gpus: 0 } });
    expect(fittingSize(none, size(2000, 4096))).toBeNull();
  });
});

it('knows its presets', () => {
  expect(presetOf(size(2000, 4096))).toBe('standard');
  expect(presetOf(size(2000, 4095))).toBe('custom');
});

it('is full when every place is taken', () => {
  expect(isFull(allowance())).toBe(false);
  expect(isFull(allowance({ usage: { environments: 2, cpuMillicores: 0, memoryMiB: 0, gpus: 0 } }))).toBe(true);
});

it.each([
  ['0,5', 0.5],
  [' 2 ', 2],
  ['', null],
  ['-1', null],
  ['0', null],
  ['two', null],
])('reads %j', (text, value) => expect(readAmount(text)).toBe(value));
