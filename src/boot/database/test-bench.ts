/** A log of this machine in a folder of its own, with tools on it: for the tests of this folder. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { type Clock, systemClock } from '../../../prisma-free-db/replication/clock.ts';
import { LeaderLog } from '../../../prisma-free-db/replication/leader.ts';
import type { LeaderTerms } from '../../../prisma-free-db/replication/leader-terms.ts';
import { FilePages } from '../../../prisma-free-db/replication/page-sink.ts';
import { type Env, readConfig } from '../config.ts';
import { type DatabaseLog, openLogBucket } from './open-log.ts';
import { type LogTools, restoreInto, takeLead } from './tools.ts';

export const MIGRATIONS = new URL('../../../prisma-free-db/migrations', import.meta.url).pathname;
export const LEASE_MS = 1_000;
const quiet = { info() {}, warn() {}, error() {} };

export interface LogBench {
  readonly folder: string;
  readonly env: Env;
  readonly log: DatabaseLog;
  readonly tools: LogTools;
  /** What was said so far. */
  readonly said: readonly string[];
  /** Another log, such as below another prefix; closed with the bench. */
  open(variables: Env): Promise<DatabaseLog>;
  toolsOn(log: DatabaseLog): LogTools;
  close(): Promise<void>;
}

export async function openLogBench(
  variables: Env = {},
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<LogBench> {
  const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-log-'));
  const env = { CMBCLUSTER_DATA: join(folder, 'data'), ...variables };
  const opened: DatabaseLog[] = [];
  const said: string[] = [];
  const open = async (more: Env) => {
    const all = { ...env, ...more };
    const log = await openLogBucket(readConfig(all), { env: all, log: quiet, now: Date.now, clock });
    opened.push(log);
    return log;
  };
  const toolsOn = (log: DatabaseLog): LogTools => ({
    log,
    pacing: { clock, random: Math.random },
    leaseMs: LEASE_MS,
    at: () => new Date().toISOString(),
    id: () => randomBytes(12).toString('hex'),
    say: (line) => said.push(line),
  });
  const log = await open({});
  return {
    folder,
    env,
    log,
    tools: toolsOn(log),
    said,
    open,
    toolsOn,
    async close() {
      for (const each of opened) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Journal {
  entries: { when: number; tag: string }[];
}

/** The folder of migrations as it was when it had so many of them. */
export function migrationsUpTo(count: number, folder: string): string {
  const earlier = join(folder, `migrations-${count}`);
  mkdirSync(join(earlier, 'meta'), { recursive: true });
  const journal: Journal = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8'));
  const entries = journal.entries.slice(0, count);
  writeFileSync(join(earlier, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  for (const { tag } of entries) cpSync(join(MIGRATIONS, `${tag}.sql`), join(earlier, `${tag}.sql`));
  return earlier;
}

/** How many schemas there were so far. */
export const SCHEMAS: number = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')).entries.length;

/** A database of that schema, with rows of its own. The caller closes it. */
export function makeDatabase(file: string, migrations: string = MIGRATIONS, rows = 50): Database.Database {
  const sqlite = new Database(file);
  sqlite.pragma('journal_mode = WAL');
  migrate(drizzle(sqlite), { migrationsFolder: migrations });
  sqlite.exec('create table if not exists kept (id integer primary key, text text)');
  const insert = sqlite.prepare('insert into kept (text) values (?)');
  for (let row = 0; row < rows; row += 1) insert.run(`row ${row} ${randomBytes(100).toString('hex')}`);
  return sqlite;
}

/** Every row of that database. */
export function rowsIn(file: string): unknown[] {
  const sqlite = new Database(file);
  try {
    return sqlite.prepare('select * from kept order by id').all();
  } finally {
    sqlite.close();
  }
}

export interface Lead {
  readonly sqlite: Database.Database;
  readonly leader: LeaderLog;
  /** One more row, stored when this resolves. */
  add(text: string): Promise<void>;
  /** As a stopped server leaves its log. */
  handover(): Promise<void>;
  /** As a killed one does: the lease stands. */
  vanish(): Promise<void>;
}

let leads = 0;

/** Leads that log as a server does. */
export async function lead(
  tools: LogTools,
  folder: string,
  terms: Partial<Pick<LeaderTerms, 'limits' | 'at' | 'ttlMs' | 'retain' | 'onEnd'>> = {},
): Promise<Lead> {
  const { bucket, keys, ring } = tools.log;
  leads += 1;
  const mainFile = join(folder, `lead-${leads}.sqlite`);
  const sink = await FilePages.create(mainFile);
  const elect = async () => {
    const { chain } = await restoreInto(tools, sink);
    await takeLead(tools, chain, { owner: `lead-${leads}` });
    return chain;
  };
  const chain = await elect().finally(() => sink.close());
  const sqlite = new Database(mainFile);
  for (const pragma of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'wal_autocheckpoint = 0'])
    sqlite.pragma(pragma);
  const [encryption] = ring;
  let ticket = 0;
  const leader = LeaderLog.attach({
    ...{ bucket, keys, chain, sqlite, mainFile, owner: `lead-${leads}`, url: 'http://lead' },
    ...{ ttlMs: 6_000, at: tools.at, pacing: tools.pacing, ring, log: quiet },
    ...(encryption && { encryption }),
    ...{ onEnd: () => undefined, onWant: () => undefined },
    ...terms,
  });
  const stored = async (work: () => void) => {
    sqlite.transaction(work)();
    ticket += 1;
    leader.committed(ticket, 'sync');
    await leader.durable(ticket);
  };
  await leader.ready();
  await stored(() => sqlite.exec('create table if not exists kept (id integer primary key, text text)'));
  const end = async () => {
    await leader.close();
    sqlite.close();
  };
  return {
    sqlite,
    leader,
    add: (text) => stored(() => sqlite.prepare('insert into kept (text) values (?)').run(text)),
    async handover() {
      await leader.handover();
      await end();
    },
    vanish: end,
  };
}
