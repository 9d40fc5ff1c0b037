/**
 * Begins a database where there is none, on purpose: a start by itself never does that in a named place, which may be mistyped. Makes
 * the bucket when it is missing, proves the store, and writes the first seal, which any server of the deployment goes on from.
 */
import { MemoryPages } from '../../../prisma-free-db/replication/page-sink.ts';
import { probeStore } from '../../../prisma-free-db/replication/probe.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { BucketSetting, SettingState, WantedSettings } from '../../ports/storage/storage.ts';
import { LABELS } from './open-log.ts';
import { type LogTools, releaseLead, restoreInto, takeLead } from './tools.ts';

/** Of a bucket that holds nothing but a log: no page of the app reaches it, nobody's accesses are of interest. */
const SETTINGS: readonly BucketSetting[] = ['private', 'transport', 'encryption', 'versions', 'expiry'];

export const wantedOfLog = (keepVersionsDays: number): WantedSettings => ({
  keepVersionsDays,
  corsOrigins: [],
  logBucket: null,
});

export interface Begun {
  readonly seq: number;
  /** Whether this call made the bucket. */
  readonly bucketMade: boolean;
  /** Of a bucket that was made. */
  readonly settings: readonly SettingState[];
}

/** @throws AppError already_exists when there is a database; UnsafeStore; the store's refusals */
export async function beginLog(tools: LogTools, keepVersionsDays: number): Promise<Begun> {
  const { log, pacing, say, id } = tools;
  const made = await makeBucket(tools, keepVersionsDays);
  say('Looking whether the storage keeps its promises.');
  await probeStore(log.bucket, log.keys, pacing);
  const { chain } = await restoreInto(tools, new MemoryPages());
  if (chain.dbPages > 0)
    throw new AppError('already_exists', `There is a database in ${log.placeInWords} already. Nothing was changed.`);
  // Begun before, and no server has started yet.
  if (chain.seq > 0) return { seq: chain.seq, ...made };
  const owner = `cmbcluster db init ${id()}`;
  await takeLead(tools, chain, { owner });
  await releaseLead(tools, chain, owner);
  return { seq: chain.seq, ...made };
}

async function makeBucket(
  { log: { storage, place }, say }: LogTools,
  keepVersionsDays: number,
): Promise<Pick<Begun, 'bucketMade' | 'settings'>> {
  const known = await storage.getBucketMetadata(place.bucket).catch((error: unknown) => {
    if (isAppError(error) && error.code === 'not_found') return null;
    throw error;
  });
  if (known) return { bucketMade: false, settings: [] };
  say(`Making the bucket ${place.bucket}.`);
  await storage.createBucket(place.bucket, { labels: { ...LABELS } });
  const settings: SettingState[] = [];
  for (const setting of SETTINGS)
    settings.push(await storage.configureBucket(place.bucket, setting, wantedOfLog(keepVersionsDays)));
  return { bucketMade: true, settings };
}
