import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeObject } from './codec.ts';
import { CorruptLog } from './errors.ts';
import { encodeLease } from './lease-record.ts';
import { Chain, fetchInOrder, follow } from './log-reader.ts';
import { type Fault, MemoryBucket, scripted } from './memory-bucket.ts';
import { FilePages, MemoryPages } from './page-sink.ts';
import { restore } from './restore.ts';
import { holds, keys, PAGE_SIZE, pacing, page, reading, restoredFrom, TestLeader } from './test-log.ts';

/** A log with a BASE at slot 3, a DIFF at 5 and two slots behind; nothing collected. */
async function written(bucket = new MemoryBucket()) {
  const leader = await TestLeader.leading(bucket);
  await leader.append(page(1, 'a'), page(2, 'b'), page(3, 'c'));
  await leader.append(page(2, 'b2'));
  await leader.snapshot('base');
  await leader.append(page(4, 'd'));
  await leader.append(page(1, 'a2'));
  await leader.snapshot('diff');
  await leader.append(page(3, 'c2'));
  await leader.append(page(5, 'e'));
  return { bucket, leader };
}

const damaged = async (bucket: MemoryBucket): Promise<string> => {
  const error = await restoredFrom(bucket).then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(CorruptLog);
  return String(error);
};

const flipped = (bytes: Uint8Array | null, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes ?? []);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe('restore', () => {
  it('an empty prefix is told from a log', async () => {
    expect((await restoredFrom(new MemoryBucket())).result.outcome).toBe('empty');
  });

  it('a log of seals only is a log, with no page yet', async () => {
    const bucket = new MemoryBucket();
    await TestLeader.leading(bucket);
    await TestLeader.leading(bucket);
    const { result, chain } = await restoredFrom(bucket);
    expect(result).toMatchObject({ outcome: 'restored', snapshot: 0, tries: 1, lease: null });
    expect({ seq: chain.seq, epoch: chain.epoch, dbPages: chain.dbPages }).toEqual({ seq: 2, epoch: 2, dbPages: 0 });
  });

  it('BASE, DIFF and the slots behind lead to the state of the leader', async () => {
    const { bucket, leader } = await written();
    const { result, sink, chain } = await restoredFrom(bucket);
    expect(result).toMatchObject({ outcome: 'restored', snapshot: 5 });
    expect(sink.content.equals(leader.sink.content)).toBe(true);
    expect(chain).toMatchObject({ seq: 7, epoch: 1, dbSum: leader.chain.dbSum, epochs: [{ epoch: 1, seq: 1 }] });
  });

  it('without any snapshot, and with all but the tail collected, the state is the same', async () => {
    const { bucket, leader } = await written();
    for (const key of bucket.keys()) if (!key.startsWith(keys.logPrefix)) bucket.remove(key);
    expect((await restoredFrom(bucket)).sink.content.equals(leader.sink.content)).toBe(true);
    await leader.snapshot('base');
    await leader.collect('base');
    expect(bucket.keys()).toEqual([keys.base(7), keys.log(1), keys.log(7)]);
    const { sink, chain } = await restoredFrom(bucket);
    expect(sink.content.equals(leader.sink.content)).toBe(true);
    expect(chain.epochs).toEqual([{ epoch: 1, seq: 1 }]);
  });

  it('to an earlier slot', async () => {
    const { bucket } = await written();
    const { sink, chain, result } = await restoredFrom(bucket, 4);
    expect({ seq: chain.seq, result }).toMatchObject({ seq: 4, result: { snapshot: 3 } });
    expect([holds(sink, page(4, 'd')), holds(sink, page(1, 'a'))]).toEqual([true, true]);
    await expect(restoredFrom(bucket, 8)).rejects.toThrow(/slot 8 is not in the log/);
  });

  it('into a file, the same bytes; a shrunken database too', async () => {
    const { bucket, leader } = await written();
    const shrink = await leader.segment([page(1, 'small')], 2);
    bucket.poke(keys.log(8), shrink.bytes);
    const folder = await mkdtemp(join(tmpdir(), 'restore-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const sink = await FilePages.create(join(folder, 'db'));
    await restore(bucket, { ...reading(), sink, log: keys }, pacing());
    await sink.close();
    const expected = Buffer.concat([page(1, 'small').bytes, page(2, 'b2').bytes]);
    expect((await readFile(join(folder, 'db'))).equals(expected)).toBe(true);
    await expect(FilePages.create(join(folder, 'db'))).rejects.toThrow(/EEXIST/);
  });

  it('goes on through a store that answers badly', async () => {
    const { bucket, leader } = await written();
    let asked = 0;
    bucket.faults = () => {
      asked += 1;
      return asked % 3 === 0 ? undefined : 'unavailable';
    };
    expect((await restoredFrom(bucket)).sink.content.equals(leader.sink.content)).toBe(true);
  });
});

describe('a restore that races the leader', () => {
  it.each(['base/', 'diff/', 'log/'])('begins again when a collection ran after it listed %s', async (folder) => {
    const { bucket, leader } = await written();
    const collect: Fault = {
      after: async () => {
        await leader.snapshot('base');
        await leader.append(page(2, 'b3'));
        await leader.collect('base', 7);
      },
    };
    bucket.faults = scripted([{ on: 'list', key: `${keys.root}${folder}`, fault: collect }]);
    const { result, sink } = await restoredFrom(bucket);
    expect(result).toMatchObject({ outcome: 'restored', tries: 2, snapshot: 7 });
    expect(sink.content.equals(leader.sink.content)).toBe(true);
  });

  it('a gap that stays is damage, after five looks', async () => {
    const { bucket } = await written();
    bucket.remove(keys.log(6));
    expect(await damaged(bucket)).toMatch(/slot 6 is missing before slot 7, 5 times/);
  });

  it('bytes damaged on their way once do no harm', async () => {
    const { bucket, leader } = await written();
    const good = bucket.peek(keys.log(6)) ?? new Uint8Array();
    bucket.poke(keys.log(6), flipped(good, 200));
    const heal = { after: async () => bucket.poke(keys.log(6), good) };
    bucket.faults = scripted([{ on: 'get', key: keys.log(6), fault: heal }]);
    const { result, sink } = await restoredFrom(bucket);
    expect(result).toMatchObject({ tries: 2 });
    expect(sink.content.equals(leader.sink.content)).toBe(true);
  });
});

describe('damage is refused', () => {
  it('every kind of object, a flipped bit and a lost end', async () => {
    for (const key of [keys.base(3), keys.diff(3, 5), keys.log(6), keys.log(7)]) {
      const { bucket } = await written();
      const good = bucket.peek(key) ?? new Uint8Array();
      for (const bytes of [
        flipped(good, 20),
        flipped(good, 48),
        flipped(good, 170),
        good.subarray(0, -1),
        new Uint8Array(),
      ]) {
        bucket.poke(key, bytes);
        expect(await damaged(bucket)).toContain(key);
      }
    }
  });

  it('the object of another slot, or of another history', async () => {
    const { bucket } = await written();
    const { bucket: other } = await written();
    bucket.poke(keys.log(7), bucket.peek(keys.log(6)) ?? new Uint8Array());
    expect(await damaged(bucket)).toMatch(/slot 7 holds seg 5-6/);
    bucket.poke(keys.log(7), other.peek(keys.log(7)) ?? new Uint8Array());
    expect(await damaged(bucket)).toMatch(/slot 7 continues another history/);
  });

  it('a slot of another epoch, or that leads elsewhere than it says, although its links hold', async () => {
    const { bucket, leader } = await written();
    const { seq, hash, dbSum, dbPages, epoch } = leader.chain;
    const next = {
      codec: 'raw',
      pageSize: PAGE_SIZE,
      dbPages,
      from: seq,
      to: seq + 1,
      prevHash: hash,
      pages: [],
    } as const;
    const lay = async (change: { kind: 'seg' | 'seal'; epoch: number; dbSum: bigint }) => {
      bucket.poke(keys.log(seq + 1), (await encodeObject({ ...next, meta: {}, ...change })).bytes);
    };
    await lay({ kind: 'seg', epoch: epoch + 1, dbSum });
    expect(await damaged(bucket)).toMatch(/is of epoch 2, not 1/);
    await lay({ kind: 'seal', epoch: epoch + 2, dbSum });
    expect(await damaged(bucket)).toMatch(/is of epoch 3, not 2/);
    await lay({ kind: 'seg', epoch, dbSum: dbSum ^ 1n });
    const before = bucket.requests.list;
    expect(await damaged(bucket)).toMatch(/leads to another database/);
    // Two looks at base/, diff/ and log/, not five: what shows twice is damage.
    expect(bucket.requests.list - before).toBe(6);
    await lay({ kind: 'seg', epoch, dbSum });
    await restoredFrom(bucket);
  });

  it('a log whose end was deleted: by the lease, or because a snapshot is ahead of it', async () => {
    const { bucket } = await written();
    bucket.poke(keys.lease, encodeLease({ epoch: 1, owner: 'a', url: 'u', seq: 7, n: 1 }));
    await restoredFrom(bucket);
    bucket.remove(keys.log(7));
    expect(await damaged(bucket)).toMatch(/ends with slot 6, but slot 7 was durable/);
    bucket.remove(keys.lease);
    bucket.remove(keys.log(6));
    await restoredFrom(bucket);
    bucket.remove(keys.log(5));
    expect(await damaged(bucket)).toMatch(/end of the log is missing/);
  });

  it('a lease without a log, and one that is not readable', async () => {
    const bucket = new MemoryBucket();
    bucket.poke(keys.lease, encodeLease({ epoch: 1, owner: 'a', url: 'u', seq: 1, n: 1 }));
    expect(await damaged(bucket)).toMatch(/slot 1 was durable/);
    bucket.poke(keys.lease, Buffer.from('{}'));
    expect(await damaged(bucket)).toMatch(/lease.json is not readable/);
  });

  it('a tail other than its snapshot names', async () => {
    const { bucket, leader } = await written();
    await leader.snapshot('base');
    const mine = bucket.peek(keys.log(7)) ?? new Uint8Array();
    const { bucket: other } = await written();
    bucket.poke(keys.log(7), other.peek(keys.log(7)) ?? new Uint8Array());
    expect(await damaged(bucket)).toMatch(/not the slot that its snapshot names/);
    bucket.poke(keys.log(7), flipped(mine, 170));
    expect(await damaged(bucket)).toContain(keys.log(7));
    bucket.poke(keys.log(7), mine);
    await restoredFrom(bucket);
  });

  it('names that are none of the log are left alone', async () => {
    const { bucket } = await written();
    for (const name of ['log/readme', 'log/zz', 'base/1', 'diff/x-y']) bucket.poke(keys.root + name, Buffer.from('x'));
    expect((await restoredFrom(bucket)).chain.seq).toBe(7);
  });
});

describe('reading the log', () => {
  it('follows slot by slot', async () => {
    const bucket = new MemoryBucket();
    const leader = await TestLeader.leading(bucket);
    const sink = new MemoryPages();
    const chain = new Chain(reading(sink));
    expect((await follow(bucket, { keys, chain }, pacing()))?.header.kind).toBe('seal');
    expect(await follow(bucket, { keys, chain }, pacing())).toBeNull();
    await leader.append(page(1, 'x'));
    expect((await follow(bucket, { keys, chain }, pacing()))?.header.kind).toBe('seg');
    expect(sink.content).toHaveLength(PAGE_SIZE);
  });

  it('asks for a bounded number of objects at once, and gives them in order', async () => {
    const bucket = new MemoryBucket();
    const names = Array.from({ length: 50 }, (_, index) => `k${index}`);
    for (const name of names) bucket.poke(name, Buffer.from(name));
    let open = 0;
    let most = 0;
    const count: Fault = {
      before: async () => {
        open += 1;
        most = Math.max(most, open);
      },
      after: async () => {
        open -= 1;
      },
    };
    bucket.faults = () => count;
    const got: string[] = [];
    for await (const { key, bytes } of fetchInOrder(bucket, names, { ahead: 8, pacing: pacing() }))
      if (bytes && Buffer.from(bytes).toString() === key) got.push(key);
    expect(got).toEqual(names);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(0);
  });
});
