/** Rows on a store that answers in 30 ms: one writer, many writers, the gate, a handover, and what a month of it costs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { runEmpty } from '../process.ts';
import { median, quantile, type Row, type RunOptions } from '../report.ts';
import { changer, fill, type Leading, lead, SCHEMA } from './leading.ts';
import { withinMs } from './rows.ts';
import { SlowBucket } from './slow-bucket.ts';

const PUT_MS = 30;
const DATABASE_BYTES = 10_000_000;
const ROUNDS = 5;
const COMMITS = 40;
const WRITERS = 64;
const MANY_MS = 2_000;
const GATES = 200_000;
/** Both stores ask as much for a write ($0.005 per thousand); a leader renews its lease every third of nine seconds. */
const DOLLARS_PER_PUT = 5 / 1e6;
const MONTH_SECONDS = 30 * 86_400;
const LEASE_SECONDS = 3;
const BARE = 'bare PUTs of one object after another';
const PLAIN = 'plain SQLite on this disk, synchronous=FULL';

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

export async function commitRows({ json }: RunOptions): Promise<Row[]> {
  const bucket = new SlowBucket(PUT_MS);
  const leading = await lead(bucket);
  const plain = plainSqlite();
  try {
    const { db, sqlite } = leading;
    const write = async (fn: () => void) => {
      db.write(fn);
      await db.gate();
    };
    db.write(() => sqlite.exec(SCHEMA));
    await fill(DATABASE_BYTES, { sqlite, write });
    await leading.log.snapshotNow();
    await plain.fill();
    const change = changer(sqlite);
    const one = () => write(change);
    const alone: number[] = [];
    const bare: number[] = [];
    const disk: number[] = [];
    const many: number[] = [];
    const before = { puts: bucket.puts, bytes: bucket.bytes, commits: 0 };
    const object = new Uint8Array(15_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let each = 0; each < COMMITS; each += 1) {
        alone.push(await timed(one));
        bare.push(await timed(() => new SlowBucket(PUT_MS).putIfAbsent('object', object)));
        disk.push(await timed(async () => plain.commit()));
      }
    }
    const single = { puts: bucket.puts - before.puts, bytes: bucket.bytes - before.bytes };
    const group = { puts: bucket.puts, bytes: bucket.bytes, commits: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const commits = await together(one);
      group.commits += commits;
      many.push((commits * 1_000) / MANY_MS);
      if (!json) process.stderr.write('.');
    }
    const grouped = { puts: bucket.puts - group.puts, bytes: bucket.bytes - group.bytes };
    const count = ROUNDS * COMMITS;
    const gate = await gateMicros(leading);
    const empty = await runEmpty(1);
    const handover = await handoverMs(bucket, leading);
    empty.push(...(await runEmpty(1)));
    if (!json) process.stderr.write('\n');
    const [ours, put] = [median(alone), median(bare)];
    const throughput = median(many);
    const perSecond = 1_000 / ours;
    const dollars = (puts: number) => (puts + MONTH_SECONDS / LEASE_SECONDS) * DOLLARS_PER_PUT;
    return [
      row(
        'commit until durable, one writer, p50',
        { ours, peer: put, peerName: BARE, unit: 'ms' },
        { goal: '≤ 1.1 × beside', ok: ours <= 1.1 * put },
      ),
      row('commit until durable, one writer, p99', {
        ours: quantile(alone, 0.99),
        peer: quantile(bare, 0.99),
        peerName: BARE,
        unit: 'ms',
      }),
      row('commit, one writer, p50, beside a disk', { ours, peer: median(disk), peerName: PLAIN, unit: 'ms' }),
      row(
        `commits a second, ${WRITERS} writers`,
        { ours: throughput, peer: perSecond, peerName: 'one writer', unit: '1/s' },
        { goal: '≥ 30 × beside', ok: throughput >= 30 * perSecond },
      ),
      row(
        'gate of a read when nothing waits',
        { ours: gate, peer: null, peerName: '', unit: 'µs' },
        { goal: '≤ 10 µs', ok: gate <= 10 },
      ),
      withinMs('handover until a successor that had nothing serves, 10 MB', handover, { empty, most: 1_000 }),
      row('objects per 1,000 commits, one writer', {
        ours: (single.puts * 1_000) / count,
        peer: null,
        peerName: '',
        unit: '',
      }),
      row('kB per 1,000 commits, one writer', { ours: single.bytes / count, peer: null, peerName: '', unit: 'kB' }),
      row(`objects per 1,000 commits, ${WRITERS} writers`, {
        ours: (grouped.puts * 1_000) / group.commits,
        peer: null,
        peerName: '',
        unit: '',
      }),
      row(`kB per 1,000 commits, ${WRITERS} writers`, {
        ours: grouped.bytes / group.commits,
        peer: null,
        peerName: '',
        unit: 'kB',
      }),
      row('a month of one commit a second, S3 or Cloud Storage', {
        ours: dollars(MONTH_SECONDS * (single.puts / count)),
        peer: dollars(0),
        peerName: 'the lease alone',
        unit: '$',
      }),
    ];
  } finally {
    await leading.end();
    plain.close();
  }
}

type Figures = Pick<Row, 'ours' | 'peer' | 'peerName' | 'unit'>;

function row(
  measure: string,
  { ours, peer, peerName, unit }: Figures,
  { goal, ok } = { goal: 'for scale', ok: true },
): Row {
  return { measure, ours, peer, peerName, ratio: peer === null ? null : ours / peer, unit, goal, ok };
}

/** Commits of many writers, each waiting for its own, while the time runs. */
async function together(one: () => Promise<void>): Promise<number> {
  const end = performance.now() + MANY_MS;
  let commits = 0;
  const writer = async () => {
    while (performance.now() < end) {
      await one();
      commits += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return commits;
}

async function gateMicros({ db }: Leading): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    for (let each = 0; each < GATES; each += 1) await db.gate();
    rounds.push(((performance.now() - started) * 1_000) / GATES);
  }
  return median(rounds);
}

/** The successor has nothing yet: it restores, seals, opens and tells its lease. */
async function handoverMs(bucket: SlowBucket, { log }: Leading): Promise<number> {
  const started = performance.now();
  await log.handover();
  const next = await lead(bucket);
  await next.log.ready();
  const ms = performance.now() - started;
  await next.end();
  return ms;
}

function plainSqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-durability-plain-'));
  const sqlite = new Database(join(folder, 'db'));
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.exec(SCHEMA);
  let change: (() => void) | null = null;
  return {
    fill: () => fill(DATABASE_BYTES, { sqlite, write: async (fn) => sqlite.transaction(fn).immediate() }),
    commit: () => {
      change ??= changer(sqlite);
      sqlite.transaction(change).immediate();
    },
    close: () => {
      sqlite.close();
      rmSync(folder, { recursive: true });
    },
  };
}
