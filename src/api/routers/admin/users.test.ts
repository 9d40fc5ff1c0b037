/** Letting people in who wait, and what is asked for on the list of people. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../../boot/test-bed.ts';
import { newUserId, type UserId } from '../../../domain/ids.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

describe('approval', () => {
  let bed: TestBed;
  let admin: Person;
  beforeEach(async () => {
    bed = await openTestBed({ env: { DEFAULT_TIER: 'basic' } });
    admin = await bed.signIn('ada');
  });
  afterEach(() => bed.close());

  const deps = () => bed.container.deps;
  const trail = (action: string) => deps().audit.page({ action }, { before: null, limit: 100 }).rows;

  /** As signing in leaves somebody whom an administrator has to let in. */
  function newcomer(name: string): UserId {
    const id = newUserId();
    const identity = { issuer: 'memory', subject: name, email: `${name}@example.org`, emailVerified: true, name };
    deps().db.write(() => {
      deps().people.insertUser({
        id,
        email: identity.email,
        name,
        role: 'user',
        tier: 'basic',
        active: false,
        awaitsApprovalSince: deps().now() - 60_000,
        createdAt: deps().now(),
      });
      deps().people.insertIdentity(identity, id, deps().now());
    });
    return id;
  }

  it('lets a person in with role, tier and a storage, and tells every administrator', async () => {
    const id = newcomer('bob');
    await expect(bed.signIn('bob')).rejects.toMatchObject({ code: 'permission_denied' });
    expect(await admin.api.admin.users.counts()).toMatchObject({ awaiting: 1 });
    expect((await admin.api.admin.users.list({ awaiting: true })).people).toMatchObject([
      { id, active: false, awaitsApprovalSince: expect.any(Number) },
    ]);
    expect((await admin.api.admin.users.list({ awaiting: false })).people).toMatchObject([{ name: 'ada' }]);
    const told: unknown[] = [];
    deps().feed.subscribe(admin.userId, (signal) => told.push(signal));
    await admin.api.admin.users.approve({ id, role: 'researcher', tier: 'premium' });
    expect(told).toMatchObject([{ row: { kind: 'people', targetId: id } }]);
    const bob = await bed.signIn('bob');
    expect(bob.actor).toMatchObject({ userId: id, role: 'researcher', tier: 'premium' });
    await eventually(async () => (await bob.api.storages.list())[0]?.status === 'active');
    expect(trail('user.approve')).toMatchObject([
      {
        targetId: id,
        result: 'done',
        before: { role: 'user' },
        after: { active: true, role: 'researcher', tier: 'premium' },
      },
    ]);
    expect(await admin.api.admin.users.get({ id })).toMatchObject({ admission: 'approval', awaitsApprovalSince: null });
    expect(await admin.api.admin.users.counts()).toMatchObject({ awaiting: 0 });
  });

  it('removes whom it refuses, who may ask again', async () => {
    const id = newcomer('bob');
    await admin.api.admin.users.refuse({ id });
    expect(deps().people.findUser(id)).toBeUndefined();
    expect(deps().people.findByIdentity('memory', 'bob')).toBeUndefined();
    expect(trail('user.refuse')).toMatchObject([{ targetId: id, targetName: 'bob@example.org', result: 'done' }]);
    await expect(admin.api.admin.users.refuse({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(bed.signIn('bob')).resolves.toBeDefined();
  });

  it('is for those who wait only: nobody who is here is approved or removed by it, and activation is no way around', async () => {
    const bob = await bed.signIn('bob');
    for (const call of [
      () => admin.api.admin.users.approve({ id: bob.userId, role: 'admin', tier: 'enterprise' }),
      () => admin.api.admin.users.refuse({ id: bob.userId }),
    ])
      await expect(call()).rejects.toMatchObject({ cause: { details: { reason: 'not_awaiting' } } });
    expect(deps().people.findUser(bob.userId)).toMatchObject({ role: 'user', tier: 'basic' });
    const id = newcomer('cleo');
    await expect(
      admin.api.admin.users.setActive({ id, active: true, reason: 'let in by mistake' }),
    ).rejects.toMatchObject({ cause: { details: { reason: 'awaiting' } } });
    await expect(bed.signIn('cleo')).rejects.toMatchObject({ code: 'permission_denied' });
    const answers = await Promise.allSettled([
      admin.api.admin.users.approve({ id, role: 'user', tier: 'free' }),
      admin.api.admin.users.refuse({ id }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
