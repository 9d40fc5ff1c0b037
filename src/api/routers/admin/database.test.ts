/** The database's log as administrators see it, over HTTP too: also while the store keeps everything else waiting. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heldBack } from '../../../../prisma-free-db/durability.ts';
import { openTestBed, type TestBed } from '../../../boot/test-bed.ts';
import type { DatabaseLogView } from '../../../domain/database-log.ts';
import { healthyLog } from '../../../domain/test-database-log.ts';
import { takeSnapshot } from '../../../services/admin/database.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

describe('the database’s log', () => {
  const durability = heldBack();
  let log: DatabaseLogView | null;
  let snapshot: () => Promise<void>;
  let bed: TestBed;
  let admin: Person;
  beforeEach(async () => {
    log = healthyLog();
    snapshot = async () => {};
    bed = await openTestBed({
      durability: () => durability,
      databaseLog: () => log,
      snapshotDatabase: () => snapshot(),
    });
    admin = await bed.signIn('ada');
  });
  afterEach(async () => {
    durability.release();
    await bed.close();
  });

  const trail = () => bed.container.deps.audit.page({ action: 'database.snapshot' }, { before: null, limit: 9 }).rows;
  const ask = async (path: string, signal?: AbortSignal) => {
    const headers = { cookie: admin.cookie, host: `localhost:${bed.port}`, 'sec-fetch-site': 'same-origin' };
    const answer = await fetch(`http://127.0.0.1:${bed.port}${path}`, { headers, ...(signal && { signal }) });
    return { status: answer.status, body: await answer.json() };
  };

  it('is told with what to think of it; nothing where there is none', async () => {
    expect(await admin.api.admin.database.status()).toEqual({
      log: { ...healthyLog(), condition: 'stored', refuses: false },
    });
    log = healthyLog({ undurableAgeMs: 12_000 });
    expect((await admin.api.admin.database.status()).log).toMatchObject({ condition: 'late', refuses: true });
    log = null;
    expect(await admin.api.admin.database.status()).toEqual({ log: null });
  });

  it('is seen by administrators while nothing else leaves the process, and by nobody else then', async () => {
    const bob = await bed.signIn('bob');
    durability.hold();
    bed.container.deps.db.write(() => bed.container.deps.records.setSetting('waits', 1));
    expect(await ask('/api/trpc/admin.database.status')).toMatchObject({
      status: 200,
      body: { result: { data: { log: { condition: 'stored' } } } },
    });
    const impatient = () => AbortSignal.timeout(100);
    await expect(ask('/api/trpc/profile.me', impatient())).rejects.toThrow(/aborted/);
    await expect(ask('/api/trpc/admin.database.status,profile.me?batch=1', impatient())).rejects.toThrow(/aborted/);
    admin = bob;
    await expect(ask('/api/trpc/admin.database.status', impatient())).rejects.toThrow(/aborted/);
  });

  it('decides about readiness', async () => {
    expect(await ask('/readyz')).toMatchObject({ status: 200, body: { notReady: [] } });
    log = healthyLog({ role: 'released' });
    expect(await ask('/readyz')).toMatchObject({ status: 503, body: { notReady: ['database log (not leading)'] } });
  });

  it('takes a snapshot when told to, after the order is on record', async () => {
    let seen = 0;
    snapshot = async () => {
      seen = trail().length;
    };
    expect(await admin.api.admin.database.snapshot()).toEqual({ state: 'stored' });
    expect(seen).toBe(1);
    expect(trail()).toMatchObject([
      { actorId: admin.userId, result: 'done', targetName: healthyLog().place, details: { slot: 1_204 } },
    ]);
  });

  it('says that a snapshot was not stored, and why one cannot be', async () => {
    snapshot = () => Promise.reject(new Error('the store said no'));
    await expect(admin.api.admin.database.snapshot()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('Nothing is lost'),
    });
    log = null;
    await expect(admin.api.admin.database.snapshot()).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(trail()).toHaveLength(1);
  });

  it('takes none for whoever lost the role meanwhile', async () => {
    const bob = await bed.signIn('bob');
    snapshot = () => Promise.reject(new Error('must not be asked for'));
    await expect(takeSnapshot(bed.container.deps, bob.actor)).rejects.toMatchObject({ code: 'permission_denied' });
    expect(trail()).toMatchObject([{ actorId: bob.userId, result: 'denied' }]);
  });
});
