/** The writer of litestream.ts: fills a database, waits for a word, then commits at an even pace and tells each one that is acknowledged. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { changer, fill, lead, localLog, SCHEMA } from './leading.ts';

const BYTES = 10_000_000;
const EVERY_MS = 50;
const NEVER = { snapshotSlots: 1e9, snapshotBytes: 1e12 };

const [kind = '', folder = ''] = process.argv.slice(2);
const { sqlite, write } = kind === 'ours' ? await ours() : plain();
await write(() => sqlite.exec(SCHEMA));
await fill(BYTES, { sqlite, write });
const before = Number(sqlite.prepare('select count(*) from b_event').pluck().get());
process.stdout.write(`${before}\n`);
await once(process.stdin, 'data');
const change = changer(sqlite);
for (let due = performance.now(); ; due += EVERY_MS) {
  await delay(Math.max(0, due - performance.now()));
  await write(change);
  process.stdout.write('.');
}

async function ours() {
  const { bucket } = await localLog(folder);
  const { db, sqlite } = await lead(bucket, NEVER);
  const write = async (fn: () => void) => {
    db.write(fn);
    await db.gate();
  };
  return { sqlite, write };
}

/** As litestream's documentation wants it. */
function plain() {
  const sqlite = new Database(join(folder, 'db'));
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'busy_timeout = 5000', 'wal_autocheckpoint = 0'])
    sqlite.pragma(pragma);
  return { sqlite, write: async (fn: () => void) => sqlite.transaction(fn).immediate() };
}
