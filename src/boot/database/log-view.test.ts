/** The figures of a real leader, as administrators get them. */
import { afterEach, expect, it } from 'vitest';
import { MemoryBucket } from '../../../prisma-free-db/replication/memory-bucket.ts';
import { SteppedClock, TestDatabase } from '../../../prisma-free-db/replication/test-leader.ts';
import { databaseStatus } from '../../api/schemas/database-log.ts';
import { conditionOf } from '../../domain/database-log.ts';
import { databaseLogView, type LogSurroundings } from './log-view.ts';

const AROUND: Omit<LogSurroundings, 'clockMs'> = {
  url: 'http://10.0.3.7:8080',
  followers: [{ address: '10.0.3.8', since: 5 }],
  place: 'somewhere',
  encrypted: false,
  retentionMs: 1_000,
  soleWriter: false,
};

let database: TestDatabase | null = null;
afterEach(async () => {
  await database?.end();
  database = null;
});

it('tells slots, snapshot, lease and store of the leader in wall time and bytes', async () => {
  const clock = new SteppedClock();
  const at = '2026-11-24T10:00:00.000Z';
  database = await TestDatabase.lead(new MemoryBucket(), {
    pacing: { clock, random: () => 0 },
    at: () => at,
    ttlMs: 6_000,
  });
  const { log } = database;
  await log.ready();
  const view = () => databaseLogView(log.status(), { ...AROUND, clockMs: clock.now() });
  expect(view()).toMatchObject({ role: 'leader', slot: 1, storedAt: null, snapshot: null, batches: 0 });
  await database.commit('create table t(body)');
  await log.snapshotNow();
  clock.advance(1_500);
  const seen = view();
  expect(seen).toMatchObject({
    ...{ url: AROUND.url, followers: AROUND.followers, place: AROUND.place, retentionMs: AROUND.retentionMs },
    ...{ slot: 2, batches: 1, commits: 1, undurableAgeMs: 0, refusesAfterMs: 10_000 },
    storedAt: Date.parse(at),
    leaseLeftMs: 4_500,
    databaseBytes: 2 * log.status().pageSize,
    snapshot: { kind: 'base', slot: 2, at: Date.parse(at), bytes: expect.any(Number) },
    sinceSnapshot: { slots: 0, bytes: 0 },
    store: { retries: 0, p50Ms: 0, lastError: null, lastErrorAt: null, failingSince: null },
  });
  expect(conditionOf(seen, Date.parse(at))).toBe('stored');
  const began = { ...log.status(), restore: { ms: 9, bytes: 0, slots: 0 } };
  expect(databaseLogView(began, { ...AROUND, clockMs: 0 }).restore).toBeNull();
  const restored = { ms: 9, bytes: 8_192, slots: 3 };
  expect(databaseLogView({ ...began, restore: restored }, { ...AROUND, clockMs: 0 }).restore).toEqual(restored);
  expect(databaseLogView(log.status(), { ...AROUND, soleWriter: true, clockMs: clock.now() }).leaseLeftMs).toBeNull();
  // What the page gets is all of it, and nothing else.
  const log_ = { ...seen, condition: 'stored', refuses: false };
  expect(databaseStatus.parse({ log: log_ })).toEqual({ log: log_ });
});
