/** A leader of a database on any bucket, and the change that is measured: four tables, six indexes, about nine pages. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { type ControlDb, openLoggedControlDb } from '../../prisma-free-db/database.ts';
import type { LogBucket } from '../../prisma-free-db/replication/bucket.ts';
import { systemClock } from '../../prisma-free-db/replication/clock.ts';
import { LeaderLog } from '../../prisma-free-db/replication/leader.ts';
import type { Limits } from '../../prisma-free-db/replication/leader-terms.ts';
import { logKeys } from '../../prisma-free-db/replication/names.ts';
import { FilePages } from '../../prisma-free-db/replication/page-sink.ts';
import { restore } from '../../prisma-free-db/replication/restore.ts';
import { takeOver } from '../../prisma-free-db/replication/takeover.ts';
import { readConfig } from '../../src/boot/config.ts';
import { type DatabaseLog, openLogBucket } from '../../src/boot/database/open-log.ts';

const MIGRATIONS = join(import.meta.dirname, '../../prisma-free-db/migrations');
const pacing = { clock: systemClock, random: Math.random };
const keys = logKeys('db');
const at = (): string => new Date().toISOString();

export interface Leading {
  readonly db: ControlDb;
  readonly sqlite: Database.Database;
  readonly log: LeaderLog;
  /** Milliseconds of the restore alone. */
  readonly restoreMs: number;
  end(): Promise<void>;
}

export async function lead(bucket: LogBucket, limits: Partial<Limits> = {}): Promise<Leading> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-durability-'));
  const file = join(folder, 'db');
  const owner = randomBytes(9).toString('hex');
  const sink = await FilePages.create(file);
  const started = performance.now();
  const restored = await restore(bucket, { log: keys, sink, keys: [], maxRawLen: 2 ** 31 }, pacing);
  const restoreMs = performance.now() - started;
  const { chain } = restored;
  const taken = await takeOver(bucket, { keys, chain, owner, nonce: () => owner, at }, pacing);
  if (taken.outcome !== 'sealed') throw new Error('somebody else leads');
  await sink.close();
  const opened: { log?: LeaderLog; sqlite?: Database.Database } = {};
  const attach = (sqlite: Database.Database): LeaderLog => {
    opened.sqlite = sqlite;
    opened.log = LeaderLog.attach({
      ...{
        bucket,
        keys,
        chain,
        sqlite,
        mainFile: file,
        owner,
        url: 'http://localhost',
        ttlMs: 9_000,
        pacing,
        at,
        limits,
      },
      ...{ snapshotAt: restored.outcome === 'restored' ? restored.snapshot : 0, soleWriter: true },
      onEnd: (reason) => process.stderr.write(`the leader ended: ${reason.message}\n`),
      onWant: () => {},
      log: {
        info: () => {},
        warn: (line, facts) => process.stderr.write(`${line} ${JSON.stringify(facts)}\n`),
        error: () => {},
      },
    });
    return opened.log;
  };
  const db = await openLoggedControlDb({ file, migrationsDir: MIGRATIONS, attach });
  const { log, sqlite } = opened;
  if (!log || !sqlite) throw new Error('nothing was attached');
  const end = async () => {
    await db.close();
    rmSync(folder, { recursive: true });
  };
  return { db, sqlite, log, restoreMs, end };
}

/** As the product opens it by default: a bucket of this machine in the data folder. */
export function localLog(folder: string): Promise<DatabaseLog> {
  const env = { CMBCLUSTER_DATA: join(folder, 'data') };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  return openLogBucket(readConfig(env), { env, log, now: Date.now });
}

export const SCHEMA = `create table b_person(id integer primary key, name text, email text, at integer);
  create unique index b_person_email on b_person(email); create index b_person_at on b_person(at);
  create table b_thing(id integer primary key, owner integer, slug text, state text, at integer);
  create index b_thing_owner on b_thing(owner, at); create unique index b_thing_slug on b_thing(slug);
  create table b_event(id integer primary key, thing integer, what text, at integer);
  create index b_event_thing on b_event(thing, at);
  create table b_trail(id integer primary key, actor integer, act text, facts text, at integer);
  create index b_trail_actor on b_trail(actor, at);`;

/** One change of a random thing and its person, told in two histories. Synchronous; the caller wraps it in a transaction. */
export function changer(sqlite: Database.Database): () => void {
  const person = sqlite.prepare('update b_person set at = ? where id = ?');
  const thing = sqlite.prepare('update b_thing set state = ?, at = ? where id = ?');
  const event = sqlite.prepare('insert into b_event(thing, what, at) values (?, ?, ?)');
  const trail = sqlite.prepare('insert into b_trail(actor, act, facts, at) values (?, ?, ?, ?)');
  const count = Number(sqlite.prepare('select count(*) from b_thing').pluck().get());
  let now = 1_800_000_000_000;
  return () => {
    now += 1;
    const id = 1 + Math.floor(Math.random() * count);
    person.run(now, id);
    thing.run(now % 2 ? 'running' : 'stopped', now, id);
    event.run(id, 'state', now);
    trail.run(id, 'environment.changed', JSON.stringify({ thing: id, by: 'person', from: '10.0.0.1' }), now);
  };
}

/** Fills until the database has so many bytes, in changes of a few MB. */
export async function fill(
  bytes: number,
  { sqlite, write }: { sqlite: Database.Database; write: (fn: () => void) => Promise<void> },
): Promise<void> {
  const size = () =>
    Number(sqlite.pragma('page_count', { simple: true })) * Number(sqlite.pragma('page_size', { simple: true }));
  const person = sqlite.prepare('insert into b_person(name, email, at) values (?, ?, ?)');
  const thing = sqlite.prepare('insert into b_thing(owner, slug, state, at) values (?, ?, ?, ?)');
  const event = sqlite.prepare('insert into b_event(thing, what, at) values (?, ?, ?)');
  const trail = sqlite.prepare('insert into b_trail(actor, act, facts, at) values (?, ?, ?, ?)');
  let id = 0;
  while (size() < bytes)
    await write(() => {
      for (let count = 0; count < 2_000; count += 1) {
        id += 1;
        const word = randomBytes(12).toString('hex');
        person.run(`Person ${word}`, `${word}@example.org`, id);
        thing.run(id, `thing-${word}`, 'stopped', id);
        for (let each = 0; each < 3; each += 1) {
          event.run(id, 'state', id);
          trail.run(
            id,
            'environment.changed',
            JSON.stringify({ thing: id, by: word, request: randomBytes(16).toString('hex') }),
            id,
          );
        }
      }
    });
}
