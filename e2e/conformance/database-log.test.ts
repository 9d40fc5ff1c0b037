/** The storage port as the database's log, on real servers: the promises of the log's bucket, the start-up probe, what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_SUITE } from '../../prisma-free-db/replication/bucket-suite.ts';
import { systemClock } from '../../prisma-free-db/replication/clock.ts';
import { UnsafeStore } from '../../prisma-free-db/replication/errors.ts';
import { probeStore } from '../../prisma-free-db/replication/probe.ts';
import type { DatabaseLog } from '../../src/boot/database/open-log.ts';
import { LOG_GROUNDS, type LogGround, racyGround } from '../servers/log-grounds.ts';

const pacing = { clock: systemClock, random: Math.random };
/** Of 16 racers each, as many as showed what a server is worth when the stores were chosen. */
const ROUNDS = 100;
const RACERS = 16;

describe.each(LOG_GROUNDS)('the log on $name', ({ name, start }) => {
  let ground: LogGround;
  let log: DatabaseLog;
  beforeAll(async () => {
    ground = await start();
    log = await ground.open();
  });
  afterAll(async () => {
    await log.close();
    await ground.stop();
  });

  it.each(BUCKET_SUITE.map((check, index) => ({ ...check, index })))('$name', async ({ run, index }) => {
    await run(log.bucket, `suite-${index}/`);
  });

  it('passes the start-up probe, which leaves nothing behind', async () => {
    await probeStore(log.bucket, log.keys, pacing);
    expect(await log.bucket.list(log.keys.root, null)).toEqual({ keys: [], more: false });
  });

  it(`${ROUNDS} races have one winner each`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const bodies = Array.from({ length: RACERS }, (_, racer) => Buffer.from(`${round} ${racer}`));
      const answers = await Promise.all(bodies.map((body) => log.bucket.putIfAbsent(`races/${round}`, body)));
      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect((await log.bucket.get(`races/${round}`))?.bytes).toEqual(bodies[answers.indexOf('created')]);
    }
  });

  it('a bucket that is not there is no empty log', async () => {
    const lost = await ground.open({ DATABASE_BUCKET: 'not-there' });
    await expect(lost.bucket.list('control/', null)).rejects.toMatchObject({ code: 'not_found' });
    // A read cannot tell everywhere; a restore never goes by reads alone.
    if (!name.includes('fake-gcs-server'))
      await expect(lost.bucket.get('control/lease.json')).rejects.toMatchObject({ code: 'not_found' });
    await lost.close();
  });

  it('carries a snapshot of many pieces, once', async () => {
    const bytes = Buffer.alloc(40_000_000, 'page');
    expect(await log.bucket.putIfAbsent('large/base', bytes)).toBe('created');
    expect(await log.bucket.putIfAbsent('large/base', Buffer.alloc(40_000_000, 'other'))).toBe('exists');
    expect(bytes.equals((await log.bucket.get('large/base'))?.bytes ?? Buffer.alloc(0))).toBe(true);
  });
});

it('a store whose races have several winners is refused', async () => {
  const ground = await racyGround();
  const log = await ground.open();
  await expect(probeStore(log.bucket, log.keys, pacing)).rejects.toThrow(UnsafeStore);
  await log.close();
  await ground.stop();
});
