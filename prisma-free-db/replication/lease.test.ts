import { describe, expect, it } from 'vitest';
import { Ambiguous, NotLeader } from './errors.ts';
import { LeaseHolder, LeaseObserver } from './lease.ts';
import { encodeLease, type LeaseRecord, parseLease } from './lease-record.ts';
import { MemoryBucket, scripted } from './memory-bucket.ts';
import { keys, pacing } from './test-log.ts';

const TTL = 6_000;

function bed({ owner = 'me', epoch = 3, bucket = new MemoryBucket() } = {}) {
  const paced = pacing();
  const wants: string[] = [];
  let seq = 7;
  const terms = {
    keys,
    ttlMs: TTL,
    epoch,
    owner,
    url: `http://${owner}`,
    position: () => seq,
    onWant: (by: string) => void wants.push(by),
  };
  const held = (): LeaseRecord | null => {
    const bytes = bucket.peek(keys.lease);
    return bytes && parseLease(bytes);
  };
  return {
    bucket,
    paced,
    wants,
    held,
    holder: new LeaseHolder(bucket, terms, paced),
    move: (to: number) => {
      seq = to;
    },
  };
}

const lease = (change: Partial<LeaseRecord> = {}) =>
  encodeLease({ epoch: 2, owner: 'old', url: 'http://old', seq: 5, n: 9, ...change });

describe('the holder of the lease', () => {
  it('takes it over from an older epoch and counts on', async () => {
    const { bucket, holder, held, paced, move } = bed();
    bucket.poke(keys.lease, lease({ released: true, want: 'me' }));
    const started = paced.clock.now();
    await holder.renew();
    expect(held()).toEqual({ epoch: 3, owner: 'me', url: 'http://me', seq: 7, n: 10 });
    expect(holder.deadline).toBe(started + TTL);
    move(8);
    await holder.renew();
    expect(held()).toMatchObject({ seq: 8, n: 11 });
  });

  it.each([
    ['a later epoch', { epoch: 4, owner: 'new', url: 'http://new' }],
    ['another owner of the same epoch', { epoch: 3, owner: 'new', url: 'http://new' }],
  ])('is deposed by %s', async (_, change) => {
    const { bucket, holder } = bed();
    await holder.renew();
    bucket.poke(keys.lease, lease(change));
    await expect(holder.renew()).rejects.toBeInstanceOf(NotLeader);
    await expect(holder.release()).rejects.toBeInstanceOf(NotLeader);
  });

  it.each(['answer-lost', 'not-applied', 'own-exists', 'exists', 'conflict'] as const)(
    'renews through %s',
    async (fault) => {
      const { bucket, holder, held } = bed();
      await holder.renew();
      bucket.faults = scripted([{ on: 'putIfMatch', fault }]);
      await holder.renew();
      expect(held()).toMatchObject({ epoch: 3, owner: 'me' });
      expect(held()?.released).toBeUndefined();
    },
  );

  it('the deadline counts from the start of a renewal', async () => {
    const { bucket, holder, paced } = bed();
    await holder.renew();
    const started = paced.clock.now();
    bucket.faults = scripted([{ on: 'putIfMatch', fault: { after: async () => paced.clock.advance(4_000) } }]);
    await holder.renew();
    expect(holder.deadline).toBe(started + TTL);
  });

  it('a release waits for the heartbeat under way, and one that lands late cannot take it back', async () => {
    const { bucket, holder, held } = bed();
    await holder.renew();
    bucket.faults = scripted([{ on: 'putIfMatch', fault: 'late' }]);
    const heartbeat = holder.renew();
    await holder.release();
    await heartbeat;
    bucket.land();
    expect(held()).toMatchObject({ released: true, owner: 'me' });
    await holder.renew();
    expect(held()?.released).toBe(true);
  });

  it('a heartbeat that hangs while the release is asked for does not outlive it', async () => {
    const { bucket, holder, held } = bed();
    await holder.renew();
    const hang = async () => {
      for (let turn = 0; turn < 30 && !held()?.released; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    };
    bucket.faults = scripted([{ on: 'putIfMatch', fault: { before: hang } }]);
    const heartbeat = holder.renew();
    await Promise.resolve();
    expect(bucket.requests.putIfMatch).toBe(2);
    await Promise.all([heartbeat, holder.release()]);
    expect(held()?.released).toBe(true);
  });

  it('hears once who wants to take over, and keeps saying so', async () => {
    const { bucket, holder, held, wants, paced } = bed();
    await holder.renew();
    const observer = new LeaseObserver(bucket, { keys, ttlMs: TTL }, paced);
    expect(await observer.ask('newer')).toBe(true);
    await holder.renew();
    await holder.renew();
    expect(wants).toEqual(['newer']);
    expect(held()?.want).toBe('newer');
  });

  it('renews each third of the TTL until stopped, and can release then', async () => {
    const { bucket, holder, held, paced } = bed();
    const stop = new AbortController();
    let writes = 0;
    bucket.faults = ({ operation }) => {
      if (operation === 'putIfMatch') writes += 1;
      return { before: async () => (writes === 3 ? stop.abort('done') : undefined) };
    };
    await expect(holder.keep(stop.signal)).rejects.toBe('done');
    expect(paced.clock.slept).toEqual([TTL / 3, TTL / 3]);
    expect(held()?.n).toBe(3);
    await holder.release();
    expect(held()).toMatchObject({ n: 4, released: true });
  });
});

describe('an observer of the lease', () => {
  const watch = (bucket = new MemoryBucket()) => {
    const paced = pacing();
    return { bucket, clock: paced.clock, observer: new LeaseObserver(bucket, { keys, ttlMs: TTL }, paced) };
  };

  it('waits TTL from when it first saw an etag; every change starts that again', async () => {
    const { bucket, clock, observer } = watch();
    bucket.poke(keys.lease, lease());
    expect(await observer.look(2)).toEqual({
      due: false,
      because: 'held',
      url: 'http://old',
      owner: 'old',
      seq: 5,
      waitMs: TTL,
    });
    clock.advance(TTL - 1);
    expect((await observer.look(2)).due).toBe(false);
    bucket.poke(keys.lease, lease({ n: 10 }));
    expect(await observer.look(2)).toMatchObject({ due: false, waitMs: TTL });
    clock.advance(TTL);
    expect(await observer.look(2)).toMatchObject({ due: true, because: 'expired' });
  });

  it('a newer epoch in the log starts it again, and what an older lease says counts no more', async () => {
    const { bucket, clock, observer } = watch();
    bucket.poke(keys.lease, lease({ released: true }));
    expect(await observer.look(2)).toMatchObject({ due: true, because: 'released', url: null, waitMs: 0 });
    clock.advance(TTL);
    expect(await observer.look(3)).toEqual({
      due: false,
      because: 'held',
      url: null,
      owner: null,
      seq: 5,
      waitMs: TTL,
    });
    clock.advance(TTL);
    expect(await observer.look(3)).toMatchObject({ due: true, because: 'expired' });
  });

  it('without a lease it waits TTL', async () => {
    const { clock, observer } = watch();
    expect(await observer.look(1)).toMatchObject({ due: false, because: 'absent', url: null, seq: 0 });
    clock.advance(TTL);
    expect((await observer.look(1)).due).toBe(true);
  });

  it('a store that does not answer lets no candidate out', async () => {
    const { bucket, clock, observer } = watch();
    bucket.poke(keys.lease, lease());
    await observer.look(2);
    clock.advance(TTL);
    bucket.faults = () => 'unavailable';
    await expect(observer.look(2)).rejects.toBeInstanceOf(Ambiguous);
  });

  it.each(['', 'null', '[]', '{"epoch":1}', '{"epoch":-1,"owner":"a","url":"b","seq":1,"n":1}', '\u00ff'])(
    'reads %j as no lease',
    (text) => {
      expect(parseLease(Buffer.from(text, 'latin1'))).toBeNull();
    },
  );
});
