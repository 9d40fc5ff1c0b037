/**
 * What must hold after every kill: the log restores in a fresh place, the database is sound, and it agrees with everything that anybody
 * was ever told. Reads the bucket with the code of this tree, whatever the killed processes ran.
 */
import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { systemClock } from '../prisma-free-db/replication/clock.ts';
import type { EpochMark } from '../prisma-free-db/replication/log-reader.ts';
import { MemoryPages } from '../prisma-free-db/replication/page-sink.ts';
import { restore } from '../prisma-free-db/replication/restore.ts';
import type { DatabaseLog } from '../src/boot/database/open-log.ts';

const MAX_RAW_LEN = 2 ** 30;

export interface Findings {
  readonly acknowledged: number;
  /** What somebody was told and the restored database does not hold, in words. */
  readonly lost: readonly string[];
  /** Epochs that acknowledged something and are not in the restored history. */
  readonly branches: readonly number[];
  /** Whatever else does not hold. */
  readonly broken: readonly string[];
}

type Told = 'ack' | 'effect' | 'going' | 'gone' | 'seen' | 'refused';

/** Everything that was told since the log began. */
class Journal {
  readonly epochs = new Set<number>();
  readonly #told: Record<Told, Set<string>> = {
    ack: new Set(),
    effect: new Set(),
    going: new Set(),
    gone: new Set(),
    seen: new Set(),
    refused: new Set(),
  };

  constructor(file: string) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    for (const line of lines) {
      const [kind = '', id = '', epoch] = line.split(' ');
      const told = Object.entries(this.#told).find(([name]) => name === kind)?.[1];
      told?.add(id);
      if (kind === 'ack') this.epochs.add(Number(epoch));
    }
  }

  /** Ids that were told so, and of which no removal was ever begun. */
  stays(kind: Told): string[] {
    return [...this.#told[kind]].filter((id) => !this.#told.going.has(id));
  }

  all(kind: Told): ReadonlySet<string> {
    return this.#told[kind];
  }
}

export async function examine(log: DatabaseLog, journalFile: string): Promise<Findings> {
  const journal = new Journal(journalFile);
  const acknowledged = journal.all('ack').size;
  const nothing = { acknowledged, lost: [], branches: [] };
  let restored: { ids: ReadonlySet<string>; epochs: readonly EpochMark[]; integrity: string };
  try {
    restored = await readBack(log);
  } catch (error) {
    const why = `the database cannot be restored: ${error instanceof Error ? error.message : error}`;
    return { ...nothing, lost: journal.stays('ack').map((id) => `${id}: ${why}`), broken: [why] };
  }
  const { ids, epochs, integrity } = restored;
  const missing = (kind: Told, words: string) =>
    journal
      .stays(kind)
      .filter((id) => !ids.has(id))
      .map((id) => `${id} ${words} and is missing`);
  const present = (kind: Told, words: string) =>
    [...journal.all(kind)].filter((id) => ids.has(id)).map((id) => `${id} ${words} and is there`);
  const known = new Set(epochs.map(({ epoch }) => epoch));
  return {
    acknowledged,
    lost: [
      ...missing('ack', 'was acknowledged'),
      ...missing('effect', 'had its effect'),
      ...missing('seen', 'was shown to a reader'),
      ...present('gone', 'was removed'),
    ],
    branches: [...journal.epochs].filter((epoch) => !known.has(epoch)),
    broken: [
      ...(integrity === 'ok' ? [] : [`integrity: ${integrity}`]),
      ...present('refused', 'was refused before it was written'),
    ],
  };
}

async function readBack({ bucket, keys, ring }: DatabaseLog) {
  const sink = new MemoryPages();
  const pacing = { clock: systemClock, random: Math.random };
  const { outcome, chain } = await restore(bucket, { log: keys, sink, keys: ring, maxRawLen: MAX_RAW_LEN }, pacing);
  if (outcome === 'empty' || chain.dbPages === 0)
    return { ids: new Set<string>(), epochs: chain.epochs, integrity: 'ok' };
  const image = Buffer.from(sink.content);
  // A database in memory has no write-ahead log: its header must not ask for one.
  image.fill(1, 18, 20);
  const sqlite = new Database(image);
  try {
    const integrity = String(sqlite.pragma('integrity_check', { simple: true }));
    const table = sqlite.prepare("select 1 from sqlite_master where name = 'proof'").get();
    const ids = table ? sqlite.prepare('select id from proof').pluck().all().map(String) : [];
    return { ids: new Set(ids), epochs: chain.epochs, integrity };
  } finally {
    sqlite.close();
  }
}
