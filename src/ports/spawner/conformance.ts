/**
 * The specification of a spawner, as tests. Every implementation runs it; where one cannot do something by nature, its harness
 * gives the reason and the test shows as skipped.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureReason } from '../../domain/environment.ts';
import { isAppError } from '../../domain/errors.ts';
import { type EnvironmentId, newEnvironmentId } from '../../domain/ids.ts';
import type { EnvironmentSpec, Snapshot, Spawner } from './spawner.ts';

export const OUTPUT = Array.from({ length: 400 }, (_, index) => `line ${index} zwölf 一二三 🚀\n`).join('');

/**
 * What an environment does after its start. Codes: `exits-at-once` 3 before it listens, `crashes` 4 soon after it was ready;
 * `killed` ends by SIGKILL soon after it was ready; `prints` writes OUTPUT, then serves;
 * `shows` writes a line with the variable SHOWN and one with the file ~/.shown/file (`-` for what is not there), then serves.
 */
export type Behaviour =
  | 'serves'
  | 'never-listens'
  | 'exits-at-once'
  | 'not-installed'
  | 'ignores-term'
  | 'crashes'
  | 'killed'
  | 'prints'
  | 'shows';

export interface SpawnerHarness {
  /** A view on the same reality: what a first one started, a second one sees, as after a restart of the control plane. */
  open(): Promise<Spawner>;
  /** A spec with a new id, generation 1 and a workspace of its own. */
  spec(behaviour: Behaviour): EnvironmentSpec;
  /** Long enough for anything here to come true. */
  patienceMs: number;
  close(): Promise<void>;
}

export function describeSpawner(name: string, make: () => Promise<SpawnerHarness>): void {
  describe(`spawner: ${name}`, () => {
    let harness: SpawnerHarness;
    let spawner: Spawner;

    beforeAll(async () => {
      harness = await make();
      spawner = await harness.open();
    });
    afterAll(async () => {
      await spawner.close();
      await harness.close();
    });

    /** Waits by watching, never by sleeping: so every test of a change is a test of `watch` too. */
    async function until(
      id: EnvironmentId,
      what: string,
      condition: (snapshot: Snapshot) => boolean,
      on = spawner,
    ): Promise<Snapshot> {
      const changes = on.watch(AbortSignal.timeout(harness.patienceMs));
      const first = await on.poll(id);
      if (condition(first)) return first;
      for await (const change of changes) {
        if (change.kind === 'changed' && change.snapshot.id === id && condition(change.snapshot))
          return change.snapshot;
      }
      throw new Error(`${id} never was ${what}; it is ${JSON.stringify(await on.poll(id))}`);
    }
    const is = (id: EnvironmentId, state: Snapshot['observed']['state'], on = spawner) =>
      until(id, state, ({ observed }) => observed.state === state, on);

    async function run(behaviour: Behaviour, changes: Partial<EnvironmentSpec> = {}): Promise<EnvironmentSpec> {
      const spec = { ...harness.spec(behaviour), ...changes };
      await spawner.start(spec);
      return spec;
    }
    const remove = (spec: EnvironmentSpec) => spawner.remove(spec.id, { keepHome: false });

    async function failure(id: EnvironmentId) {
      const { observed } = await is(id, 'exited');
      if (observed.state !== 'exited') throw new Error('not exited');
      return observed.failure;
    }

    describe('start', () => {
      it('brings an environment up, tells its steps in order and where it listens', async () => {
        const spec = await run('serves');
        const { observed, endpoint } = await is(spec.id, 'running');
        expect(observed).toMatchObject({ state: 'running', generation: 1 });
        const steps = observed.state === 'running' ? observed.steps : [];
        expect(steps.map(({ step }) => step).slice(-2)).toEqual(['started', 'ready']);
        expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort((a, b) => a - b));
        expect(endpoint).not.toBeNull();
        await remove(spec);
      });

      it('is recorded when it returns', async () => {
        const spec = await run('serves');
        expect((await spawner.poll(spec.id)).observed.state).not.toBe('absent');
        expect((await spawner.list()).filter(({ id }) => id === spec.id)).toHaveLength(1);
        await remove(spec);
      });

      it('happens once per generation, however often it is asked for', async () => {
        const spec = harness.spec('prints');
        await Promise.all([spawner.start(spec), spawner.start(spec), spawner.start(spec)]);
        const before = await is(spec.id, 'running');
        await spawner.start(spec);
        expect(await spawner.poll(spec.id)).toEqual(before);
        await remove(spec);
      });

      it('does not bring back a generation that has ended', async () => {
        const spec = await run('exits-at-once');
        const before = await is(spec.id, 'exited');
        await spawner.start(spec);
        expect(await spawner.poll(spec.id)).toEqual(before);
        await remove(spec);
      });

      it('refuses an older generation, and a newer one while the last still runs', async () => {
        const spec = await run('serves', { generation: 2 });
        const refused = (generation: number) => spawner.start({ ...spec, generation }).catch((error: unknown) => error);
        for (const generation of [1, 3]) {
          const error = await refused(generation);
          expect(isAppError(error) && error.code).toBe('conflict');
          expect(isAppError(error) && error.retryable).toBe(generation === 3);
        }
        expect((await is(spec.id, 'running')).observed).toMatchObject({ generation: 2 });
        await remove(spec);
      });

      it('takes the next generation after a stop and keeps the logs of both apart', async () => {
        const spec = await run('prints');
        await is(spec.id, 'running');
        await spawner.stop(spec.id, { graceSeconds: 5 });
        await is(spec.id, 'exited');
        await spawner.start({ ...harness.spec('serves'), id: spec.id, ownerId: spec.ownerId, generation: 2 });
        expect((await is(spec.id, 'running')).observed).toMatchObject({ generation: 2 });
        expect((await spawner.logs(spec.id, { from: 0, maxBytes: 1e6, generation: 1 })).text).toBe(OUTPUT);
        expect(await spawner.logs(spec.id, { from: 0, maxBytes: 1e6 })).toMatchObject({ generation: 2, text: '' });
        await remove(spec);
      });

      it('refuses a spec without a command with invalid_argument', async () => {
        const spec = harness.spec('serves');
        const error = await spawner
          .start({ ...spec, run: { ...spec.run, argv: [] } })
          .catch((caught: unknown) => caught);
        expect(isAppError(error) && error.code).toBe('invalid_argument');
        expect((await spawner.poll(spec.id)).observed.state).toBe('absent');
      });

      it('starts several at once', async () => {
        const specs = await Promise.all(Array.from({ length: 4 }, () => run('serves')));
        await Promise.all(specs.map(({ id }) => is(id, 'running')));
        await Promise.all(specs.map(remove));
      });
    });

    describe('variables and files', () => {
      const SHOWN = 'canary-in-a-variable';
      const KEPT = 'canary-in-a-file';
      const files = (text: string) => [{ path: '.shown/file', content: Buffer.from(text) }];
      async function shown(spec: EnvironmentSpec): Promise<string> {
        for (const deadline = performance.now() + harness.patienceMs; performance.now() < deadline; ) {
          const { text } = await spawner.logs(spec.id, { from: 0, maxBytes: 1000 });
          if (text.split('\n').length === 3) return text;
          await new Promise((resolve) => setImmediate(resolve));
        }
        throw new Error('It has shown nothing.');
      }

      it('are given to an environment, and told by nothing that the spawner says of it', async () => {
        const spec = await run('shows', { env: { SHOWN }, files: files(KEPT) });
        expect(await shown(spec)).toBe(`${SHOWN}\n${KEPT}\n`);
        await is(spec.id, 'running');
        expect(JSON.stringify([await spawner.poll(spec.id), await spawner.list()])).not.toContain('canary');
        await remove(spec);
      });

      it('are those of the last start: changed ones are new, and those that are not kept any more are gone', async () => {
        const first = await run('shows', { env: { SHOWN }, files: files(KEPT) });
        await is(first.id, 'running');
        const next = async (generation: number, changes: Partial<EnvironmentSpec>) => {
          await spawner.stop(first.id, { graceSeconds: 5 });
          await is(first.id, 'exited');
          const spec = { ...first, generation, env: {}, files: [], ...changes };
          await spawner.start(spec);
          return shown(spec);
        };
        expect(await next(2, { files: files('another one') })).toBe('-\nanother one\n');
        expect(await next(3, { env: { SHOWN: 'new' } })).toBe('new\n-\n');
        await remove(first);
      });
    });

    describe('failures are told apart', () => {
      const cases: [Behaviour, FailureReason, Record<string, unknown>][] = [
        ['not-installed', 'command_not_found', {}],
        ['exits-at-once', 'exited_early', { exitCode: 3, step: 'started' }],
        ['crashes', 'crashed', { exitCode: 4, step: 'ready', retryHelps: true }],
        ['killed', 'killed_by_signal', { signal: 'SIGKILL', step: 'ready', retryHelps: true }],
      ];
      for (const [behaviour, reason, facts] of cases) {
        it(`${behaviour} is ${reason}`, async () => {
          const spec = await run(behaviour);
          const seen = await failure(spec.id);
          expect(seen).toMatchObject({ reason, ...facts });
          expect(seen?.message).toMatch(/\S.*\.$/);
          expect((await spawner.poll(spec.id)).endpoint).toBeNull();
          await remove(spec);
        });
      }

      it('never-listens is not_ready_in_time, after its time and not before', async () => {
        const started = performance.now();
        const spec = await run('never-listens', { readyTimeoutMs: 400 });
        expect(await failure(spec.id)).toMatchObject({ reason: 'not_ready_in_time', step: 'ready' });
        expect(performance.now() - started).toBeGreaterThan(390);
        await remove(spec);
      });
    });

    describe('stop', () => {
      it('ends it in good order: no failure, no endpoint', async () => {
        const spec = await run('serves');
        await is(spec.id, 'running');
        await spawner.stop(spec.id, { graceSeconds: 10 });
        expect(await failure(spec.id)).toBeNull();
        await remove(spec);
      });

      it('kills what does not want to end, after the grace and not before', async () => {
        const spec = await run('ignores-term');
        await is(spec.id, 'running');
        const started = performance.now();
        await spawner.stop(spec.id, { graceSeconds: 0.4 });
        expect((await is(spec.id, 'stopping')).endpoint).toBeNull();
        expect(await failure(spec.id)).toBeNull();
        expect(performance.now() - started).toBeGreaterThan(390);
        await remove(spec);
      });

      it('cancels a start', async () => {
        const spec = await run('never-listens', { readyTimeoutMs: 60_000 });
        await spawner.stop(spec.id, { graceSeconds: 5 });
        expect(await failure(spec.id)).toBeNull();
        await remove(spec);
      });

      it('may be repeated, and knows nothing of unknown ids', async () => {
        const spec = await run('serves');
        await spawner.stop(spec.id, { graceSeconds: 5 });
        await spawner.stop(spec.id, { graceSeconds: 5 });
        await is(spec.id, 'exited');
        await spawner.stop(spec.id, { graceSeconds: 5 });
        await spawner.stop(newEnvironmentId(), { graceSeconds: 0 });
        await remove(spec);
      });
    });

    describe('remove', () => {
      it('leaves nothing of a running environment, and says so', async () => {
        const spec = await run('prints');
        await is(spec.id, 'running');
        const gone = is(spec.id, 'absent');
        await remove(spec);
        await gone;
        expect(await spawner.poll(spec.id)).toEqual({
          id: spec.id,
          observed: { state: 'absent' },
          endpoint: null,
          sync: null,
        });
        expect((await spawner.list()).map(({ id }) => id)).not.toContain(spec.id);
        expect((await spawner.logs(spec.id, { from: 0, maxBytes: 1000 })).end).toBe(0);
        await remove(spec);
      });

      it('makes room for the same id from its first generation on', async () => {
        const spec = await run('serves', { generation: 7 });
        await remove(spec);
        await spawner.start({ ...spec, generation: 1 });
        expect((await is(spec.id, 'running')).observed).toMatchObject({ generation: 1 });
        await remove(spec);
      });
    });

    describe('logs', () => {
      it('reads the same text whole, in pieces and from the end', async () => {
        const spec = await run('prints');
        await is(spec.id, 'running');
        const size = Buffer.byteLength(OUTPUT);
        await until(spec.id, 'printed', () => true);
        let whole = await spawner.logs(spec.id, { from: 0, maxBytes: 1e6 });
        for (
          const deadline = performance.now() + harness.patienceMs;
          whole.end < size && performance.now() < deadline;
        ) {
          whole = await spawner.logs(spec.id, { from: 0, maxBytes: 1e6 });
        }
        expect(whole).toEqual({ from: 0, to: size, text: OUTPUT, end: size, start: 0, generation: 1 });

        let text = '';
        for (let from = 0; from < size; ) {
          const chunk = await spawner.logs(spec.id, { from, maxBytes: 1021 });
          expect(chunk.from).toBe(from);
          expect(chunk.to).toBeGreaterThan(from);
          expect(chunk.to - chunk.from).toBeLessThanOrEqual(1021);
          expect(Buffer.byteLength(chunk.text)).toBe(chunk.to - chunk.from);
          text += chunk.text;
          from = chunk.to;
        }
        expect(text).toBe(OUTPUT);

        for (const back of [5, 6, 7, 8, 100]) {
          const tail = await spawner.logs(spec.id, { from: -back, maxBytes: 1e6 });
          expect(OUTPUT.endsWith(tail.text)).toBe(true);
          expect(tail.to).toBe(size);
          expect(tail.from).toBeGreaterThanOrEqual(size - back);
        }
        expect(await spawner.logs(spec.id, { from: size + 50, maxBytes: 100 })).toMatchObject({
          from: size,
          to: size,
          text: '',
        });

        await spawner.stop(spec.id, { graceSeconds: 5 });
        await is(spec.id, 'exited');
        expect((await spawner.logs(spec.id, { from: 0, maxBytes: 1e6 })).text).toBe(OUTPUT);
        await remove(spec);
      });

      it('knows nothing of unknown ids', async () => {
        expect(await spawner.logs(newEnvironmentId(), { from: 0, maxBytes: 100 })).toMatchObject({ text: '', end: 0 });
      });
    });

    describe('watch', () => {
      it('tells every watcher, tells where the log ends, and ends with its signal', async () => {
        const control = new AbortController();
        const spec = harness.spec('prints');
        const collect = async () => {
          const seen: string[] = [];
          for await (const change of spawner.watch(control.signal)) {
            if (change.kind === 'log') {
              if (change.id === spec.id) seen.push(`log ${change.end}`);
            } else if (change.snapshot.id === spec.id) seen.push(change.snapshot.observed.state);
            if (seen.includes('running') && seen.includes(`log ${Buffer.byteLength(OUTPUT)}`)) return seen;
          }
          return seen;
        };
        const both = [collect(), collect()];
        const idle = (async () => {
          for await (const _ of spawner.watch(control.signal));
          return 'ended';
        })();
        await spawner.start(spec);
        for (const seen of await Promise.all(both)) {
          expect(seen.indexOf('starting')).toBeGreaterThanOrEqual(0);
          expect(seen.indexOf('running')).toBeGreaterThan(seen.indexOf('starting'));
        }
        control.abort();
        expect(await idle).toBe('ended');
        await remove(spec);
      });
    });

    describe('recovery', () => {
      it('a second spawner finds what the first started, watches it and ends it', async () => {
        const running = await run('serves');
        const ended = await run('exits-at-once');
        const before = [await is(running.id, 'running'), await is(ended.id, 'exited')];
        const second = await harness.open();
        const ids = [running.id, ended.id];
        expect(
          (await second.list())
            .filter(({ id }) => ids.includes(id))
            .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
        ).toEqual(before);
        await second.start(running);
        await second.stop(running.id, { graceSeconds: 5 });
        await is(running.id, 'exited', second);
        await is(running.id, 'exited');
        await second.close();
        await Promise.all([remove(running), remove(ended)]);
      });
    });

    describe('what it says of itself', () => {
      it('knows what can run here', async () => {
        expect(await spawner.check(harness.spec('serves').run)).toEqual({ available: true });
        expect(await spawner.check(harness.spec('not-installed').run)).toMatchObject({
          available: false,
          reason: expect.stringMatching(/\S/),
        });
      });

      it('has a capacity and declares its capabilities', async () => {
        const { cpuMillicores, memoryMiB, gpus } = await spawner.capacity();
        expect(cpuMillicores).toBeGreaterThan(0);
        expect(memoryMiB).toBeGreaterThan(0);
        expect(gpus).toBeGreaterThanOrEqual(0);
        expect(Object.values(spawner.capabilities).every((value) => typeof value === 'boolean')).toBe(true);
        expect(['stop', 'leave']).toContain(spawner.onShutdown);
      });
    });
  });
}
