/**
 * Leaders that come and go over a bucket that fails at random: commits, snapshots, crashes at named moments, two leaders at once. What
 * they acknowledged must be in every restore, what they called not kept must be in none. Everything follows from one seed.
 */
import { type CrashPoint, marked } from './crash-points.ts';
import { Fenced, Unavailable } from './errors.ts';
import { type Fault, type FaultName, MemoryBucket, type Operation } from './memory-bucket.ts';
import { fastClock, found, TestDatabase } from './test-leader.ts';
import { keys } from './test-log.ts';

const WRITE_FAULTS: readonly FaultName[] = [
  'unavailable',
  'conflict',
  'not-applied',
  'answer-lost',
  'late',
  'twice',
  'exists',
  'own-exists',
];
const FAULTS: Readonly<Record<Operation, readonly FaultName[]>> = {
  putIfAbsent: WRITE_FAULTS,
  putIfMatch: ['unavailable', 'answer-lost', 'late'],
  get: ['unavailable', 'not-applied'],
  list: ['unavailable'],
  delete: ['unavailable', 'answer-lost', 'late'],
};

/** With a hundred pages of filling, so that a DIFF is worth it. */
const SCHEMA = `begin; create table row(id integer primary key); create table filler(id integer primary key, body blob);
  insert into filler(body) with recursive c(i) as (select 1 union all select i + 1 from c where i < 100)
    select randomblob(3000) from c; commit`;

const STEPS = [
  'commit',
  'freeze',
  'put',
  'release',
  'checkpoint',
  'arm',
  'snapshot',
  'delete',
  'list',
  'lease',
] as const;
export const CRASH_POINTS: readonly CrashPoint[] = STEPS.flatMap(
  (step) => [`before ${step}`, `after ${step}`] as const,
);

export interface ChaosOptions {
  readonly seed: number;
  readonly leaders: number;
  /** Part of the requests that fail. */
  readonly faults: number;
  /** Acknowledges when SQLite has committed: the harness must notice. */
  readonly ackFirst?: boolean;
  /** Now and then something else checkpoints between a commit and its capture; `forged`: and hides every trace of it. */
  readonly foreign?: 'seen' | 'forged';
}

export interface ChaosOutcome {
  readonly acknowledged: number;
  /** Acknowledged, and not restored. */
  readonly lost: number[];
  /** Called not kept, and restored. */
  readonly kept: number[];
  readonly crashes: CrashPoint[];
  readonly ends: string[];
  readonly snapshots: number;
}

/** Numbers in [0, 1) that depend on the seed alone. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Chaos {
  readonly bucket = new MemoryBucket();
  readonly #options: ChaosOptions;
  readonly #random: () => number;
  readonly #acknowledged = new Set<number>();
  readonly #notKept = new Set<number>();
  readonly #crashes: CrashPoint[] = [];
  readonly #ends: string[] = [];
  #snapshots = 0;
  #next = 1;

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = generator(options.seed);
    const refused: Fault = { before: () => Promise.reject(new Error('no permission')) };
    this.bucket.faults = ({ operation, key }) => {
      const snapshot = key.startsWith(keys.basePrefix) || key.startsWith(keys.diffPrefix);
      // A refusal that no retry cures fails a snapshot and nothing else.
      if (operation === 'putIfAbsent' && snapshot && this.#chance(0.2)) return refused;
      return this.#chance(options.faults) ? this.#oneOf(FAULTS[operation]) : undefined;
    };
  }

  /** @throws when a restore fails, or shows other bytes than the last leader has */
  async run(): Promise<ChaosOutcome> {
    let before: Process | null = null;
    for (let turn = 0; turn < this.#options.leaders; turn += 1) {
      const process = await this.#lead();
      // The one before may not know yet that it is fenced.
      const both = before && this.#chance(0.7) ? [before, process] : [process];
      await this.#work(both, 2 + Math.floor(this.#random() * 16));
      if (before) await this.#bury(before);
      if (this.#chance(0.3)) this.bucket.land();
      before = process;
      if (this.#chance(0.6)) await this.#check(null);
    }
    if (before) await this.#last(before);
    this.bucket.land();
    const restored = await this.#check(null);
    return {
      acknowledged: this.#acknowledged.size,
      lost: [...this.#acknowledged].filter((id) => !restored.has(id)),
      kept: [...this.#notKept].filter((id) => restored.has(id)),
      ...{ crashes: this.#crashes, ends: this.#ends, snapshots: this.#snapshots },
    };
  }

  async #lead(): Promise<Process> {
    const death = Promise.withResolvers<void>();
    const process: Process = { database: null, dead: false, died: death.promise };
    let left = this.#chance(0.6) ? 1 + Math.floor(this.#random() * 4) : Number.POSITIVE_INFINITY;
    const point = this.#oneOf(CRASH_POINTS);
    const crashPoint = (reached: CrashPoint) => {
      if (reached !== point || process.database === null) return;
      left -= 1;
      if (left > 0) return;
      left = Number.POSITIVE_INFINITY;
      this.#crashes.push(reached);
      process.dead = true;
      process.database.mortal.kill();
      death.resolve();
    };
    for (;;) {
      try {
        process.database = await TestDatabase.lead(this.bucket, {
          soleWriter: true,
          pacing: { clock: fastClock(200), random: this.#random },
          limits: { waitMs: 1e9, undurableMs: 1e9, checkpointPages: 8, snapshotSlots: 3, relaxedMs: 50 },
          crashPoint,
          wrap: (bucket) => marked(bucket, keys, crashPoint),
        });
        break;
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'StaleTakeover') throw error;
      }
    }
    const { database } = process;
    if (!database.sqlite.prepare("select 1 from sqlite_master where name = 'row'").get()) {
      const stored = database.commit(SCHEMA).catch(() => undefined);
      await Promise.race([stored, death.promise]);
    }
    return process;
  }

  async #work(processes: readonly Process[], rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      const burst = 1 + Math.floor(this.#random() * 4);
      for (let count = 0; count < burst; count += 1) this.#commit(this.#oneOf(processes));
      const one = this.#oneOf(processes);
      if (this.#chance(0.1) && !one.dead)
        void one.database?.log.snapshotNow().then(
          () => this.#snapshots++,
          () => {},
        );
      if (this.#chance(0.1)) this.bucket.land();
      await new Promise((resolve) => setTimeout(resolve, this.#random() * 4));
    }
  }

  #commit(process: Process): void {
    const { database } = process;
    if (!database || process.dead) return;
    const id = this.#next;
    this.#next += 1;
    const fill = `insert or replace into filler values (${id % 120}, randomblob(${Math.floor(this.#random() * 9_000)}))`;
    const { foreign, ackFirst } = this.#options;
    let durable: Promise<void>;
    try {
      const act = this.#chance(0.05) ? 'update filler set body = randomblob(2000) where id % 4 > 0' : fill;
      durable = database.commit(`begin; insert into row values (${id}); ${act}; commit`, 'sync', () => {
        if (foreign && this.#chance(0.2)) database.checkpointFromOutside(foreign === 'forged');
      });
    } catch (error) {
      // Refused before SQLite was touched; or the table is not there, because its commit was lost with the one before.
      if (error instanceof Unavailable || error instanceof Fenced) this.#notKept.add(id);
      else if (!/no such table|not leader/i.test(String(error))) throw error;
      return;
    }
    if (ackFirst && !process.dead) this.#acknowledged.add(id);
    durable.then(
      () => {
        if (!process.dead) this.#acknowledged.add(id);
      },
      (error: unknown) => {
        if (!process.dead && (error instanceof Fenced || error instanceof Unavailable)) this.#notKept.add(id);
      },
    );
  }

  /** The last leader, when it lives, has the very bytes that everybody restores. */
  async #last(process: Process): Promise<void> {
    const { database } = process;
    const flushed = database?.log.flush().then(
      () => true,
      () => false,
    );
    const whole = !process.dead && (await Promise.race([flushed, process.died]));
    if (whole && !process.dead && database) await this.#check(database.image());
    await this.#bury(process);
  }

  async #bury({ database }: Process): Promise<void> {
    this.#ends.push(...(database?.ends.map(({ name }) => name) ?? []));
    await database?.vanish();
  }

  async #check(image: Buffer | null): Promise<Set<unknown>> {
    const restored = await found(this.bucket);
    if (image && !restored.image.equals(image)) throw new Error('the restored bytes are not those of the leader');
    if (restored.chain.dbPages === 0) return new Set();
    return new Set(restored.rows('select id from row'));
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }

  #oneOf<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.#random() * list.length)];
    if (one === undefined) throw new Error('an empty list');
    return one;
  }
}

interface Process {
  database: TestDatabase | null;
  dead: boolean;
  readonly died: Promise<void>;
}
