import { describe, expect, it } from 'vitest';
import { CorruptLog, NoDatabase } from './errors.ts';
import { Follower, type FollowerView, type Won } from './follower.ts';
import { encodeLease, type LeaseRecord } from './lease-record.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { MemoryPages } from './page-sink.ts';
import { holds, keys, MAX_RAW, pacing, page, restoredFrom, TestLeader } from './test-log.ts';

const TTL = 6_000;
const POLL = 250;
const stopped = new Error('stopped');

interface Following {
  readonly won: Promise<Won>;
  readonly views: FollowerView[];
  readonly notes: string[];
  readonly sink: MemoryPages;
  readonly clock: ReturnType<typeof pacing>['clock'];
  readonly follower: Follower;
  stop(): void;
  /** Resolves with the first view from now on that fits. */
  seen(fits: (view: FollowerView) => boolean): Promise<FollowerView>;
}

let count = 0;

function follow(bucket: MemoryBucket, change: Partial<ConstructorParameters<typeof Follower>[0]> = {}): Following {
  count += 1;
  const owner = `follower-${count}`;
  const stop = new AbortController();
  const paced = pacing(stop.signal);
  const views: FollowerView[] = [];
  const notes: string[] = [];
  const sink = new MemoryPages();
  let waiting: { fits: (view: FollowerView) => boolean; resolve: (view: FollowerView) => void }[] = [];
  let nonces = 0;
  const follower = new Follower({
    bucket,
    keys,
    sink,
    encryption: [],
    maxRawLen: MAX_RAW,
    owner,
    nonce() {
      nonces += 1;
      return `${owner}-${nonces}`;
    },
    at: () => '2026-01-01T00:00:00Z',
    ttlMs: TTL,
    genesis: false,
    sealAtOnce: false,
    mayLead: () => true,
    pacing: paced,
    onView(view) {
      views.push(view);
      for (const { fits, resolve } of waiting) if (fits(view)) resolve(view);
      waiting = waiting.filter(({ fits }) => !fits(view));
    },
    onNote: (note) => notes.push(note),
    ...change,
  });
  const won = follower.untilWon();
  won.catch(() => undefined);
  return {
    won,
    views,
    notes,
    sink,
    clock: paced.clock,
    follower,
    stop: () => stop.abort(stopped),
    seen: (fits) =>
      Promise.race([new Promise<FollowerView>((resolve) => waiting.push({ fits, resolve })), won.then(fail, refail)]),
  };
}

const fail = (): never => {
  throw new Error('it took over');
};
const refail = (error: unknown): never => {
  throw error;
};

function lease(bucket: MemoryBucket, change: Partial<LeaseRecord> = {}): void {
  bucket.poke(keys.lease, encodeLease({ epoch: 1, owner: 'leader', url: 'http://leader', seq: 1, n: 1, ...change }));
}

async function led(): Promise<{ bucket: MemoryBucket; leader: TestLeader }> {
  const bucket = new MemoryBucket();
  const leader = await TestLeader.leading(bucket);
  await leader.append(page(1, 'a'));
  lease(bucket, { seq: 2 });
  return { bucket, leader };
}

describe('a follower', () => {
  it('has what the leader wrote, asks for one slot at a time, and knows who leads', async () => {
    const { bucket, leader } = await led();
    const following = follow(bucket);
    await following.seen(({ seq }) => seq === 2);
    const lists = bucket.requests.list;
    await leader.append(page(2, 'b'));
    await leader.append(page(1, 'c'));
    const view = await following.seen(({ seq }) => seq === 4);
    expect(view).toMatchObject({ caughtUp: true, epoch: 1, lease: { url: 'http://leader', owner: 'leader' } });
    expect(holds(following.sink, page(1, 'c'))).toBe(true);
    expect(bucket.requests.list).toBe(lists);
    expect(following.clock.slept).toContain(POLL);
    following.stop();
    await expect(following.won).rejects.toBe(stopped);
  });

  it('waits for TTL without a sign of the leader, then seals behind all that it wrote', async () => {
    const { bucket, leader } = await led();
    const following = follow(bucket);
    const began = following.clock.now();
    await following.seen(({ seq }) => seq === 2);
    await leader.append(page(2, 'last'));
    const won = await following.won;
    expect(won).toMatchObject({ epoch: 2, seq: 4 });
    expect(following.clock.now() - began).toBeGreaterThanOrEqual(TTL);
    expect(following.clock.now() - began).toBeLessThan(TTL + 3 * POLL);
    expect((await leader.append(page(1, 'late'))).outcome).toBe('lost');
    expect(holds((await restoredFrom(bucket)).sink, page(2, 'last'))).toBe(true);
  });

  it('leaves a leader alone that renews', async () => {
    const { bucket } = await led();
    const following = follow(bucket);
    for (let n = 2; n < 12; n += 1) {
      lease(bucket, { seq: 2, n });
      const until = following.clock.now() + TTL / 2;
      await following.seen(() => following.clock.now() >= until);
    }
    expect(following.views.some(({ candidate }) => candidate)).toBe(false);
    following.stop();
  });

  it('looks at the lease although there is always another slot', async () => {
    const { bucket, leader } = await led();
    let written = 0;
    const following = follow(bucket);
    // Each slot is there by the time it is asked for, and reading it takes a while.
    bucket.faults = ({ operation, key }) => {
      if (operation !== 'get' || key !== keys.log(leader.chain.seq + 1) || written > 40) return undefined;
      return {
        before: async () => {
          written += 1;
          bucket.faults = () => undefined;
          await leader.append(page(1, `${written}`));
          bucket.faults = planned;
          following.clock.advance(100);
        },
      };
    };
    const planned = bucket.faults;
    const view = await following.seen(({ seq }) => seq > 5);
    expect(view).toMatchObject({ caughtUp: true, lease: { owner: 'leader' } });
    expect(written).toBeLessThan(40);
    following.stop();
  });

  it('seals at once when the lease was released', async () => {
    const { bucket } = await led();
    const following = follow(bucket);
    await following.seen(({ seq }) => seq === 2);
    const began = following.clock.now();
    lease(bucket, { seq: 2, n: 2, released: true });
    expect(await following.won).toMatchObject({ epoch: 2 });
    expect(following.clock.now() - began).toBeLessThan(3 * POLL);
  });

  it('of several one wins, and the others follow it for a full TTL', async () => {
    const { bucket } = await led();
    const all = [follow(bucket), follow(bucket), follow(bucket)];
    const first = await Promise.race(all.map((each) => each.won.then(() => each)));
    const others = all.filter((each) => each !== first);
    await Promise.all(others.map((each) => each.seen(({ epoch }) => epoch === 2)));
    const began = others.map((each) => each.clock.now());
    const second = await Promise.race(others.map((each) => each.won.then(() => each)));
    const waited = second.clock.now() - (began[others.indexOf(second)] ?? 0);
    expect(waited).toBeGreaterThanOrEqual(TTL - POLL);
    for (const each of all) each.stop();
    expect((await restoredFrom(bucket)).chain.epoch).toBe(3);
  });

  it('seals at once where nobody else can lead, and only the first time', async () => {
    const { bucket } = await led();
    const alone = follow(bucket, { sealAtOnce: true });
    expect(await alone.won).toMatchObject({ epoch: 2, seq: 3 });
    expect(alone.clock.slept).toEqual([]);
  });

  it('stays a follower as long as it may not lead', async () => {
    const { bucket } = await led();
    let may = false;
    const following = follow(bucket, { sealAtOnce: true, mayLead: () => may });
    const until = following.clock.now() + 3 * TTL;
    await following.seen(() => following.clock.now() >= until);
    may = true;
    expect(await following.won).toMatchObject({ epoch: 2 });
  });

  it('restores again when its slot was collected', async () => {
    const { bucket, leader } = await led();
    const following = follow(bucket);
    await following.seen(({ seq }) => seq === 2);
    // In one step for the follower: it never sees slots 3 to 5.
    const faults = bucket.faults;
    bucket.faults = ({ operation, key }) =>
      operation === 'get' && key === keys.log(3) ? { before: async () => bucket.remove(key) } : undefined;
    await leader.append(page(2, 'b'));
    await leader.append(page(2, 'c'));
    await leader.append(page(2, 'd'));
    await leader.snapshot();
    lease(bucket, { seq: 5, n: 2 });
    await following.seen(({ seq }) => seq === 5);
    bucket.faults = faults;
    expect(following.views.at(-1)?.restore.times).toBe(2);
    expect(holds(following.sink, page(2, 'd'))).toBe(true);
    following.stop();
  });

  it('restores again when it followed a stray branch', async () => {
    const { bucket, leader } = await led();
    const following = follow(bucket);
    await following.seen(({ seq }) => seq === 2);
    const stray = await TestLeader.candidate(bucket);
    await stray.seal();
    const seal = bucket.peek(keys.log(3)) ?? new Uint8Array();
    bucket.remove(keys.log(3));
    await leader.append(page(2, 'b'));
    const true3 = bucket.peek(keys.log(3)) ?? new Uint8Array();
    bucket.poke(keys.log(3), seal);
    await following.seen(({ epoch }) => epoch === 2);
    bucket.poke(keys.log(3), true3);
    await leader.append(page(2, 'c'));
    await following.seen(({ seq, epoch }) => seq === 4 && epoch === 1);
    expect(holds(following.sink, page(2, 'c'))).toBe(true);
    following.stop();
  });

  it('does not take an unanswered look for a silent leader', async () => {
    const { bucket } = await led();
    const following = follow(bucket);
    await following.seen(({ seq }) => seq === 2);
    bucket.faults = ({ key }) => (key === keys.lease ? 'unavailable' : undefined);
    const until = following.clock.now() + 3 * TTL;
    const view = await following.seen(() => following.clock.now() >= until);
    expect(view).toMatchObject({ lease: null, candidate: false });
    following.stop();
  });

  it('begins a database only where it is told to', async () => {
    const empty = new MemoryBucket();
    await expect(follow(empty).won).rejects.toBeInstanceOf(NoDatabase);
    expect(empty.keys()).toEqual([]);
    const [one, two] = [follow(empty, { genesis: true }), follow(empty, { genesis: true })];
    expect(await Promise.race([one.won, two.won])).toMatchObject({ epoch: 1, seq: 1 });
    one.stop();
    two.stop();
  });

  it('ends on damage', async () => {
    const { bucket } = await led();
    const damaged = Uint8Array.from(bucket.peek(keys.log(2)) ?? []);
    damaged[40] = 1 - (damaged[40] ?? 0);
    bucket.poke(keys.log(2), damaged);
    await expect(follow(bucket).won).rejects.toBeInstanceOf(CorruptLog);
  });
});
