/**
 * This process among the servers of its deployment: opens the place of the database's log, follows or is elected, and opens the database
 * when it leads. Called by run-server; how requests are served meanwhile is following.ts.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { type ControlDb, DatabaseError, openLoggedControlDb, refuseNewer } from '../../../prisma-free-db/database.ts';
import { systemClock } from '../../../prisma-free-db/replication/clock.ts';
import { Ambiguous, NoDatabase } from '../../../prisma-free-db/replication/errors.ts';
import { LeaderLog } from '../../../prisma-free-db/replication/leader.ts';
import { type Elected, Replica } from '../../../prisma-free-db/replication/replica.ts';
import type { DatabaseLogView, FollowerSeen } from '../../domain/database-log.ts';
import { AppError } from '../../domain/errors.ts';
import type { Logger } from '../../ports/provider.ts';
import type { Config, Env } from '../config.ts';
import type { DataFolder } from '../data-folder.ts';
import { namingHolder } from '../database/holder.ts';
import { importFormerDatabase } from '../database/import-database.ts';
import { databaseLogView } from '../database/log-view.ts';
import { type DatabaseLog, openLogBucket } from '../database/open-log.ts';
import { ownUrl } from './own-url.ts';

/** Of the twenty seconds that an end may take, what the last changes and the word to a successor may. */
const DRAIN_MS = 4_000;
/** Between two looks whether a store answers again. */
const AGAIN_MS = 1_000;

export interface JoinOptions {
  readonly config: Config;
  readonly env: Env;
  readonly folder: DataFolder;
  readonly migrationsDir: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly port: number;
  /** This process led, and must not go on: nothing it says is worth anything any more. */
  readonly onEnd: (reason: Error) => void;
  /** Another server asks for the lead. */
  readonly onWant: () => void;
}

export interface Membership {
  readonly replica: Replica;
  /** The log lies in this data folder: nobody else can lead, nor take over. */
  readonly alone: boolean;
  /** Opens the database that was won; it may be served from when this resolves. */
  lead(elected: Elected): Promise<Led>;
  close(): Promise<void>;
}

export interface Led {
  readonly db: ControlDb;
  readonly leader: LeaderLog;
  /** @param followers servers that forward to this one */
  view(followers: readonly FollowerSeen[]): DatabaseLogView;
}

/** @throws NoDatabase, UnsafeStore, CorruptLog, WrongKey; AppError and ConfigError of the storage */
export async function join(options: JoinOptions): Promise<Membership> {
  const { config, env, folder, log, now, port } = options;
  const database = await openLogBucket(config, { env, log, now });
  try {
    if (database.own) await bringFormer(options, database);
    const url = config.replicaUrl ?? ownUrl({ host: config.host, port });
    const open = () => openReplica(options, { database, url });
    const replica = await (database.own ? open() : onceAnswered(open, log));
    return {
      replica,
      alone: database.own,
      lead: (elected) => openLed(options, { database, replica, url, elected }),
      async close() {
        await replica.close();
        await database.close();
        await rm(folder.liveDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    const told =
      error instanceof NoDatabase && folder.hadDatabase ? lost(database) : await namingHolder(error, database);
    await database.close();
    throw told;
  }
}

/** A store far away may be away for a while: who starts meanwhile waits for it, and tells everybody to come back. */
async function onceAnswered<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Ambiguous)) throw error;
      if (!told)
        log.warn('the storage of the database does not answer; the server waits for it', { error: error.message });
    }
    await systemClock.sleep(AGAIN_MS);
  }
}

/** Beginning with an empty one would hide the loss, and take the place of what may come back. */
const lost = ({ placeInWords }: DatabaseLog): AppError =>
  new AppError(
    'failed_precondition',
    `The database of this data folder is gone: there is nothing in ${placeInWords}. Bring it back (an unmounted disk, a backup) and start again. To begin with an empty database instead: cmbcluster db init.`,
  );

/** The database of a data folder from before there was a log. */
async function bringFormer({ config, folder, migrationsDir, log, now }: JoinOptions, database: DatabaseLog) {
  const imported = await importFormerDatabase({
    file: folder.databaseFile,
    workDir: folder.liveDir,
    migrationsDir,
    log: database,
    pacing: { clock: systemClock, random: Math.random },
    leaseMs: config.database.leaseMs,
    at: () => new Date(now()).toISOString(),
    id: () => randomBytes(15).toString('base64url'),
    say: (progress) => log.info(progress),
  });
  if (imported)
    log.warn('The database of this data folder is in its log now; the file stays as it was and is not used any more', {
      file: folder.databaseFile,
      bytes: imported.bytes,
    });
}

function openReplica(
  { config, folder, migrationsDir, log, now }: JoinOptions,
  { database, url }: { database: DatabaseLog; url: string },
): Promise<Replica> {
  return Replica.open({
    bucket: database.bucket,
    keys: database.keys,
    dir: folder.liveDir,
    url,
    ttlMs: config.database.leaseMs,
    genesis: database.own && !config.database.placeIsNamed && !folder.hadDatabase,
    sealAtOnce: database.own,
    encryption: database.ring,
    mayLead: (file) => isKnownSchema(file, { migrationsDir, alone: database.own }),
    pacing: { clock: systemClock, random: Math.random },
    at: () => new Date(now()).toISOString(),
    onNote: (note, facts) => log.warn(note, facts),
  });
}

/** A newer version's database is followed, never changed; alone there is nobody to follow. @throws DatabaseError newer_schema */
function isKnownSchema(file: string, { migrationsDir, alone }: { migrationsDir: string; alone: boolean }): boolean {
  try {
    refuseNewer(file, migrationsDir);
    return true;
  } catch (error) {
    if (!alone && error instanceof DatabaseError && error.code === 'newer_schema') return false;
    throw error;
  }
}

async function openLed(
  { config, folder, migrationsDir, log, now, onEnd, onWant }: JoinOptions,
  { database, replica, url, elected }: { database: DatabaseLog; replica: Replica; url: string; elected: Elected },
): Promise<Led> {
  const [encryption] = database.ring;
  const { retentionMs } = config.database;
  let leader: LeaderLog | null = null;
  const db = await openLoggedControlDb({
    file: elected.file,
    migrationsDir,
    onListenerFault: (error) => log.error('a listener failed after a commit', { error: String(error) }),
    attach(sqlite) {
      leader = LeaderLog.attach({
        bucket: database.bucket,
        keys: database.keys,
        chain: elected.chain,
        sqlite,
        mainFile: elected.file,
        owner: replica.owner,
        url,
        ttlMs: config.database.leaseMs,
        soleWriter: database.own,
        ring: database.ring,
        pacing: { clock: systemClock, random: Math.random },
        snapshotAt: elected.restore.snapshot,
        restore: elected.restore,
        at: () => new Date(now()).toISOString(),
        limits: { drainMs: DRAIN_MS },
        onEnd,
        onWant,
        log,
        ...(encryption && { encryption }),
        ...(retentionMs > 0 && { retain: { ms: retentionMs } }),
      });
      return leader;
    },
  });
  if (!leader) throw new Error('the database was opened without its log');
  const attached: LeaderLog = leader;
  try {
    await attached.ready();
    folder.noteDatabase();
  } catch (error) {
    await db.close();
    throw error;
  }
  const { placeInWords: place, ring, own: soleWriter } = database;
  const around = { url, place, encrypted: ring.length > 0, retentionMs, soleWriter };
  return {
    db,
    leader: attached,
    view: (followers) => databaseLogView(attached.status(), { ...around, followers, clockMs: systemClock.now() }),
  };
}
