/** Loops that run on the leader only: the reconciler, storage measurement and inspection, and the sweeping out of what has expired. */
import { createLogAlarm } from '../services/admin/log-alarm.ts';
import { abortAbandonedUploads } from '../services/files/uploads.ts';
import { resealSecrets } from '../services/secrets/reseal.ts';
import { measureStorages } from '../services/storage/measure.ts';
import { inspectStorages } from '../services/storage/settings.ts';
import type { Container } from './container.ts';

const MEASURE_MS = 60_000;
const CHECK_MS = 30_000;
const LOG_LOOK_MS = 1_000;
const SWEEP_MS = 10 * 60_000;
/** A change to files can be undone for a day. */
const KEEP_FILE_JOBS_MS = 24 * 3_600_000;
/** Who was invited and did not come is told for a while. */
const KEEP_EXPIRED_INVITATIONS_MS = 30 * 24 * 3_600_000;
const KEEP_LIVE_EVENTS_MS = 24 * 3_600_000;

export interface Background {
  stop(): Promise<void>;
}

export async function startBackground({ deps, reconciler, spawners, storageHealth }: Container): Promise<Background> {
  const stopping = new AbortController();
  let measuring: Promise<void> = Promise.resolve();
  const measure = () => {
    measuring = measuring
      .then(async () => {
        await measureStorages(deps, stopping.signal);
        await inspectStorages(deps, stopping.signal);
        await abortAbandonedUploads(deps, stopping.signal);
      })
      .catch((error: unknown) => deps.log.error('looking after storages failed', { error: String(error) }));
  };
  const sweep = () => {
    deps.db.write(
      () => {
        deps.people.deleteExpiredSessions(deps.now());
        deps.people.deleteExpiredLinks(deps.now());
        deps.invitations.deleteExpired(deps.now() - KEEP_EXPIRED_INVITATIONS_MS);
        deps.environments.deleteExpiredTickets(deps.now());
        deps.fileWork.pruneJobs(deps.now() - KEEP_FILE_JOBS_MS);
        deps.records.pruneLive(deps.now() - KEEP_LIVE_EVENTS_MS);
      },
      { durability: 'relaxed' },
    );
  };
  const guarded = (name: string, work: () => void) => () => {
    try {
      work();
    } catch (error) {
      deps.log.error(`${name} failed`, { error: String(error) });
    }
  };
  let checking: Promise<void> = Promise.resolve();
  const check = () => {
    checking = checking
      .then(() => storageHealth.look(stopping.signal))
      .catch((error: unknown) => deps.log.error('checking the storage failed', { error: String(error) }));
  };
  check();
  await reconciler.start(spawners);
  let resealing: Promise<unknown> = Promise.resolve();
  const reseal = () => {
    resealing = resealSecrets(deps, stopping.signal).catch((error: unknown) =>
      deps.log.error('sealing stored secrets anew failed', { error: String(error) }),
    );
  };
  const timers = [
    setTimeout(reseal, 1_000),
    setTimeout(measure, 2_000),
    setInterval(measure, MEASURE_MS),
    setInterval(check, CHECK_MS),
    setInterval(guarded('sweep', sweep), SWEEP_MS),
    setInterval(guarded('looking at the log', createLogAlarm(deps)), LOG_LOOK_MS),
  ];
  return {
    async stop() {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([measuring, checking, resealing, reconciler.close()]);
    },
  };
}
