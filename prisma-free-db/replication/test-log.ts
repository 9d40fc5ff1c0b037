/** A leader in miniature for tests: the real codec, decide, takeover and gc over a bucket, with pages made up instead of SQLite. */

import { type LogBucket, listAll } from './bucket.ts';
import type { Clock } from './clock.ts';
import { type EncodedObject, encodeObject, type Page } from './codec.ts';
import { DbSum } from './db-sum.ts';
import { type Decision, decide } from './decide.ts';
import { collect, type GcPlan, planGc } from './gc.ts';
import { type Chain, type EpochMark, epochsMeta, type Reading } from './log-reader.ts';
import type { MemoryBucket } from './memory-bucket.ts';
import { logKeys } from './names.ts';
import type { Pacing } from './pacing.ts';
import { MemoryPages } from './page-sink.ts';
import { type Restored, restore } from './restore.ts';
import { type Takeover, takeOver } from './takeover.ts';

export const PAGE_SIZE = 512;
export const MAX_RAW = 1_000_000;
export const keys = logKeys('db');

/** Time that passes only by sleeping or by hand; sleeping takes a turn of the event loop. */
export class TestClock implements Clock {
  readonly slept: number[] = [];
  #now = 1_000;

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.#now += ms;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
}

export const pacing = (signal?: AbortSignal): Pacing & { clock: TestClock } => ({
  clock: new TestClock(),
  random: () => 0.5,
  ...(signal && { signal }),
});

export const page = (pgno: number, text: string): Page => ({
  pgno,
  bytes: Buffer.alloc(PAGE_SIZE, `${pgno}:${text};`),
});

/** Whether the restored database holds a page of that text. */
export const holds = (sink: MemoryPages, { pgno, bytes }: Page): boolean =>
  Buffer.compare(sink.content.subarray((pgno - 1) * PAGE_SIZE, pgno * PAGE_SIZE), bytes) === 0;

export const reading = (sink: MemoryPages = new MemoryPages()): Reading & { sink: MemoryPages } => ({
  sink,
  keys: [],
  maxRawLen: MAX_RAW,
});

export async function restoredFrom(
  bucket: MemoryBucket,
  until?: number,
): Promise<{ result: Restored; sink: MemoryPages; chain: Chain }> {
  const { sink, ...rest } = reading();
  const request = { ...rest, sink, log: keys, ...(until !== undefined && { until }) };
  const result = await restore(bucket, request, pacing());
  return { result, sink, chain: result.chain };
}

let nonces = 0;

export class TestLeader {
  /** Moves with what this leader writes; reads of others go through their own. */
  chain: Chain;
  sink: MemoryPages;
  base: { to: number; epoch: number } | null = null;
  readonly #bucket: LogBucket;

  constructor(bucket: LogBucket, { chain, sink }: { chain: Chain; sink: MemoryPages }) {
    this.#bucket = bucket;
    this.chain = chain;
    this.sink = sink;
  }

  /** Restored, and not yet a leader. */
  static async candidate(bucket: MemoryBucket): Promise<TestLeader> {
    return new TestLeader(bucket, await restoredFrom(bucket));
  }

  static async leading(bucket: MemoryBucket): Promise<TestLeader> {
    const leader = await TestLeader.candidate(bucket);
    await leader.seal();
    return leader;
  }

  get dbPages(): number {
    return this.chain.dbPages;
  }

  seal(owner = 'test'): Promise<Takeover> {
    nonces += 1;
    const nonce = `nonce-${nonces}`;
    const candidate = { keys, chain: this.chain, owner, nonce: () => nonce, at: () => '2026-01-01T00:00:00Z' };
    return takeOver(this.#bucket, candidate, pacing());
  }

  /** The next SEG, encoded and not yet sent. */
  async segment(
    pages: readonly Page[],
    dbPages = Math.max(this.dbPages, ...pages.map(({ pgno }) => pgno)),
    at = '2026-01-01T00:00:00Z',
  ): Promise<EncodedObject> {
    const after = new Map(this.#pages().map((each) => [each.pgno, each]));
    for (const each of pages) after.set(each.pgno, each);
    const sum = new DbSum(PAGE_SIZE);
    sum.apply(
      [...after.values()].filter(({ pgno }) => pgno <= dbPages),
      dbPages,
    );
    const { seq, hash, epoch } = this.chain;
    return encodeObject({
      kind: 'seg',
      codec: 'raw',
      pageSize: PAGE_SIZE,
      dbPages,
      epoch,
      from: seq,
      to: seq + 1,
      dbSum: sum.value,
      prevHash: hash,
      meta: { at },
      pages,
    });
  }

  async append(...pages: Page[]): Promise<Decision> {
    const segment = await this.segment(pages);
    const decision = await decide(this.#bucket, { key: keys.log(this.chain.seq + 1), bytes: segment.bytes }, pacing());
    if (decision.outcome === 'won') await this.chain.apply(segment.bytes);
    return decision;
  }

  /** Writes the state now as a BASE, or as a DIFF on the last one (all pages count as changed). */
  async snapshot(kind: 'base' | 'diff' = 'base', epochs: readonly EpochMark[] = this.chain.epochs): Promise<void> {
    const { seq: to, hash, epoch, dbPages, dbSum } = this.chain;
    const base = kind === 'base' ? { to, epoch } : this.base;
    if (!base) throw new Error('a DIFF needs a BASE');
    const object = await encodeObject({
      kind,
      codec: 'zstd',
      pageSize: PAGE_SIZE,
      dbPages,
      epoch,
      from: kind === 'base' ? 0 : base.to,
      to,
      dbSum,
      prevHash: hash,
      meta: epochsMeta(epochs),
      pages: this.#pages(),
    });
    const key = kind === 'base' ? keys.base(to) : keys.diff(base.to, to);
    await decide(this.#bucket, { key, bytes: object.bytes }, pacing());
    this.base = base;
  }

  async plan(kind: 'base' | 'diff' = 'base', to = this.chain.seq): Promise<GcPlan> {
    const listed = async (prefix: string) => listAll(this.#bucket, { prefix, after: null }, pacing());
    const base = this.base ?? { to: 0, epoch: 0 };
    return planGc({
      epoch: this.chain.epoch,
      tail: this.chain.seq,
      epochs: this.chain.epochs,
      snapshot: { kind, base: base.to, baseEpoch: base.epoch, to },
      slots: (await listed(keys.logPrefix)).map(keys.seqOf).filter((slot) => slot !== null),
      bases: (await listed(keys.basePrefix)).map(keys.baseOf).filter((slot) => slot !== null),
      diffs: (await listed(keys.diffPrefix)).map(keys.diffOf).filter((diff) => diff !== null),
    });
  }

  async collect(kind: 'base' | 'diff' = 'base', to?: number): Promise<void> {
    await collect(this.#bucket, { keys, plan: await this.plan(kind, to) });
  }

  #pages(): Page[] {
    return Array.from({ length: this.dbPages }, (_, index) => ({
      pgno: index + 1,
      bytes: Uint8Array.from(this.sink.content.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)),
    }));
  }
}
