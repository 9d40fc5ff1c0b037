/** Administration over real rows: who may, what each change leaves behind, and what nobody can do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { UserId } from '../../domain/ids.ts';
import { authenticate } from '../../services/auth/session.ts';
import { appRouter } from '../root.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

const reason = 'the test says so';
const SIZE = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };

describe('administration', () => {
  let bed: TestBed;
  let admin: Person;
  let bob: Person;
  beforeEach(async () => {
    bed = await openTestBed({ env: { DEFAULT_TIER: 'basic' } });
    admin = await bed.signIn('ada');
    bob = await bed.signIn('bob');
  });
  afterEach(() => bed.close());

  const deps = () => bed.container.deps;
  const trail = (action: string) => deps().audit.page({ action }, { before: null, limit: 100 }).rows;
  const launch = (person: Person, clientKey: string, size = SIZE) =>
    person.api.environments.launch({
      clientKey,
      applicationId: deps().applications.findBySlug('terminal')?.id as never,
      name: clientKey,
      size,
      storage: { kind: 'automatic' },
    });
  const makeAdmin = (id: UserId) => admin.api.admin.users.setRole({ id, role: 'admin', reason });

  it('is for administrators: every procedure under admin refuses everybody else', async () => {
    const all = Object.keys(appRouter._def.procedures).filter((path) => path.startsWith('admin.'));
    expect(all.length).toBeGreaterThanOrEqual(9);
    for (const path of all) {
      const call = path.split('.').reduce<unknown>((at, name) => Reflect.get(at as object, name), bob.api) as (
        input: unknown,
      ) => Promise<unknown>;
      for (const input of [undefined, {}, { id: bob.userId, role: 'admin', reason, confirmSelf: true }])
        await expect(call(input), path).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(deps().people.findUser(bob.userId)?.role).toBe('user');
    const noted = trail('admin.call');
    expect(noted.map(({ targetName }) => targetName).sort()).toEqual([...all].sort());
    expect(noted[0]).toMatchObject({ actorId: bob.userId, result: 'denied', agent: 'test', correlationId: 'test' });
  });

  it('changes a role with what was before and after, and it bites at the next call', async () => {
    await makeAdmin(bob.userId);
    expect(trail('user.role')).toMatchObject([
      {
        actorId: admin.userId,
        targetKind: 'user',
        targetId: bob.userId,
        ownerId: bob.userId,
        result: 'done',
        before: { role: 'user' },
        after: { role: 'admin' },
        details: { reason },
        correlationId: 'test',
      },
    ]);
    const { actor } = await bed.signIn('bob');
    expect(actor.role).toBe('admin');
    await makeAdmin(bob.userId);
    expect(trail('user.role')).toHaveLength(1);
  });

  it('keeps one active administrator, however many ask at once', async () => {
    await makeAdmin(bob.userId);
    const other = await bed.signIn('bob');
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => {
        const [by, whom] = i % 2 ? [admin, other] : [other, admin];
        return i % 4 < 2
          ? by.api.admin.users.setRole({ id: whom.userId, role: 'user', reason })
          : by.api.admin.users.setActive({ id: whom.userId, active: false, reason });
      }),
    );
    expect(deps().people.countActiveAdmins()).toBe(1);
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    const left = [admin, other].find(({ userId }) => deps().people.findUser(userId)?.role === 'admin');
    if (!left) throw new Error('nobody is left to administer');
    for (const call of [
      left.api.admin.users.setRole({ id: left.userId, role: 'user', reason, confirmSelf: true }),
      left.api.admin.users.setActive({ id: left.userId, active: false, reason, confirmSelf: true }),
    ])
      await expect(call).rejects.toMatchObject({ cause: { details: { reason: 'last_admin' } } });
    expect(deps().people.countActiveAdmins()).toBe(1);
    expect(trail('user.deactivate').filter(({ result }) => result === 'denied').length).toBeGreaterThan(0);
    expect((await left.api.admin.users.get({ id: left.userId })).lastAdmin).toBe(true);
  });

  it('asks twice before one acts on oneself, and notes the attempt', async () => {
    const itself = { id: admin.userId, confirmSelf: false };
    for (const call of [
      () => admin.api.admin.users.setLimits({ ...itself, tier: 'free', overrides: {}, reason }),
      () => admin.api.admin.users.setNotes({ ...itself, notes: 'x' }),
      () => admin.api.admin.users.endSessions(itself),
      () => admin.api.admin.users.setRole({ ...itself, role: 'user', reason }),
      () => admin.api.admin.users.setActive({ ...itself, active: false, reason }),
    ])
      await expect(call()).rejects.toMatchObject({ cause: { details: { confirm: 'self' } } });
    expect(trail('user.').filter(({ result }) => result === 'denied')).toHaveLength(5);
    await admin.api.admin.users.setNotes({ ...itself, confirmSelf: true, notes: 'x' });
    expect(deps().people.findUser(admin.userId)?.notes).toBe('x');
  });

  it('ends sessions, streams and environments of a deactivated person at once', async () => {
    const { id } = await launch(bob, 'work-00001');
    await eventually(() => deps().environments.find(id)?.phase === 'running');
    const told: unknown[] = [];
    deps().revocations.subscribe((revoked) => told.push(revoked));
    await admin.api.admin.users.setActive({ id: bob.userId, active: false, reason, stopEnvironments: true });
    const token = bob.cookie.split('=')[1];
    expect(await authenticate(deps(), token, { address: '', agent: '', correlationId: '' })).toBeNull();
    expect(told).toContainEqual({ userId: bob.userId });
    expect(told).toContainEqual({ environmentId: id });
    await eventually(() => deps().environments.find(id)?.phase === 'stopped');
    await expect(bed.signIn('bob')).rejects.toMatchObject({ code: 'permission_denied' });
    expect(trail('user.deactivate')[0]).toMatchObject({ details: { sessions: 1, stoppedEnvironments: 1 } });
    await admin.api.admin.users.setActive({ id: bob.userId, active: true, reason });
    await expect(bed.signIn('bob')).resolves.toBeDefined();
  });

  it('gives a person limits of their own, which the next launch keeps to', async () => {
    const set = (overrides: object) =>
      admin.api.admin.users.setLimits({ id: bob.userId, tier: 'basic', overrides, reason });
    await set({ environments: 1, cpuMillicores: 600 });
    expect((await bob.api.profile.limits()).limits).toMatchObject({ environments: 1, cpuMillicores: 600, gpus: 0 });
    await expect(launch(bob, 'work-00001', { ...SIZE, cpuMillicores: 700 })).rejects.toMatchObject({
      cause: { details: { limit: 'cpuMillicores', max: 600 } },
    });
    const answers = await Promise.allSettled([launch(bob, 'work-00002'), launch(bob, 'work-00003')]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await set({});
    await expect(launch(bob, 'work-00004')).resolves.toBeDefined();
    expect(trail('user.limits')).toMatchObject([
      { before: { overrides: { environments: 1 } }, after: { tier: 'basic', overrides: {} } },
      { before: { tier: 'basic', overrides: {} } },
    ]);
    await set({ uptimeMs: null });
    expect((await bob.api.profile.limits()).limits.uptimeMs).toBeNull();
  });

  it('shows one person whole, and ends sessions one by one or all', async () => {
    const second = await bed.signIn('bob');
    await admin.api.admin.users.setNotes({ id: bob.userId, notes: 'pays late' });
    const detail = await admin.api.admin.users.get({ id: bob.userId });
    expect(detail).toMatchObject({
      email: 'bob@example.org',
      notes: 'pays late',
      hasOverrides: false,
      identities: [{ issuer: 'memory', subject: 'bob' }],
      environments: { live: 0, kept: 0 },
      storage: { storages: 1 },
    });
    expect(detail.sessions).toHaveLength(2);
    expect(detail.history.map(({ action }) => action)).toContain('session.sign_in');
    expect(await admin.api.admin.users.endSessions({ id: bob.userId, sessionId: second.sessionId })).toEqual({
      ended: 1,
    });
    await expect(
      admin.api.admin.users.endSessions({ id: admin.userId, sessionId: bob.sessionId, confirmSelf: true }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await admin.api.admin.users.endSessions({ id: bob.userId })).toEqual({ ended: 1 });
    expect(deps().people.sessionsOf(bob.userId)).toEqual([]);
    await expect(admin.api.admin.users.get({ id: 'usr-00000000000000000000' as UserId })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('leaves neither change nor entry when the other cannot be written', async () => {
    deps().db.drizzle.run("create trigger no_more before insert on audit begin select raise(abort, 'full'); end");
    await expect(makeAdmin(bob.userId)).rejects.toThrow();
    expect(deps().people.findUser(bob.userId)?.role).toBe('user');
  });

  it('lists people over pages in any order, and refuses a marker that is none', async () => {
    for (const name of ['cleo', 'dora', 'emma']) await bed.signIn(name);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await admin.api.admin.users.list({ order: 'email', descending: true, limit: 2, cursor });
      names.push(...page.people.map(({ name }) => name));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(names).toEqual(['emma', 'dora', 'cleo', 'bob', 'ada']);
    expect((await admin.api.admin.users.list({ search: 'DOR' })).people).toMatchObject([{ name: 'dora' }]);
    expect((await admin.api.admin.users.list({ role: 'admin' })).people).toMatchObject([{ name: 'ada' }]);
    for (const wrong of ['', '[]', '["a"]', '[{},"usr-00000000000000000000"]', 'x'])
      await expect(admin.api.admin.users.list({ cursor: wrong })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('shows everybody their own activity only, without what is others’ own', async () => {
    await admin.api.admin.users.setNotes({ id: bob.userId, notes: 'secret note' });
    await admin.api.admin.users.setRole({ id: bob.userId, role: 'researcher', reason: 'secret reason' });
    const { entries } = await bob.api.activity.list({ limit: 200 });
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(['session.sign_in', 'user.role']));
    for (const entry of entries) expect([entry.actor.id, entry.ownerId]).toContain(bob.userId);
    expect(JSON.stringify(entries)).not.toContain('secret');
    expect(entries.find(({ action }) => action === 'user.role')).toMatchObject({
      address: '',
      after: { role: 'researcher' },
    });
    const { entries: everything } = await admin.api.admin.audit.list({ owner: bob.userId, action: 'session.' });
    expect(everything).toMatchObject([{ actor: { name: 'bob' }, address: '127.0.0.1' }]);
    expect(await admin.api.admin.audit.actions()).toContain('user.role');
  });
});
