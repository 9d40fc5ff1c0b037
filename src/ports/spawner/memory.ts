/**
 * Environments that exist as states only: for tests of everything above the spawner, and the smallest thing that passes the
 * conformance suite. The command says how the pretended application behaves; any other command simply serves.
 *
 * `never-listens` · `exits-at-once <code>` · `not-installed` · `ignores-term` · `crashes <code> <after ms>` · `killed <after ms>` ·
 * `prints <text>` · `shows`: the variable SHOWN and the file ~/.shown/file
 */

import type { Failure, FailureReason, Observed } from '../../domain/environment.ts';
import { AppError } from '../../domain/errors.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import { createChanges } from './changes.ts';
import type { EnvironmentSpec, LogChunk, Snapshot, Spawner } from './spawner.ts';

interface Run {
  spec: EnvironmentSpec;
  observed: Exclude<Observed, { state: 'absent' }>;
  timers: Set<NodeJS.Timeout>;
}

/** What survives the spawner, as processes survive the server: give it to a second spawner to play a restart. */
export interface MemoryWorld {
  runs: Map<EnvironmentId, Run>;
  /** Output by id and generation. */
  logs: Map<EnvironmentId, Map<number, Buffer>>;
  listeners: Set<(id: EnvironmentId, kind: 'changed' | 'log') => void>;
}

export function createMemoryWorld(): MemoryWorld {
  return { runs: new Map(), logs: new Map(), listeners: new Set() };
}

function after(run: Run, ms: number, task: () => void): void {
  const timer = setTimeout(() => {
    run.timers.delete(timer);
    task();
  }, ms);
  timer.unref();
  run.timers.add(timer);
}

export function createMemorySpawner({
  now = Date.now,
  world = createMemoryWorld(),
}: {
  now?: () => number;
  world?: MemoryWorld;
} = {}): Spawner {
  const changes = createChanges();
  const { runs, logs, listeners } = world;

  const snapshot = (id: EnvironmentId): Snapshot => {
    const run = runs.get(id);
    if (!run) return { id, observed: { state: 'absent' }, endpoint: null, sync: null };
    const header = run.spec.run.secretHeader;
    const endpoint = { kind: 'unix' as const, path: `/memory/${id}`, header };
    return { id, observed: run.observed, endpoint: run.observed.state === 'running' ? endpoint : null, sync: null };
  };
  const listener = (id: EnvironmentId, kind: 'changed' | 'log') => {
    if (kind === 'changed') changes.emit({ kind, snapshot: snapshot(id) });
    else changes.emit({ kind, id, end: outputOf(id)?.length ?? 0 });
  };
  listeners.add(listener);

  function outputOf(id: EnvironmentId, generation = runs.get(id)?.spec.generation ?? 0): Buffer | undefined {
    return logs.get(id)?.get(generation);
  }

  function tell(id: EnvironmentId, kind: 'changed' | 'log'): void {
    for (const each of listeners) each(id, kind);
  }

  function become(run: Run, observed: Run['observed']): void {
    run.observed = observed;
    if (observed.state === 'exited') for (const timer of run.timers) clearTimeout(timer);
    tell(run.spec.id, 'changed');
  }

  function fail(run: Run, reason: FailureReason, facts: Partial<Failure> = {}): void {
    const { observed, spec } = run;
    if (observed.state === 'exited') return;
    const wasReady = observed.state === 'running';
    const failure: Failure = {
      reason,
      message: `The pretended application ended: ${reason}.`,
      step: wasReady || reason === 'not_ready_in_time' ? 'ready' : 'started',
      exitCode: null,
      signal: null,
      retryHelps: wasReady,
      at: now(),
      ...facts,
    };
    const steps = 'steps' in observed ? observed.steps : [];
    become(run, { state: 'exited', generation: spec.generation, steps, failure });
  }

  function print(id: EnvironmentId, generation: number, text: string): void {
    const byGeneration = logs.get(id) ?? new Map<number, Buffer>();
    byGeneration.set(generation, Buffer.concat([byGeneration.get(generation) ?? Buffer.alloc(0), Buffer.from(text)]));
    logs.set(id, byGeneration);
    tell(id, 'log');
  }

  /** The pretended application after its start. */
  function play(run: Run, [word = '', ...args]: string[]): void {
    const { generation, id } = run.spec;
    if (word === 'not-installed') {
      fail(run, 'command_not_found');
      return;
    }
    const steps = [{ step: 'started' as const, at: now() }];
    become(run, { state: 'starting', generation, steps });
    if (word === 'exits-at-once') {
      fail(run, 'exited_early', { exitCode: Number(args[0]) });
      return;
    }
    if (word === 'never-listens') {
      after(run, run.spec.readyTimeoutMs, () => fail(run, 'not_ready_in_time'));
      return;
    }
    if (word === 'prints') print(id, generation, args.join(' '));
    if (word === 'shows') {
      const { env, files } = run.spec;
      const file = files.find(({ path }) => path === '.shown/file');
      print(id, generation, `${env.SHOWN ?? '-'}\n${file ? Buffer.from(file.content).toString() : '-'}\n`);
    }
    become(run, { state: 'running', generation, steps: [...steps, { step: 'ready', at: now() }] });
    if (word === 'crashes') after(run, Number(args[1]), () => fail(run, 'crashed', { exitCode: Number(args[0]) }));
    if (word === 'killed') after(run, Number(args[0]), () => fail(run, 'killed_by_signal', { signal: 'SIGKILL' }));
  }

  function end(run: Run): void {
    if (run.observed.state === 'exited') return;
    become(run, { state: 'exited', generation: run.spec.generation, steps: [], failure: null });
  }

  return {
    capabilities: { enforcesLimits: false, isolatesUsers: true, metrics: false, events: false, gpus: false },
    onShutdown: 'leave',
    async check({ argv }) {
      return argv?.[0] === 'not-installed' ? { available: false, reason: 'It is not installed.' } : { available: true };
    },
    async start(spec) {
      const before = runs.get(spec.id);
      if (before?.spec.generation === spec.generation) return;
      if (before && before.spec.generation > spec.generation)
        throw new AppError('conflict', 'A newer start of this environment exists.');
      if (before && before.observed.state !== 'exited') {
        throw new AppError('conflict', 'Its last run has not ended yet.', { retryable: true });
      }
      if (!spec.run.argv?.length) throw new AppError('invalid_argument', 'There is no command to run.');
      const run: Run = {
        spec: structuredClone(spec),
        observed: { state: 'starting', generation: spec.generation, steps: [] },
        timers: new Set(),
      };
      runs.set(spec.id, run);
      tell(spec.id, 'changed');
      after(run, 0, () => play(run, run.spec.run.argv ?? []));
    },
    async stop(id, { graceSeconds }) {
      const run = runs.get(id);
      if (!run || run.observed.state === 'exited' || run.observed.state === 'stopping') return;
      const stubborn = run.spec.run.argv?.[0] === 'ignores-term';
      for (const timer of run.timers) clearTimeout(timer);
      become(run, { state: 'stopping', generation: run.spec.generation });
      after(run, stubborn ? graceSeconds * 1000 : 0, () => end(run));
    },
    async remove(id) {
      const run = runs.get(id);
      for (const timer of run?.timers ?? []) clearTimeout(timer);
      logs.delete(id);
      if (runs.delete(id)) tell(id, 'changed');
    },
    poll: async (id) => snapshot(id),
    list: async () => [...runs.keys()].map(snapshot),
    watch: (signal) => changes.watch(signal),
    async logs(id, { from, maxBytes, generation }) {
      const wanted = generation ?? runs.get(id)?.spec.generation ?? 0;
      return cut(outputOf(id, wanted) ?? Buffer.alloc(0), { from, maxBytes, generation: wanted });
    },
    capacity: async () => ({ cpuMillicores: 4_000, memoryMiB: 8_192, gpus: 0 }),
    async close() {
      listeners.delete(listener);
      changes.close();
    },
  };
}

/** At most maxBytes from the offset on, both ends moved to the borders of characters. */
function cut(
  output: Buffer,
  { from, maxBytes, generation }: { from: number; maxBytes: number; generation: number },
): LogChunk {
  const isInside = (offset: number) => offset < output.length && ((output[offset] ?? 0) & 0xc0) === 0x80;
  let begin = Math.min(Math.max(from < 0 ? output.length + from : from, 0), output.length);
  while (isInside(begin)) begin += 1;
  let to = Math.min(begin + Math.max(maxBytes, 4), output.length);
  while (isInside(to)) to -= 1;
  return { from: begin, to, text: output.toString('utf8', begin, to), end: output.length, start: 0, generation };
}
