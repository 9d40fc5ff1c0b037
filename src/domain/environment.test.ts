import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canMove,
  type Desired,
  decide,
  type Failure,
  LAUNCH_STEPS,
  mergeSteps,
  type Observed,
  PHASES,
  type Phase,
  slugify,
} from './environment.ts';

const failure: Failure = {
  reason: 'crashed',
  message: 'It crashed.',
  step: 'ready',
  exitCode: 1,
  signal: null,
  retryHelps: true,
  at: 5,
};

const steps = fc.array(fc.record({ step: fc.constantFrom(...LAUNCH_STEPS), at: fc.nat(1000) }), { maxLength: 7 });
const generation = fc.integer({ min: 1, max: 3 });
const observed: fc.Arbitrary<Observed> = fc.oneof(
  fc.constant<Observed>({ state: 'absent' }),
  fc.record({ state: fc.constant('starting' as const), generation, steps }),
  fc.record({ state: fc.constant('running' as const), generation, steps }),
  fc.record({ state: fc.constant('stopping' as const), generation }),
  fc.record({ state: fc.constant('exited' as const), generation, steps, failure: fc.constantFrom(null, failure) }),
);

/** A world that obeys: what the chosen action does to a process, so that convergence can be played to its end. */
function obey(action: string, seen: Observed, wanted: number): Observed {
  if (action === 'start') return { state: 'running', generation: wanted, steps: [{ step: 'ready', at: 9 }] };
  if (action === 'stop')
    return seen.state === 'absent'
      ? seen
      : { state: 'exited', generation: 'generation' in seen ? seen.generation : wanted, steps: [], failure: null };
  if (action === 'remove') return { state: 'absent' };
  if (seen.state === 'starting') return { ...seen, state: 'running' };
  if (seen.state === 'stopping') return { state: 'exited', generation: seen.generation, steps: [], failure: null };
  return seen;
}

describe('decide', () => {
  const row = fc.record({
    phase: fc.constantFrom<Phase>(...PHASES),
    desired: fc.constantFrom<Desired>('running', 'stopped', 'deleted'),
    generation,
    failure: fc.constantFrom(null, failure),
    steps,
  });

  it('never makes an illegal move from a phase that its own rules can reach', () => {
    fc.assert(
      fc.property(row, fc.array(observed, { minLength: 1, maxLength: 12 }), (start, sights) => {
        let env = { ...start, phase: 'pending' as Phase, failure: null as Failure | null };
        for (const seen of sights) {
          const decision = decide(env, seen);
          expect(
            canMove(env.phase, decision.phase),
            `${env.phase} → ${decision.phase} on ${JSON.stringify(seen)}`,
          ).toBe(true);
          // An application that ends by itself takes its owner's wish with it.
          const desired = decision.phase === 'stopped' ? 'stopped' : env.desired;
          env = { ...env, desired, phase: decision.phase, failure: decision.failure, steps: decision.steps };
        }
      }),
    );
  });

  it('is idempotent: the same sight again changes nothing more', () => {
    fc.assert(
      fc.property(row, observed, (env, seen) => {
        const once = decide(env, seen);
        const twice = decide({ ...env, ...once }, seen);
        if (once.action === 'none') expect(twice).toEqual(once);
      }),
    );
  });

  it('converges: in a world that obeys, the wish comes true in a few steps', () => {
    fc.assert(
      fc.property(row, observed, (start, first) => {
        let env = { ...start };
        let seen = first;
        for (let i = 0; i < 8; i += 1) {
          const decision = decide(env, seen);
          env = { ...env, phase: decision.phase, failure: decision.failure, steps: decision.steps };
          seen = obey(decision.action, seen, env.generation);
        }
        const live = seen.state === 'running' || seen.state === 'starting' || seen.state === 'stopping';
        if (env.desired === 'deleted') expect(seen.state).toBe('absent');
        else if (env.desired === 'stopped')
          expect([live, ['stopped', 'failed'].includes(env.phase)]).toEqual([false, true]);
        else expect(['running', 'failed', 'stopped']).toContain(env.phase);
      }),
    );
  });

  it('never leaves two generations alive: an older one is stopped before the new one starts', () => {
    const env = { phase: 'stopping' as Phase, desired: 'running' as Desired, generation: 2, failure: null, steps: [] };
    expect(decide(env, { state: 'running', generation: 1, steps: [] }).action).toBe('stop');
    expect(decide(env, { state: 'exited', generation: 1, steps: [], failure: null }).action).toBe('start');
  });

  it('says lost when a running environment has vanished', () => {
    const decision = decide(
      { phase: 'running', desired: 'running', generation: 1, failure: null, steps: [] },
      { state: 'absent' },
    );
    expect(decision.phase).toBe('failed');
    expect(decision.failure?.reason).toBe('lost');
  });
});

describe('names', () => {
  it('makes DNS labels of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(slugify(text)).toMatch(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/);
      }),
    );
  });

  it('keeps the first time of each step, in timeline order', () => {
    expect(
      mergeSteps(
        [{ step: 'ready', at: 9 }],
        [
          { step: 'accepted', at: 1 },
          { step: 'ready', at: 10 },
        ],
      ),
    ).toEqual([
      { step: 'accepted', at: 1 },
      { step: 'ready', at: 9 },
    ]);
  });
});
