/**
 * The log's bucket on real servers behind a proxy that does what networks do: every definite answer is true, whatever else happened, and
 * everything else is `Ambiguous`. The protocol above rests on exactly that.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogBucket } from '../../prisma-free-db/replication/bucket.ts';
import { systemClock } from '../../prisma-free-db/replication/clock.ts';
import { Ambiguous } from '../../prisma-free-db/replication/errors.ts';
import { logBucket } from '../../src/boot/database/log-bucket.ts';
import { type FaultGround, GROUNDS } from '../servers/fault-ground.ts';
import { FAULT_KINDS, numbers, seededPlan } from '../servers/fault-plan.ts';

const SEED = 20_261_124;
const HANDS = 4;
/** Of each hand. */
const CALLS = 80;

/** Null: no definite answer. */
async function definite<T>(request: Promise<T>): Promise<{ answer: T } | null> {
  try {
    return { answer: await request };
  } catch (error) {
    if (error instanceof Ambiguous) return null;
    throw error;
  }
}

describe.each(GROUNDS)('the log’s bucket on $name behind a proxy that fails', ({ name, start }) => {
  let ground: FaultGround;
  let faulty: LogBucket;
  let direct: LogBucket;
  beforeAll(async () => {
    ground = await start();
    await ground.direct.createBucket('the-log', { labels: {} });
    const storage = await ground.open({ attempts: 1, attemptMs: 1_500, stallMs: 1_500 });
    faulty = logBucket(storage.bucket('the-log'), { clock: systemClock });
    direct = logBucket(ground.direct.bucket('the-log'), { clock: systemClock });
    await faulty.list('', null);
  });
  afterAll(async () => {
    process.stdout.write(`${name}, the log’s bucket: ${ground.summary()}\n`);
    await ground.close();
  });

  const textAt = async (key: string) => {
    const held = await direct.get(key);
    return held && Buffer.from(held.bytes).toString();
  };

  it('no definite answer is false', async () => {
    // A list has no checksum: what flips in one is for the restore to find.
    const kinds = FAULT_KINDS.filter((kind) => !kind.startsWith('flip'));
    ground.proxy.setPlan(seededPlan({ seed: SEED, rate: 0.3, kinds, longestDelayMs: 50 }));
    const seen = { definite: 0, unclear: 0 };
    const count = <T>(found: { answer: T } | null): { answer: T } | null => {
      seen[found ? 'definite' : 'unclear'] += 1;
      return found;
    };
    const hand = async (which: number) => {
      const random = numbers(`${SEED} ${which}`);
      for (let call = 0; call < CALLS; call += 1) {
        const key = `hand-${which}/${call}`;
        const mine = `mine ${'x'.repeat(Math.floor(random() * 5_000))}`;
        if (call % 2 === 0) await direct.putIfAbsent(key, Buffer.from('a rival’s'));
        const created = count(await definite(faulty.putIfAbsent(key, Buffer.from(mine))));
        const truth = await textAt(key);
        if (created?.answer === 'created') expect(truth).toBe(mine);
        if (created?.answer === 'exists') expect(truth).not.toBeNull();
        if (call % 2 === 0) expect(truth).toBe('a rival’s');

        const read = count(await definite(faulty.get(key)));
        const now = await textAt(key);
        if (read) expect([truth, now]).toContain(read.answer && Buffer.from(read.answer.bytes).toString());

        const present = await direct.get(key);
        const replaced = count(
          await definite(faulty.putIfMatch(key, Buffer.from(`second ${mine}`), present?.etag ?? null)),
        );
        const after = await direct.get(key);
        if (replaced && replaced.answer !== null) {
          expect(Buffer.from(after?.bytes ?? []).toString()).toBe(`second ${mine}`);
          expect(after?.etag).toBe(replaced.answer);
        }
        const stale = count(await definite(faulty.putIfMatch(key, Buffer.from('third'), 'no-such-version')));
        if (stale) expect(stale.answer).toBeNull();
        expect(await textAt(key)).not.toBe('third');

        const listed = count(await definite(faulty.list(`hand-${which}/${call}`, null)));
        if (listed && after) expect(listed.answer.keys).toContain(key);
      }
    };
    await Promise.all(Array.from({ length: HANDS }, (_, which) => hand(which)));
    ground.proxy.setPlan(null);
    expect(seen.unclear).toBeGreaterThan(20);
    expect(seen.definite).toBeGreaterThan(HANDS * CALLS);
  }, 240_000);
});
