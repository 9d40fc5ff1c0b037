import { afterEach, describe, expect, it } from 'vitest';
import { healthyLog } from '../domain/test-database-log.ts';
import { createMetrics } from './metrics.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

const TOKEN = 'a token of metrics';
const FOLLOWER = { role: 'follower', epoch: 3, seq: 41, caughtUp: true } as const;

let bed: TestBed;
afterEach(() => bed.close());

async function open(log: Parameters<typeof createMetrics>[0]['log']): Promise<void> {
  bed = await openTestBed();
  bed.server.expose(createMetrics({ token: TOKEN, replica: () => FOLLOWER, log }));
}

const ask = (token: string | null) =>
  fetch(`${bed.origin}/metrics`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });

/** Lines that are no comments. */
async function figures(): Promise<Record<string, string>> {
  const answer = await ask(TOKEN);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
  );
}

describe('metrics', () => {
  it('tell nothing without the token', async () => {
    await open(() => null);
    for (const token of [null, '', `${TOKEN}x`]) expect((await ask(token)).status).toBe(401);
    expect(await (await ask(null)).text()).not.toContain('db_role');
  });

  it('of a replica that does not lead are its place in the log, and of the process', async () => {
    await open(() => null);
    const told = await figures();
    expect(told).toMatchObject({
      'db_role{role="follower"}': '1',
      'db_role{role="leader"}': '0',
      db_epoch: '3',
      db_durable_seq: '41',
      db_caught_up: '1',
    });
    expect(Number(told.process_resident_memory_bytes)).toBeGreaterThan(1_000_000);
    expect(Object.keys(told)).not.toContain('db_undurable_age_seconds');
  });

  it('of a leader are those of its log, in seconds and bytes, as they are when asked', async () => {
    let undurableAgeMs = 0;
    await open(() => ({ ...healthyLog(), undurableAgeMs, slot: 77, batches: 12, commits: 30 }));
    expect(await figures()).toMatchObject({
      db_durable_seq: '77',
      db_undurable_age_seconds: '0',
      db_commits_total: '30',
    });
    undurableAgeMs = 1_500;
    expect(await figures()).toMatchObject({
      db_undurable_age_seconds: '1.5',
      db_batches_total: '12',
      db_commits_total: '30',
    });
  });
});
