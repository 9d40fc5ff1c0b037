/** What tiers allow, edited by administrators: what holds, from when on, for whom, and what stays on record. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestBed, type TestBed } from '../../../boot/test-bed.ts';
import { DEFAULT_LIMITS } from '../../../domain/quota.ts';
import { setTierLimits } from '../../../services/admin/tiers.ts';
import { createTierBook } from '../../../services/tiers.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

const reason = 'the test says so';
const SIZE = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };

describe('limits of tiers', () => {
  let bed: TestBed;
  let admin: Person;
  let bob: Person;
  beforeEach(async () => {
    bed = await openTestBed({ env: { TIER_FREE: 'cpu=3 uptime=2h' } });
    admin = await bed.signIn('ada');
    bob = await bed.signIn('bob');
  });
  afterEach(() => bed.close());

  const deps = () => bed.container.deps;
  const tiers = () => admin.api.admin.tiers;
  const free = async () => {
    const found = (await tiers().list()).tiers.find(({ tier }) => tier === 'free');
    if (!found) throw new Error('there is no such tier');
    return found;
  };
  const trail = (action: string) => deps().audit.page({ action }, { before: null, limit: 100 }).rows;
  const launch = (person: Person, clientKey: string) =>
    person.api.environments.launch({
      clientKey: `launch-of-${clientKey}`,
      applicationId: deps().applications.findBySlug('terminal')?.id as never,
      name: clientKey,
      size: SIZE,
      storage: { kind: 'automatic' },
    });

  it('layers what is built in, what variables say and what is set here, and says which is which', async () => {
    const by = { kind: 'administrator', by: 'ada', at: expect.any(Number) };
    await tiers().set({ tier: 'free', limits: { environments: 3, uptimeMs: null }, reason });
    expect(await free()).toMatchObject({
      people: 1,
      limits: { environments: 3, cpuMillicores: 3_000, memoryMiB: 4_096, gpus: 0, uptimeMs: null },
      configured: { environments: 1, cpuMillicores: 3_000, uptimeMs: 7_200_000 },
      own: { environments: 3, uptimeMs: null },
      sources: {
        environments: by,
        cpuMillicores: { kind: 'environment' },
        memoryMiB: { kind: 'default' },
        uptimeMs: by,
      },
    });
    expect((await bob.api.profile.limits()).limits).toMatchObject({ environments: 3, uptimeMs: null });
    expect((await admin.api.admin.users.tiers()).free.environments).toBe(3);
    expect((await tiers().list()).tiers.map(({ people }) => people).reduce((a, b) => a + b)).toBe(2);
  });

  it('holds for the next launch: before it one of two passes, after it as many as it says', async () => {
    const outcome = async (...keys: string[]) =>
      (await Promise.allSettled(keys.map((key) => launch(bob, key)))).filter(({ status }) => status === 'fulfilled')
        .length;
    expect(await outcome('a', 'b')).toBe(1);
    const [, raced] = await Promise.all([
      tiers().set({ tier: 'free', limits: { environments: 3 }, reason }),
      outcome('c', 'd', 'e'),
    ]);
    // Whichever came first, never more than the limit of its time.
    expect(raced).toBeLessThanOrEqual(2);
    await outcome('f', 'g', 'h');
    expect(deps().environments.usage(bob.userId).environments).toBe(3);
    await tiers().set({ tier: 'free', limits: { environments: 2 }, reason });
    await expect(launch(bob, 'i')).rejects.toMatchObject({ message: expect.stringContaining('3 of 2 environments') });
    expect(deps().environments.usage(bob.userId).environments).toBe(3);
  });

  it('leaves a person’s own limits above those of the tier', async () => {
    await admin.api.admin.users.setLimits({ id: bob.userId, tier: 'free', overrides: { environments: 7 }, reason });
    await tiers().set({ tier: 'free', limits: { environments: 2, gpus: 1 }, reason });
    expect((await bob.api.profile.limits()).limits).toMatchObject({ environments: 7, gpus: 1 });
  });

  it('goes back to the configuration, value by value and as a whole', async () => {
    await tiers().set({ tier: 'free', limits: { environments: 3, gpus: 2 }, reason });
    const { at } = (await free()).sources.gpus;
    await tiers().set({ tier: 'free', limits: { gpus: 2 }, reason });
    expect(await free()).toMatchObject({
      limits: { environments: 1, gpus: 2 },
      sources: { environments: { kind: 'default' }, gpus: { kind: 'administrator', at } },
    });
    await tiers().reset({ tier: 'free', reason });
    expect(await free()).toMatchObject({ limits: { gpus: 0, cpuMillicores: 3_000 }, own: {} });
    const entries = trail('tier.limits').length;
    await tiers().reset({ tier: 'free', reason });
    expect(trail('tier.limits')).toHaveLength(entries);
  });

  it('is on record with before and after, and other administrators hear of it', async () => {
    const told: unknown[] = [];
    deps().feed.subscribe(admin.userId, (signal) => told.push(signal));
    deps().feed.subscribe(bob.userId, (signal) => told.push(signal));
    await tiers().set({ tier: 'free', limits: { gpus: 1 }, reason });
    expect(told).toMatchObject([{ row: { kind: 'tiers', targetId: 'free' } }]);
    expect(trail('tier.limits')).toMatchObject([
      {
        actorId: admin.userId,
        targetName: 'free',
        result: 'done',
        before: { gpus: 0, cpuMillicores: 3_000 },
        after: { gpus: 1, cpuMillicores: 3_000 },
        details: { reason, setHere: ['gpus'] },
      },
    ]);
  });

  it('refuses whoever does not administer (any more), and what no limit can be', async () => {
    await expect(bob.api.admin.tiers.set({ tier: 'free', limits: { gpus: 9 }, reason })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    // Somebody who lost the role between the check and the transaction.
    expect(() => setTierLimits(deps(), bob.actor, { tier: 'free', limits: { gpus: 9 }, reason })).toThrow(
      'Only administrators may do this.',
    );
    expect(trail('tier.limits')).toMatchObject([{ result: 'denied', actorId: bob.userId }]);
    for (const limits of [
      { gpus: -1 },
      { gpus: 1.5 },
      { environments: 1_001 },
      { uptimeMs: 1 },
      { cores: 1 },
      { cpuMillicores: null },
    ])
      await expect(tiers().set({ tier: 'free', limits: limits as never, reason })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    await expect(tiers().set({ tier: 'free', limits: {}, reason: 'no' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect((await free()).own).toEqual({});
  });

  it('gives newcomers the tier that is set, from the next one on', async () => {
    expect((await tiers().list()).newcomers).toMatchObject({ tier: 'free', source: { kind: 'default' } });
    await tiers().setNewcomers({ tier: 'premium', reason });
    expect((await bed.signIn('cleo')).actor.tier).toBe('premium');
    expect(deps().people.findUser(bob.userId)?.tier).toBe('free');
    expect((await tiers().list()).newcomers).toMatchObject({ tier: 'premium', source: { kind: 'administrator' } });
    await tiers().setNewcomers({ tier: null, reason });
    expect((await bed.signIn('dora')).actor.tier).toBe('free');
    expect(trail('tier.newcomers')).toMatchObject([
      { before: { tier: 'premium' }, after: { tier: 'free' } },
      { before: { tier: 'free' }, after: { tier: 'premium' } },
    ]);
  });

  it('is read once, forgotten with a change that did not happen, and whole again after a restart', async () => {
    const { db, records, deployment } = deps();
    let reads = 0;
    const counted = {
      setSetting: records.setSetting,
      getSetting: (key: string) => {
        reads += 1;
        return records.getSetting(key);
      },
    };
    const book = createTierBook(db, counted, deployment);
    for (let i = 0; i < 10; i += 1) expect(book.limits('free').gpus).toBe(0);
    expect(reads).toBe(1);
    const settings = book.read();
    settings.tiers.free = { limits: { gpus: 5 }, marks: { gpus: { by: 'ada', at: 1 } } };
    const fails = () =>
      db.write(() => {
        book.store(settings);
        throw new Error('rolled back');
      });
    expect(fails).toThrow('rolled back');
    expect(book.limits('free').gpus).toBe(0);
    db.write(() => book.store(settings));
    expect(book.limits('free').gpus).toBe(5);
    expect(createTierBook(db, records, deployment).limits('free').gpus).toBe(5);
  });

  it('does without what it cannot read in the database', () => {
    const { db, records, deployment } = deps();
    const mark = { by: 'ada', at: 1 };
    for (const value of [
      7,
      {
        tiers: { free: { limits: { gpus: 'x', cpuMillicores: -1 }, marks: { gpus: mark } } },
        newcomers: { tier: 'gold', ...mark },
      },
    ]) {
      db.write(() => records.setSetting('tiers', value));
      const book = createTierBook(db, records, deployment);
      expect(book.limits('basic')).toEqual(DEFAULT_LIMITS.basic);
      expect(book.limits('free')).toEqual(deployment.limits.free);
      expect(book.newcomers()).toBe('free');
    }
  });

  it('tells how people come in, without naming anybody', async () => {
    expect(await admin.api.admin.settings.signIn()).toMatchObject({ signUp: 'open', allowedEmails: 0, contact: null });
    await expect(bob.api.admin.settings.signIn()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
