/**
 * Decides when environments, storages and jobs on files are looked at: when woken, when a spawner reports a change, when a back-off runs out,
 * and all unsettled ones every half minute. One look at a time per object; errors back off with jitter and never stop the loop.
 * Started by boot on the leader only; never called from a request.
 */
import { toAppError } from '../domain/errors.ts';
import type { EnvironmentId, FileJobId, StorageId } from '../domain/ids.ts';
import type { Spawner } from '../ports/spawner/spawner.ts';
import { record, SYSTEM } from './audit.ts';
import type { Deps } from './deps.ts';
import { freshStart } from './environments/change.ts';
import { reconcileEnvironment } from './environments/reconcile.ts';
import { runFileJob } from './files/run-job.ts';
import { createPace } from './storage/pace.ts';
import { reconcileStorage } from './storage/reconcile.ts';

const RESYNC_MS = 30_000;
const TICK_MS = 1_000;
const BACKOFF_MS = { first: 200, most: 30_000 };

export interface Reconciler {
  start(spawners: readonly { name: string; spawner: Spawner }[]): Promise<void>;
  wake: Deps['wake'];
  /** Stops those whose spawner stops with the control plane, marks them to be brought back, waits for them at most `deadlineMs`. */
  stopEnvironments(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

export function createReconciler(deps: Deps): Reconciler {
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const attempts = new Map<string, number>();
  const timers = new Map<string, NodeJS.Timeout>();
  const stopping = new AbortController();
  const pace = createPace(deps);
  const watches: Promise<void>[] = [];
  let loops: NodeJS.Timeout[] = [];

  const { signal } = stopping;
  const work = (key: string): Promise<unknown> => {
    if (key.startsWith('env-')) return reconcileEnvironment(deps, key as EnvironmentId);
    if (key.startsWith('job-')) return runFileJob(deps, key as FileJobId, signal);
    return reconcileStorage(deps, key as StorageId, { pace, signal });
  };

  function look(key: string): void {
    if (stopping.signal.aborted) return;
    clearTimeout(timers.get(key));
    timers.delete(key);
    if (running.has(key)) {
      again.add(key);
      return;
    }
    const job = work(key)
      .then(
        (result) => {
          attempts.delete(key);
          if (result === 'again') again.add(key);
        },
        (error: unknown) => backOff(key, error),
      )
      .finally(() => {
        running.delete(key);
        // A turn of the event loop between two looks: a spawner that answers at once cannot starve everything else.
        if (again.delete(key)) setImmediate(look, key);
      });
    running.set(key, job);
  }

  function backOff(key: string, error: unknown): void {
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const { code, cause } = toAppError(error);
    deps.log.warn('reconciliation failed, will retry', {
      target: key,
      attempt,
      code,
      error: String(error),
      cause: String(cause ?? ''),
    });
    const delay = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** (attempt - 1)) * (0.5 + Math.random());
    if (!stopping.signal.aborted)
      timers.set(
        key,
        setTimeout(() => look(key), delay),
      );
  }

  async function follow(spawner: Spawner): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for await (const change of spawner.watch(stopping.signal)) {
          if (change.kind === 'changed') look(change.snapshot.id);
          else {
            const owner = deps.environments.find(change.id)?.ownerId;
            if (owner) deps.feed.logMoved(owner, change.id, change.end);
          }
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        deps.log.warn('watch ended, starting it again', { error: String(error) });
      }
      if (!stopping.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  function lookAtUnsettled(): void {
    for (const row of deps.environments.unsettled()) look(row.id);
    for (const row of deps.storages.unsettled()) look(row.id);
    for (const row of deps.fileWork.runningJobs()) look(row.id);
  }

  /** Anything that a spawner runs without a row is nobody's: it goes. What runs against its row, settled or not, is looked at. */
  async function removeOrphans(spawner: Spawner): Promise<void> {
    for (const { id, observed } of await spawner.list()) {
      if (deps.environments.find(id)) {
        if (observed.state !== 'exited') look(id);
        continue;
      }
      deps.log.warn('removing an environment that has no record', { environmentId: id });
      await spawner.remove(id, { keepHome: true });
    }
  }

  /** For timers: a fault of the database (a full disk) is logged and tried again, it never ends the process. */
  const guarded = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      deps.log.error('reconciler could not look', { error: String(error) });
    }
  };

  function stopAtDeadline(): void {
    for (const row of deps.environments.pastDeadline(deps.now())) {
      deps.db.write(() => {
        deps.environments.update(row.id, { desired: 'stopped', phase: 'stopping', phaseAt: deps.now() });
        record(deps, SYSTEM, {
          action: 'environment.deadline',
          ownerId: row.ownerId,
          targetId: row.id,
          targetName: row.name,
        });
        deps.feed.publish(row.ownerId, 'environment', row.id);
      });
      deps.revocations.announce({ environmentId: row.id });
      look(row.id);
    }
  }

  function resume(): void {
    for (const row of deps.environments.toResume()) {
      deps.db.write(() => {
        deps.environments.update(row.id, freshStart(deps, row));
        record(deps, SYSTEM, {
          action: 'environment.resume',
          ownerId: row.ownerId,
          targetId: row.id,
          targetName: row.name,
        });
        deps.feed.publish(row.ownerId, 'environment', row.id);
      });
    }
  }

  return {
    async start(spawners) {
      for (const { spawner } of spawners) {
        await removeOrphans(spawner);
        watches.push(follow(spawner));
      }
      resume();
      lookAtUnsettled();
      loops = [setInterval(guarded(lookAtUnsettled), RESYNC_MS), setInterval(guarded(stopAtDeadline), TICK_MS)];
    },
    wake(target) {
      if ('environmentId' in target) look(target.environmentId);
      else look('storageId' in target ? target.storageId : target.fileJobId);
    },
    async stopEnvironments(deadlineMs) {
      const rows = deps.environments
        .unsettled()
        .filter(
          (row) =>
            row.desired === 'running' && row.phase !== 'failed' && deps.spawnerOf(row.provider).onShutdown === 'stop',
        );
      if (rows.length === 0) return;
      deps.db.write(() => {
        for (const row of rows) {
          deps.environments.update(row.id, {
            desired: 'stopped',
            resume: true,
            phase: 'stopping',
            phaseAt: deps.now(),
          });
          record(deps, SYSTEM, {
            action: 'environment.suspend',
            ownerId: row.ownerId,
            targetId: row.id,
            targetName: row.name,
          });
          deps.feed.publish(row.ownerId, 'environment', row.id);
        }
      });
      for (const row of rows) look(row.id);
      const end = Date.now() + deadlineMs;
      while (Date.now() < end && rows.some((row) => deps.environments.find(row.id)?.phase === 'stopping')) {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async close() {
      stopping.abort();
      for (const timer of [...timers.values(), ...loops]) clearTimeout(timer);
      await Promise.allSettled([...running.values(), ...watches]);
    },
  };
}
