import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkObjects, inspectObject, listContent, slotAt, survey } from './survey.ts';
import { type LogBench, lead, openLogBench, rowsIn } from './test-bench.ts';
import { restoreToFile } from './tools.ts';

let bench: LogBench;
let now: number;
beforeEach(async () => {
  bench = await openLogBench();
  now = Date.parse('2026-11-24T10:00:00Z');
});
afterEach(() => bench.close());

const at = () => new Date(now).toISOString();
const HOUR_MS = 3_600_000;

/** Slot 1 the seal, 2 the table, then a row each hour, a snapshot behind the third. */
async function history(): Promise<void> {
  const leading = await lead({ ...bench.tools, at }, bench.folder, { at, retain: { ms: 100 * HOUR_MS } });
  for (let row = 1; row <= 6; row += 1) {
    now += HOUR_MS;
    await leading.add(`row ${row}`);
    if (row === 3) await leading.leader.snapshotNow();
  }
  await leading.handover();
}

describe('the survey of a log', () => {
  it('of nothing is nothing', async () => {
    expect(await survey(bench.tools)).toBeNull();
  });

  it('tells what is there', async () => {
    await history();
    expect(await survey(bench.tools)).toMatchObject({
      encrypted: false,
      epoch: 1,
      last: { seq: 8, at: '2026-11-24T16:00:00.000Z' },
      oldest: { seq: 1, at: '2026-11-24T10:00:00.000Z' },
      snapshot: 5,
      lease: { released: true, seq: 8, url: 'http://lead' },
      movedTo: null,
    });
  });

  it('tells how far back it goes when older slots are collected', async () => {
    await history();
    const { bucket, keys } = bench.log;
    for (const slot of [2, 3, 4]) await bucket.delete(keys.log(slot));
    expect(await survey(bench.tools)).toMatchObject({ oldest: { seq: 5, at: '2026-11-24T13:00:00.000Z' } });
  });
});

describe('a slot by its time', () => {
  it.each([
    ['2026-11-24T12:30:00Z', 4],
    ['2026-11-24T12:00:00Z', 4],
    ['2026-11-24T11:59:59Z', 3],
    ['2027-01-01T00:00:00Z', 8],
    ['5', 5],
  ])('%s is slot %i', async (wanted, slot) => {
    await history();
    expect(await slotAt(bench.tools, wanted)).toBe(slot);
  });

  it('is what a restore gives back', async () => {
    await history();
    const file = join(bench.folder, 'back');
    await restoreToFile(bench.tools, file, await slotAt(bench.tools, '2026-11-24T12:30:00Z'));
    expect(rowsIn(file)).toHaveLength(2);
  });

  it('before all that is kept, or no time at all, is refused', async () => {
    await history();
    await expect(slotAt(bench.tools, '2026-11-24T09:00:00Z')).rejects.toMatchObject({ code: 'not_found' });
    await expect(slotAt(bench.tools, 'yesterday')).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('looking at objects', () => {
  it('tells what one says of itself', async () => {
    await history();
    const { keys } = bench.log;
    expect(await inspectObject(bench.tools, keys.log(1))).toMatchObject({ kind: 'seal', to: 1, epoch: 1, fault: null });
    expect(await inspectObject(bench.tools, keys.base(5))).toMatchObject({ kind: 'base', to: 5, fault: null });
    expect(await inspectObject(bench.tools, keys.lease)).toMatchObject({ lease: { seq: 8 } });
    await expect(inspectObject(bench.tools, keys.log(99))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('finds each damaged one, also where the present does not need it', async () => {
    await history();
    const { bucket, keys } = bench.log;
    const seen: number[] = [];
    expect(await checkObjects(bench.tools, (done) => seen.push(done))).toEqual({ objects: 9, faults: [] });
    expect(seen).toHaveLength(9);
    const stored = await bucket.get(keys.log(3));
    const damaged = Buffer.from(stored?.bytes ?? []);
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    await bucket.putIfMatch(keys.log(3), damaged, stored?.etag ?? '');
    const other = await bucket.get(keys.log(4));
    await bucket.delete(keys.log(6));
    await bucket.putIfAbsent(keys.log(6), other?.bytes ?? damaged);
    const { faults } = await checkObjects(bench.tools, () => undefined);
    expect(faults.map(({ key }) => key)).toEqual([keys.log(3), keys.log(6)]);
    expect(await inspectObject(bench.tools, keys.log(3))).toMatchObject({ fault: expect.stringMatching(/digest/) });
    await bucket.putIfAbsent(keys.log(99), Buffer.from('short'));
    expect(await inspectObject(bench.tools, keys.log(99))).toMatchObject({ fault: expect.stringMatching(/length/) });
  });

  it('tells what is no part of a log', async () => {
    await history();
    await bench.log.bucket.putIfAbsent(`${bench.log.keys.root}log/readme.txt`, Buffer.from('x'));
    expect((await listContent(bench.tools)).strangers).toEqual([`${bench.log.keys.root}log/readme.txt`]);
  });
});
