/**
 * Figures of this process for Prometheus: the process itself, and the log of its database. Each replica tells its own and forwards
 * nothing: they are collected one by one. Closed unless METRICS_TOKEN is set; whoever asks shows it as a bearer token.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ReplicaStatus } from '../../prisma-free-db/replication/replica.ts';
import { sendJson } from '../api/http/reply.ts';
import type { DatabaseLogView } from '../domain/database-log.ts';
import { exempt } from './gated-response.ts';
import { isBearer } from './replica/following.ts';

export const METRICS = '/metrics';

export interface MetricsOptions {
  readonly token: string;
  readonly replica: () => Pick<ReplicaStatus, 'role' | 'epoch' | 'seq' | 'caughtUp'>;
  /** Null while this process does not lead. */
  readonly log: () => DatabaseLogView | null;
}

export type Metrics = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

const ROLES = ['follower', 'candidate', 'leader', 'ended'] as const;
const SECOND_MS = 1_000;

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = registryOf(options);
  return async (req, res) => {
    exempt(res);
    if (!isBearer(req, options.token))
      return sendJson(res, 401, { code: 'unauthenticated', message: 'Show METRICS_TOKEN as a bearer token.' });
    const text = await registry.metrics();
    res.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
    res.end(req.method === 'HEAD' ? undefined : text);
  };
}

function registryOf({ replica, log }: MetricsOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  /** `read` gives nothing while this process has no such figure. */
  const gauge = (name: string, help: string, read: () => number | null | undefined) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        const value = read();
        if (value === null || value === undefined) this.remove();
        else this.set(value);
      },
    });
  const total = (name: string, help: string, read: (log: DatabaseLogView) => number) =>
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        const view = log();
        this.reset();
        if (view) this.inc(read(view));
      },
    });
  const seconds = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : ms / SECOND_MS);

  new Gauge({
    ...{ name: 'db_role', help: 'What this replica is: 1 for its role.', labelNames: ['role'], registers: [registry] },
    collect() {
      const { role } = replica();
      for (const one of ROLES) this.set({ role: one }, one === role ? 1 : 0);
    },
  });
  gauge('db_epoch', 'Leader changes of the log that this replica knows.', () => log()?.epoch ?? replica().epoch);
  gauge('db_durable_seq', 'Last stored slot that this replica knows.', () => log()?.slot ?? replica().seq);
  gauge('db_caught_up', '1 when a follower has all there is.', () => (log() ? null : Number(replica().caughtUp)));
  gauge('db_followers', 'Replicas that forward to this leader.', () => log()?.followers.length);
  gauge('db_undurable_age_seconds', 'Age of the oldest change that is not stored.', () =>
    seconds(log()?.undurableAgeMs),
  );
  gauge('db_pending_bytes', 'Changed pages that wait to be stored.', () => log()?.pendingBytes);
  gauge('db_size_bytes', 'Size of the database.', () => log()?.databaseBytes);
  gauge('db_put_seconds_p50', 'Median of the latest slots, from sending to stored.', () => seconds(log()?.store.p50Ms));
  gauge('db_put_seconds_p99', 'Of 100 latest slots the second slowest.', () => seconds(log()?.store.p99Ms));
  gauge('db_store_failing', '1 while the store does not answer.', () => {
    const view = log();
    return view && Number(view.store.failingSince !== null);
  });
  gauge('db_log_bytes_since_snapshot', 'Log that a restore has to replay.', () => log()?.sinceSnapshot.bytes);
  gauge('db_log_slots_since_snapshot', 'The same in slots.', () => log()?.sinceSnapshot.slots);
  gauge('db_last_snapshot_timestamp_seconds', 'When this leader stored a snapshot.', () =>
    seconds(log()?.snapshot?.at),
  );
  gauge('db_checkpoint_seconds_max', 'Longest checkpoint, during which nothing else runs.', () =>
    seconds(log()?.checkpoint.longestMs),
  );
  gauge('db_restore_seconds', 'The verified restore at the start.', () => seconds(log()?.restore?.ms));
  total('db_batches_total', 'Slots that this leader stored.', (view) => view.batches);
  total('db_commits_total', 'Changes in them.', (view) => view.commits);
  total('db_puts_total', 'Objects that this leader sent.', (view) => view.store.puts);
  total('db_put_retries_total', 'Attempts beyond the first of a slot.', (view) => view.store.retries);
  total('db_gc_deleted_total', 'Objects of the log that were no longer needed.', (view) => view.collected);
  return registry;
}
