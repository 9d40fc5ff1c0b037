/**
 * Opens the place of the database's log: its bucket by a client of its own, so that no upload of a person stands in front of it and
 * nothing is repeated behind the protocol's back. Called by the server and by every `db` command. Writes nothing but the bucket
 * of a log on this machine; whether a log may begin there is for the caller to decide.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogBucket } from '../../../prisma-free-db/replication/bucket.ts';
import { type Clock, systemClock } from '../../../prisma-free-db/replication/clock.ts';
import type { EncryptionKey } from '../../../prisma-free-db/replication/codec.ts';
import { type LogKeys, logKeys } from '../../../prisma-free-db/replication/names.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { LinkStore } from '../../ports/identity/identity.ts';
import type { Logger, Provider, ProviderContext } from '../../ports/provider.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { loadProvider } from '../../providers/registry.ts';
import { type Config, type Env, readProviderConfig } from '../config.ts';
import { encryptionKeys } from './encryption-keys.ts';
import { logBucket } from './log-bucket.ts';
import { type LogPlace, ON_THIS_MACHINE } from './settings.ts';

/** One attempt a call: what a failure means is decided above. */
const ONE_ATTEMPT = { attempts: 1, attemptMs: 10_000, stallMs: 10_000 };

export interface DatabaseLog {
  readonly bucket: LogBucket;
  readonly keys: LogKeys;
  /** What objects are read with; the first is what they are written with. Empty: not encrypted. */
  readonly ring: readonly EncryptionKey[];
  readonly place: LogPlace;
  /** The place in words, for people. */
  readonly placeInWords: string;
  /** It lies in this data folder: whoever holds the folder's lock may seal at once, and may begin a database where there is none. */
  readonly own: boolean;
  /** For looking at the bucket's settings; has the same lifetime. */
  readonly storage: StorageProvider;
  close(): Promise<void>;
}

export interface OpenLogOptions {
  readonly env: Env;
  readonly log: Logger;
  readonly now: () => number;
  readonly clock?: Clock;
  /** Another place than the configured one. */
  readonly place?: LogPlace;
}

/** The caller closes it. @throws AppError when the provider cannot be opened; ConfigError for its variables */
export async function openLogBucket(
  config: Pick<Config, 'dataDir' | 'database'>,
  { env, log, now, clock = systemClock, place = config.database.place }: OpenLogOptions,
): Promise<DatabaseLog> {
  const ownFolder = join(config.dataDir, 'db');
  const folder = place.folder ?? ownFolder;
  const provider = await loadProvider(place.provider);
  const { storage, close } = await openStorage(provider, { env, log, now, dataDir: folder });
  try {
    if (place.provider === ON_THIS_MACHINE) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await storage.createBucket(place.bucket, { labels: LABELS }).catch(unlessThere);
    }
    return {
      bucket: logBucket(storage.bucket(place.bucket), { clock }),
      keys: logKeys(place.prefix),
      ring: encryptionKeys(config.database.secrets),
      place,
      placeInWords: inWords(place, folder),
      own: place.provider === ON_THIS_MACHINE && folder === ownFolder,
      storage,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A folder that was copied without what lies beside it has no labels any more; its log is as good. */
function unlessThere(error: unknown): void {
  if (!isAppError(error) || error.code !== 'already_exists') throw error;
}

/** What marks a bucket as made for a database. */
export const LABELS: Readonly<Record<string, string>> = { 'managed-by': 'cmbcluster', holds: 'database' };

export function inWords({ provider, bucket, prefix }: LogPlace, folder: string): string {
  return provider === ON_THIS_MACHINE
    ? `${join(folder, 'buckets', bucket, prefix)} on this machine`
    : `the bucket “${bucket}” of ${provider}, below ${prefix}/`;
}

async function openStorage(
  provider: Provider,
  { env, ...given }: { env: Env; log: Logger; now: () => number; dataDir: string },
): Promise<{ storage: StorageProvider; close: () => Promise<void> }> {
  const settings = readProviderConfig(provider, env);
  const context = { ...given, storagePolicy: ONE_ATTEMPT };
  if (provider.openStorage) {
    const storage = await provider.openStorage(settings, context);
    return { storage, close: () => storage.close() };
  }
  // Providers of storage alone: their opening starts nothing.
  const rest: Omit<ProviderContext, keyof typeof context> = {
    programsDir: '',
    nodePath: process.execPath,
    links: NO_LINKS,
  };
  const { storage, close } = await provider.open(settings, { ...context, ...rest });
  if (storage) return { storage, close };
  await close();
  throw new AppError(
    'failed_precondition',
    `The provider ${provider.name} has no storage. Set DATABASE_STORAGE to one that has.`,
  );
}

const NO_LINKS: LinkStore = {
  add: () => Promise.reject(new AppError('failed_precondition', 'A database makes no links.')),
  take: () => Promise.reject(new AppError('failed_precondition', 'A database takes no links.')),
};
