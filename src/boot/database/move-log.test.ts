import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogBucket } from '../../../prisma-free-db/replication/bucket.ts';
import { Ambiguous } from '../../../prisma-free-db/replication/errors.ts';
import { moveLog } from './move-log.ts';
import type { DatabaseLog } from './open-log.ts';
import { type LogBench, lead, openLogBench, rowsIn } from './test-bench.ts';
import { readLease, restoreInMemory, restoreToFile } from './tools.ts';

let bench: LogBench;
let target: DatabaseLog;
beforeEach(async () => {
  bench = await openLogBench({ SECRET_KEY: 'k'.repeat(32) });
  target = await bench.open({ DATABASE_PREFIX: 'the/new/place' });
});
afterEach(() => bench.close());

async function history(): Promise<void> {
  const first = await lead(bench.tools, bench.folder);
  for (let row = 0; row < 5; row += 1) await first.add(`first ${row}`);
  await first.leader.snapshotNow();
  await first.add('behind the snapshot');
  await first.handover();
  const second = await lead(bench.tools, bench.folder);
  await second.add('second');
  await second.handover();
}

let files = 0;
async function rowsOf(log: DatabaseLog): Promise<unknown[]> {
  files += 1;
  const file = join(bench.folder, `rows-${files}`);
  await restoreToFile(bench.toolsOn(log), file);
  return rowsIn(file);
}

describe('moving a log', () => {
  it('brings all that is kept to the new place, where a server begins at once', async () => {
    await history();
    const rows = await rowsOf(bench.log);
    const { seq } = await moveLog(bench.tools, target);
    expect(await rowsOf(target)).toEqual(rows);
    expect(await readLease(bench.toolsOn(target))).toMatchObject({ released: true, seq });
    const next = await lead(bench.toolsOn(target), bench.folder);
    await next.add('at the new place');
    await next.handover();
    expect((await rowsOf(target)).length).toBe(rows.length + 1);
    // Point in time, too: an earlier slot of the first leader.
    expect((await restoreInMemory(bench.toolsOn(target), seq - 3)).chain.seq).toBe(seq - 3);
  });

  it('leaves nobody who writes at the old place', async () => {
    await history();
    const late = await lead(bench.tools, bench.folder);
    await late.add('still there');
    await late.vanish();
    const rows = await rowsOf(bench.log);
    await moveLog(bench.tools, target);
    await expect(lead(bench.tools, bench.folder)).rejects.toMatchObject({ code: 'moved', to: target.placeInWords });
    expect(await rowsOf(target)).toEqual(rows);
    await expect(moveLog(bench.tools, await bench.open({ DATABASE_PREFIX: 'third' }))).rejects.toMatchObject({
      code: 'moved',
    });
  });

  it('fences a server that was frozen during the move', async () => {
    await history();
    const ends: Error[] = [];
    const frozen = await lead(bench.tools, bench.folder, { ttlMs: 600_000, onEnd: (reason) => ends.push(reason) });
    await frozen.add('before');
    await moveLog(bench.tools, target);
    // Its write is refused; whether it may say “not kept” is the leader's to judge.
    await expect(frozen.add('after')).rejects.toMatchObject({ code: expect.stringMatching(/fenced|outcome_unknown/) });
    expect(ends).toHaveLength(1);
    expect(JSON.stringify(await rowsOf(target))).not.toContain('after');
    await frozen.vanish();
  });

  it('waits for who leads, and refuses while they do', async () => {
    const leading = await lead(bench.tools, bench.folder, { ttlMs: 3_000 });
    await leading.add('one');
    await expect(moveLog({ ...bench.tools, leaseMs: 3_000 }, target)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('http://lead'),
    });
    expect((await target.bucket.list(target.keys.root, null)).keys).toEqual([]);
    await leading.handover();
    await moveLog(bench.tools, target);
  });

  it('does not touch a place that holds something else', async () => {
    await history();
    const other = await lead(bench.toolsOn(target), bench.folder);
    await other.handover();
    const before = (await target.bucket.list(target.keys.root, null)).keys;
    await expect(moveLog(bench.tools, target)).rejects.toMatchObject({ message: expect.stringMatching(/already/) });
    expect((await target.bucket.list(target.keys.root, null)).keys).toEqual(before);
    await expect(moveLog(bench.tools, bench.log)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('goes on wherever it was cut off; until the end the new place is refused and the old one serves', async () => {
    await history();
    const rows = await rowsOf(bench.log);
    let cuts = 0;
    for (let allowed = 0; ; allowed += 1) {
      let left = allowed;
      const mortal = (bucket: LogBucket): LogBucket => {
        const pass = <T>(request: () => Promise<T>): Promise<T> => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          return request();
        };
        return {
          ...bucket,
          putIfAbsent: async (key, bytes) => pass(() => bucket.putIfAbsent(key, bytes)),
          putIfMatch: async (key, bytes, etag) => pass(() => bucket.putIfMatch(key, bytes, etag)),
        };
      };
      const tools = { ...bench.tools, log: { ...bench.log, bucket: mortal(bench.log.bucket) } };
      const done = await moveLog(tools, { ...target, bucket: mortal(target.bucket) }).then(
        () => true,
        (error: Error) => {
          if (error.message !== 'killed') throw error;
          return false;
        },
      );
      if (done) break;
      cuts += 1;
      await expect(rowsOf(target)).rejects.toMatchObject({
        code: expect.stringMatching(/corrupt_log|not_found/),
      });
    }
    expect(cuts).toBeGreaterThan(3);
    expect(await rowsOf(target)).toEqual(rows);
  });

  it('gets through a store whose answers get lost', async () => {
    await history();
    const rows = await rowsOf(bench.log);
    let count = 0;
    const lossy = (bucket: LogBucket): LogBucket => {
      const lose = async <T>(request: Promise<T>): Promise<T> => {
        const answer = await request;
        count += 1;
        if (count % 3 === 0) throw new Ambiguous('lost');
        return answer;
      };
      return {
        putIfAbsent: (key, bytes) => lose(bucket.putIfAbsent(key, bytes)),
        putIfMatch: (key, bytes, etag) => lose(bucket.putIfMatch(key, bytes, etag)),
        get: (key) => lose(bucket.get(key)),
        list: (prefix, after) => lose(bucket.list(prefix, after)),
        delete: (key) => bucket.delete(key),
      };
    };
    const tools = { ...bench.tools, log: { ...bench.log, bucket: lossy(bench.log.bucket) } };
    await moveLog(tools, { ...target, bucket: lossy(target.bucket) });
    expect(await rowsOf(target)).toEqual(rows);
    expect((await restoreInMemory(bench.tools)).chain.movedTo).toBe(target.placeInWords);
  });
});
