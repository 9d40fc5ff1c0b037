/**
 * What every `db` command begins with: the configuration read and the log opened, for somebody who waits. Commands that lead a log of
 * this machine hold the data folder meanwhile, as a server does; the others may run beside one.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../prisma-free-db/replication/clock.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import { type Config, ConfigError, type Env, readConfig } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import { createLogger } from '../log.ts';
import { impatientBucket } from './impatient-bucket.ts';
import { type DatabaseLog, openLogBucket } from './open-log.ts';
import { type LogPlace, placeFault } from './settings.ts';
import type { LogTools } from './tools.ts';

export interface LogSession extends LogTools {
  readonly config: Config;
  readonly migrationsDir: string;
  /** For copies; in the data folder. */
  readonly workDir: string;
  /** The log at another place, closed with the session. */
  another(change: Partial<LogPlace>): Promise<DatabaseLog>;
}

export interface SessionOrder {
  readonly env: Env;
  readonly migrationsDir: string;
  readonly say: (progress: string) => void;
  /** Whether the command writes to the log. */
  readonly leads: boolean;
  readonly patienceMs?: number;
}

/** @throws ConfigError; AppError already_exists when a server runs on the data folder that the command needs */
export async function withLog<T>(order: SessionOrder, use: (session: LogSession) => Promise<T>): Promise<T> {
  const { env, migrationsDir, say, leads, patienceMs } = order;
  const config = readConfig(env);
  const opened: DatabaseLog[] = [];
  const open = async (place: LogPlace): Promise<DatabaseLog> => {
    const log = createLogger({ level: config.logLevel, format: config.logFormat });
    const found = await openLogBucket(config, { env, log, now: Date.now, place });
    opened.push(found);
    return { ...found, bucket: impatientBucket(found.bucket, systemClock, patienceMs) };
  };
  let release: () => void = () => {};
  try {
    const log = await open(config.database.place);
    if (leads && log.own) release = holdFolder(config.dataDir);
    return await use({
      ...{ config, log, migrationsDir, say },
      workDir: join(config.dataDir, 'db', 'work'),
      pacing: { clock: systemClock, random: Math.random },
      leaseMs: config.database.leaseMs,
      at: () => new Date().toISOString(),
      id: () => randomBytes(12).toString('base64url'),
      another: (change) => open(checked(placeFrom(config.database.place, change))),
    });
  } finally {
    for (const each of opened) await each.close();
    release();
  }
}

function holdFolder(dataDir: string): () => void {
  try {
    const { release } = openDataFolder(dataDir);
    return release;
  } catch (error) {
    if (!isAppError(error) || error.code !== 'already_exists') throw error;
    throw new AppError('failed_precondition', `A server is running with the data folder ${dataDir}. Stop it first.`, {
      cause: error,
    });
  }
}

/** A folder belongs to its provider. */
function placeFrom(place: LogPlace, change: Partial<LogPlace>): LogPlace {
  const moves = change.provider !== undefined && change.provider !== place.provider;
  return { ...place, ...(moves && { folder: null }), ...change };
}

function checked(place: LogPlace): LogPlace {
  const fault = placeFault(place);
  if (fault) throw new ConfigError([{ variable: `--to-${fault.part}`, message: fault.message }]);
  return place;
}
