/**
 * The life of a database with SQLite itself, from its first seal to a handover and beyond, for the fault matrix: genesis, appends,
 * a BASE, a takeover while the old leader still writes, a DIFF with its collection, a release. One fault strikes in one phase; whatever that does to
 * a leader, another one goes on, as a supervisor would have it. What was acknowledged is compared with what anybody restores.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { Fenced, NotLeader, OutcomeUnknown, Unavailable } from './errors.ts';
import type { Fault, FaultName, MemoryBucket, Operation } from './memory-bucket.ts';
import { eventually, found, TestDatabase } from './test-leader.ts';
import { keys } from './test-log.ts';

export type Phase = 'genesis' | 'append' | 'snapshot' | 'takeover' | 'collection' | 'release';
export const PHASES: readonly Phase[] = ['genesis', 'append', 'snapshot', 'takeover', 'collection', 'release'];

/** `rival`: somebody else seals, writes and collects before the request arrives. `slow`: it takes ten seconds. */
export type Mishap = FaultName | 'rival' | 'slow';

export interface Stroke {
  readonly phase: Phase;
  readonly on: Operation;
  readonly mishap: Mishap;
  /** Strikes behind a PUT whose answer was lost, where a leader reads what it otherwise never does. */
  readonly behindUnanswered?: boolean;
}

const SCHEMA = 'create table if not exists t(id integer primary key, body blob)';
const TTL_MS = 6_000;
const SLOW_MS = 10_000;
/** Longer sleeps pass only by hand. */
const SHORT_MS = 500;
const STARTS = 20;

/** Short sleeps take a turn of the event loop, long ones end when the time is moved on: nothing waits for real. */
class LifeClock implements Clock {
  #now = 1_000;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms <= SHORT_MS) {
      await nextTurn();
      this.advance(ms);
      return signal?.throwIfAborted();
    }
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
  }

  /** In steps, so that others do their work meanwhile. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SHORT_MS) {
      this.advance(SHORT_MS);
      for (let turn = 0; turn < 6; turn += 1) await nextTurn();
    }
  }
}

export class FaultLife {
  readonly acked: number[] = [];
  readonly refused: number[] = [];
  /** Where the restored bytes were not the leader's. */
  readonly differs: string[] = [];
  /** Phases after which they were compared. */
  compared = 0;
  /** How often the mishap happened. */
  struck = 0;
  readonly #bucket: MemoryBucket;
  readonly #clock = new LifeClock();
  readonly #open: TestDatabase[] = [];
  #phase: Phase | null = null;
  #rows = 0;

  constructor(bucket: MemoryBucket, stroke: Stroke) {
    this.#bucket = bucket;
    let unanswered = stroke.behindUnanswered !== true;
    bucket.faults = ({ operation }) => {
      if (this.#phase !== stroke.phase || this.struck > 0) return undefined;
      if (operation === 'putIfAbsent' && !unanswered) {
        unanswered = true;
        return 'answer-lost';
      }
      if (operation !== stroke.on || !unanswered) return undefined;
      this.struck += 1;
      return this.#fault(stroke.mishap);
    };
  }

  async live(): Promise<void> {
    this.#phase = 'genesis';
    let database = await this.#lead();
    await this.#write(database, SCHEMA);
    await this.#next('append', database);
    for (let each = 0; each < 3; each += 1) database = await this.#insert(database);
    await this.#next('snapshot', database);
    database = await this.#snapshot(database);
    database = await this.#insert(database);
    await this.#next('takeover', database);
    const old = database;
    database = await this.#lead();
    database = await this.#insert(database);
    // The one before is alive, and does not know.
    await this.#write(old, this.#row());
    database = await this.#insert(database);
    await this.#next('collection', database);
    database = await this.#snapshot(database);
    database = await this.#insert(database);
    database = await this.#snapshot(database);
    this.#bucket.land();
    await this.#next('release', database);
    const last = this.#write(database, this.#row());
    await database.log.handover().catch(() => undefined);
    await last;
    await this.#next(null, database);
    this.#bucket.land();
  }

  /** @returns what does not hold; empty = all does */
  async faults(): Promise<string[]> {
    const { rows, chain } = await found(this.#bucket);
    const present = new Set(rows('select id from t'));
    const faults = [
      ...this.differs,
      ...this.acked.filter((id) => !present.has(id)).map((id) => `row ${id} was acknowledged and is missing`),
      ...this.refused.filter((id) => present.has(id)).map((id) => `row ${id} was refused and is there`),
    ];
    // The log goes on, and the next leader has the very bytes that anybody restores.
    const next = await this.#lead();
    const id = this.#rows + 1;
    await this.#write(next, this.#row());
    if (!this.acked.includes(id)) faults.push('the log does not go on');
    if (next.log.status().epoch <= chain.epoch) faults.push('the epoch does not grow');
    if (!(await found(this.#bucket)).image.equals(next.image())) faults.push('the restored bytes are not the leader’s');
    return faults;
  }

  async end(): Promise<void> {
    for (const database of this.#open.splice(0)) await database.end();
  }

  /** The phase is over: whoever still leads has the bytes that anybody restores. */
  async #next(phase: Phase | null, database: TestDatabase): Promise<void> {
    const ended = this.#phase;
    this.#phase = null;
    const { chain, image } = await found(this.#bucket);
    const { epoch, durableSeq, undurableAgeMs } = database.log.status();
    // One that ended with a batch under way has a commit that nobody else has.
    const isSettled = database.ends.length === 0 && undurableAgeMs === 0;
    const isCurrent = isSettled && epoch === chain.epoch && durableSeq === chain.seq;
    if (isCurrent && !image.equals(database.image())) this.differs.push(`after ${ended} slot ${durableSeq} differs`);
    this.compared += isCurrent ? 1 : 0;
    this.#phase = phase;
  }

  #fault(mishap: Mishap): Fault {
    if (mishap === 'slow') return { before: () => this.#clock.pass(SLOW_MS) };
    if (mishap !== 'rival') return { name: mishap };
    return {
      before: async () => {
        const rival = await this.#lead();
        await this.#write(rival, SCHEMA);
        await this.#write(rival, this.#row());
        await rival.log.snapshotNow().catch(() => undefined);
      },
    };
  }

  /** As a supervisor does: again and again. */
  async #lead(): Promise<TestDatabase> {
    const pacing = { clock: this.#clock, random: () => 0.5 };
    for (let start = 1; ; start += 1) {
      try {
        const database = await TestDatabase.lead(this.#bucket, { pacing, ttlMs: TTL_MS });
        this.#open.push(database);
        return database;
      } catch (error) {
        if (start === STARTS) throw error;
      }
    }
  }

  #row(): string {
    this.#rows += 1;
    return `insert into t values (${this.#rows}, randomblob(6000))`;
  }

  async #insert(database: TestDatabase): Promise<TestDatabase> {
    const leader = database.ends.length > 0 ? await this.#lead() : database;
    await this.#write(leader, SCHEMA);
    await this.#write(leader, this.#row());
    return leader;
  }

  async #write(database: TestDatabase, sql: string): Promise<void> {
    const id = Number(/values \((\d+),/.exec(sql)?.[1] ?? 0);
    try {
      await database.commit(sql);
      if (!database.log.current) return;
      if (id > 0) this.acked.push(id);
    } catch (error) {
      if (error instanceof OutcomeUnknown) return;
      if (!(error instanceof Fenced || error instanceof Unavailable || error instanceof NotLeader)) {
        // A leader that lacks the table because its genesis was overtaken: the supervisor starts another one.
        if (!String(error).includes('no such table')) throw error;
      }
      if (id > 0) this.refused.push(id);
    }
  }

  async #snapshot(database: TestDatabase): Promise<TestDatabase> {
    await database.log.snapshotNow().catch(() => undefined);
    this.#bucket.land();
    const settled = () => database.ends.length > 0 || database.log.status().slotsSinceSnapshot >= 0;
    await eventually(settled, 'the snapshot is through');
    return database.ends.length > 0 ? this.#lead() : database;
  }
}

/** What lies below the log's prefix: for messages. */
export const contents = (bucket: MemoryBucket): string =>
  bucket
    .keys()
    .map((key) => key.slice(keys.root.length))
    .join(' ');
