/** Test program: a leader whose disk (TMPDIR, a small one) fills up while it writes, and again before a checkpoint. Says as one JSON line what held. */
import { tmpdir } from 'node:os';
import { fillDisk } from '../test-fill-disk.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { found, TestDatabase } from './test-leader.ts';

const bucket = new MemoryBucket();
const database = await TestDatabase.lead(bucket, { soleWriter: true });
const acked: number[] = [];
const refusals = new Set<string>();

async function insert(id: number): Promise<void> {
  try {
    await database.commit(`insert into t values (${id}, randomblob(20000))`);
    acked.push(id);
  } catch (error) {
    refusals.add(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
}

await database.commit('create table t(id integer primary key, body blob)');
await insert(1);
const empty = fillDisk(tmpdir());
for (let id = 2; id < 12; id += 1) await insert(id);
const whileFull = acked.length;
const alive = database.ends.length === 0;
empty();
for (let id = 12; id < 22; id += 1) await insert(id);
const afterwards = acked.length - whileFull;
const emptyAgain = fillDisk(tmpdir());
const snapshot = await database.log.snapshotNow().then(
  () => 'stored',
  () => 'failed',
);
emptyAgain();
const { rows } = await found(bucket);
const restored = rows('select id from t order by id');
await database.end();
process.stdout.write(
  `${JSON.stringify({
    refusals: [...refusals],
    alive,
    whileFull,
    afterwards,
    snapshot,
    ended: database.ends.length,
    same: JSON.stringify(restored) === JSON.stringify(acked),
  })}\n`,
);
