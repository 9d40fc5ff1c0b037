/**
 * One replica of a control plane in miniature, to be killed: waits for its order, follows the log, takes over, opens the product's own
 * database on it, and lets several clients write, remove, read and cause effects through the gate. Whatever a client was told stands
 * in the journal, one line each, written in the moment it was told. What prove/durability-rounds.ts runs.
 */
import { openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SQL, sql } from 'drizzle-orm';
import { type ControlDb, DatabaseError, openLoggedControlDb } from '../prisma-free-db/database.ts';
import type { Durability } from '../prisma-free-db/durability.ts';
import { systemClock } from '../prisma-free-db/replication/clock.ts';
import { type CrashPoint, marked } from '../prisma-free-db/replication/crash-points.ts';
import { LeaderLog } from '../prisma-free-db/replication/leader.ts';
import type { LeaderConnection } from '../prisma-free-db/replication/leader-terms.ts';
import { Replica } from '../prisma-free-db/replication/replica.ts';
import { type Env, readConfig } from '../src/boot/config.ts';
import { openLogBucket } from '../src/boot/database/open-log.ts';
import { type Unreliability, unreliable } from './durability-store.ts';

export interface Order extends Unreliability {
  readonly env: Env;
  /** Of this process alone. */
  readonly dir: string;
  readonly journal: string;
  readonly clients: number;
  readonly ttlMs: number;
  /** Dies there, at the so-manieth time. */
  readonly crash: { readonly point: CrashPoint; readonly nth: number } | null;
  /** Now and then something else checkpoints between a commit and its capture. */
  readonly foreignCheckpoints: boolean;
}

const MIGRATIONS = join(import.meta.dirname, '../prisma-free-db/migrations');
/** Small, so that a short life has checkpoints, snapshots and collections. */
const LIMITS = { snapshotSlots: 6, snapshotBytes: 200_000, checkpointPages: 40, drainMs: 5_000 };
const silent = { info() {}, warn() {}, error() {} };

process.on('message', (order) => {
  live(order as Order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(4);
  });
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.send?.('ready');

async function live(order: Order): Promise<void> {
  const { env, dir, ttlMs } = order;
  const journal = openSync(order.journal, 'a');
  const say = (line: string): void => {
    writeSync(journal, `${line}\n`);
  };
  const crashPoint = crasher(order);
  const place = await openLogBucket(readConfig(env), { env, log: silent, now: Date.now });
  const { keys, ring } = place;
  const bucket = marked(unreliable(place.bucket, keys, order), keys, crashPoint);
  const pacing = { clock: systemClock, random: Math.random };
  const at = () => new Date().toISOString();
  const url = `http://127.0.0.1:${process.pid}`;
  const replica = await Replica.open({
    ...{ bucket, keys, dir, url, ttlMs, pacing, at, genesis: true, sealAtOnce: true, encryption: ring },
    ...{ mayLead: () => true, onNote: (note) => say(`note ${note}`) },
  });
  const { file, chain, owner, epoch, restore } = await replica.elected;
  let log: LeaderLog | null = null;
  const attach = (sqlite: LeaderConnection): Durability => {
    log = LeaderLog.attach({
      ...{ bucket, keys, chain, sqlite, mainFile: file, owner, url, ttlMs, pacing, at, crashPoint, ring },
      ...{ limits: LIMITS, snapshotAt: restore.snapshot, log: silent, onWant: () => {} },
      ...(ring[0] && { encryption: ring[0] }),
      ...(Math.random() < 0.3 && { retain: { slots: 10 } }),
      onEnd: (reason) => {
        say(`end ${reason.name}: ${reason.message}`);
        process.exit(3);
      },
    });
    return order.foreignCheckpoints ? disturbed(log, sqlite, file) : log;
  };
  const db = await openLoggedControlDb({ file, migrationsDir: MIGRATIONS, attach });
  const leader = log as LeaderLog | null;
  if (!leader) throw new Error('nothing was attached');
  await leader.ready();
  replica.lead();
  db.write(() => db.drizzle.run(sql`create table if not exists proof (id text primary key, body blob)`));
  await db.gate();
  process.send?.('leads');
  process.on('SIGTERM', () => {
    void leader.handover().then(() => process.exit(0));
  });
  const clients = Array.from({ length: order.clients }, (_, client) =>
    new Client(db, leader, { name: `${epoch}-${process.pid}-${client}`, epoch, say }).work(),
  );
  await Promise.all(clients);
}

/** Dies in the very step, as by a kill from outside. */
function crasher({ crash }: Order): (point: CrashPoint) => void {
  let left = crash?.nth ?? 0;
  return (point) => {
    if (point !== crash?.point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** The one moment that only the witnesses see: the log was empty before the commit, and is again before it is captured. */
function disturbed(log: LeaderLog, sqlite: LeaderConnection, file: string): Durability {
  let empty = false;
  return {
    admit: () => {
      log.admit();
      empty = statSync(`${file}-wal`).size === 0;
    },
    committed: (ticket, level) => {
      if (empty && Math.random() < 0.5) sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      log.committed(ticket, level);
    },
    durable: (ticket) => log.durable(ticket),
    get position() {
      return log.position;
    },
    get current() {
      return log.current;
    },
    close: () => log.close(),
  };
}

interface ClientTerms {
  readonly name: string;
  readonly epoch: number;
  readonly say: (line: string) => void;
}

/** Tells the journal only what it was told by the database. */
class Client {
  readonly #db: ControlDb;
  readonly #log: LeaderLog;
  readonly #terms: ClientTerms;
  readonly #mine: string[] = [];
  #count = 0;

  constructor(db: ControlDb, log: LeaderLog, terms: ClientTerms) {
    this.#db = db;
    this.#log = log;
    this.#terms = terms;
  }

  async work(): Promise<never> {
    for (;;) {
      await this.#one().catch((error: unknown) => {
        if (!(error instanceof DatabaseError)) throw error;
      });
      await delay(Math.random() * 8);
    }
  }

  #one(): Promise<void> {
    const kind = Math.random();
    if (kind < 0.5) return this.#insert(100 + Math.random() * 2_000);
    if (kind < 0.62) return this.#effect();
    if (kind < 0.74) return this.#remove();
    if (kind < 0.84) return this.#read();
    if (kind < 0.9) return this.#relaxed();
    if (kind < 0.95) return this.#rewrite();
    if (kind < 0.97) return this.#insert(100_000);
    void this.#log.snapshotNow().catch(() => undefined);
    return Promise.resolve();
  }

  #run(statement: SQL, durability: 'sync' | 'relaxed' = 'sync'): void {
    this.#db.write(() => this.#db.drizzle.run(statement), { durability });
  }

  #newId(): string {
    this.#count += 1;
    return `${this.#terms.name}-${this.#count}`;
  }

  async #insert(bytes: number): Promise<void> {
    const { say, epoch } = this.#terms;
    const id = this.#newId();
    try {
      this.#run(sql`insert into proof values (${id}, randomblob(${Math.round(bytes)}))`);
    } catch (error) {
      // Refused before anything was touched.
      if (error instanceof DatabaseError) say(`refused ${id}`);
      throw error;
    }
    await this.#db.gate();
    say(`ack ${id} ${epoch}`);
    this.#mine.push(id);
  }

  async #effect(): Promise<void> {
    const { say } = this.#terms;
    const id = this.#newId();
    this.#run(sql`insert into proof values (${id}, 'an order')`);
    await this.#db.effect(() => say(`effect ${id}`));
  }

  async #remove(): Promise<void> {
    const { say } = this.#terms;
    const id = this.#mine.shift();
    if (id === undefined) return;
    say(`going ${id}`);
    this.#run(sql`delete from proof where id = ${id}`);
    await this.#db.gate();
    say(`gone ${id}`);
  }

  /** What anybody else has written, perhaps just now. */
  async #read(): Promise<void> {
    const rows = this.#db.drizzle.all<{ id: string }>(
      sql`select id from proof where id not like 'relaxed-%' order by rowid desc limit 1`,
    );
    await this.#db.gate();
    for (const { id } of rows) this.#terms.say(`seen ${id}`);
  }

  async #relaxed(): Promise<void> {
    this.#run(sql`insert into proof values (${`relaxed-${this.#newId()}`}, 'may be lost')`, 'relaxed');
  }

  /** Most pages change. */
  async #rewrite(): Promise<void> {
    this.#run(sql`update proof set body = randomblob(length(body)) where rowid % 4 > 0`);
    await this.#db.gate();
  }
}
