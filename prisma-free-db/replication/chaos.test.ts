/**
 * Random leaders, faults and crashes (test-chaos.ts): nothing acknowledged is lost. And the same with a rule switched off, where
 * something must be lost: a search that finds nothing there would prove nothing here. CHAOS_CASES sets how many runs, CHAOS_SEED the
 * first of them.
 */
import { describe, expect, it } from 'vitest';
import { Chaos, type ChaosOptions, type ChaosOutcome } from './test-chaos.ts';

const CASES = Number(process.env.CHAOS_CASES ?? 12);
const FIRST = Number(process.env.CHAOS_SEED ?? 1);

const run = async (options: Partial<ChaosOptions> & { seed: number }): Promise<ChaosOutcome> => {
  try {
    return await new Chaos({ leaders: 5, faults: 0.15, ...options }).run();
  } catch (error) {
    throw new Error(`seed ${options.seed}: ${String(error)}`, { cause: error });
  }
};

describe('leaders that come and go', () => {
  it('lose nothing that they acknowledged, and keep nothing that they called not kept', {
    timeout: 600_000,
  }, async () => {
    let acknowledged = 0;
    let crashes = 0;
    for (let seed = FIRST; seed < FIRST + CASES; seed += 1) {
      const outcome = await run({ seed });
      expect({ seed, lost: outcome.lost, kept: outcome.kept }).toEqual({ seed, lost: [], kept: [] });
      acknowledged += outcome.acknowledged;
      crashes += outcome.crashes.length;
    }
    expect(acknowledged).toBeGreaterThan(CASES * 5);
    expect(crashes).toBeGreaterThan(CASES);
  });

  it('die of a foreign checkpoint, and lose nothing', async () => {
    let died = 0;
    for (let seed = FIRST; seed < FIRST + 4; seed += 1) {
      const { lost, kept, ends } = await run({ seed, foreign: 'seen' });
      expect({ seed, lost, kept }).toEqual({ seed, lost: [], kept: [] });
      died += ends.filter((name) => name === 'CaptureMismatch').length;
    }
    expect(died).toBeGreaterThan(0);
  });
});

describe('with a rule switched off', () => {
  const someLost = async (options: Partial<ChaosOptions>): Promise<boolean> => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { lost } = await run({ seed, ...options }).catch(() => ({ lost: [0] }));
      if (lost.length > 0) return true;
    }
    return false;
  };

  it('acknowledging before storing loses rows', async () => {
    expect(await someLost({ ackFirst: true })).toBe(true);
  });

  it('a checkpoint that hides from the witness loses rows', async () => {
    expect(await someLost({ foreign: 'forged', faults: 0 })).toBe(true);
  });
});
