/** Ways in by link: shown once, kept as a hash, closed with the role of whoever gave them out. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestBed, type TestBed } from '../../../boot/test-bed.ts';
import { hashSecret } from '../../../services/keys.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

const DAY_MS = 24 * 3_600_000;
const reason = 'the test says so';
const INVITED = { email: null, role: 'user', tier: 'basic', days: 7 } as const;

describe('invitations', () => {
  let bed: TestBed;
  let admin: Person;
  let bob: Person;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    bed = await openTestBed({ now: () => now });
    admin = await bed.signIn('ada');
    bob = await bed.signIn('bob');
    const { identityProviders } = bed.container.deps;
    // People of this bed sign in at an issuer as well; nobody asks it here.
    const [provider] = identityProviders;
    if (!provider) throw new Error('the bed has no way to sign in');
    bed.container.deps.identityProviders = [...identityProviders, { ...provider, kind: 'oidc' }];
  });
  afterEach(() => bed.close());

  const deps = () => bed.container.deps;
  const trail = (action: string) => deps().audit.page({ action }, { before: null, limit: 300 }).rows;
  const secretOf = (url: string) => new URL(url).hash.replace('#invitation=', '');

  it('gives the link once and keeps no more than the hash of its secret', async () => {
    const { id, url, expiresAt } = await admin.api.admin.invitations.create({
      ...INVITED,
      email: ' New.Person@Example.ORG ',
      role: 'researcher',
    });
    expect(new URL(url)).toMatchObject({ origin: bed.origin, pathname: '/sign-in', search: '' });
    expect(expiresAt).toBe(now + 7 * DAY_MS);
    const secret = secretOf(url);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(deps().invitations.findUsable(hashSecret(secret), now)).toMatchObject({
      id,
      email: 'new.person@example.org',
      role: 'researcher',
      tier: 'basic',
    });
    const seen = [
      await admin.api.admin.invitations.list({}),
      trail('invitation.create'),
      deps().invitations.page({ after: null, limit: 10 }),
    ];
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(trail('invitation.create')).toMatchObject([
      { actorId: admin.userId, targetId: id, targetKind: 'invitation', targetName: 'new.person@example.org' },
    ]);
  });

  it('says of each whether it is open, used and by whom, or expired, newest first over pages', async () => {
    const used = await admin.api.admin.invitations.create(INVITED);
    now += 1_000;
    const short = await admin.api.admin.invitations.create({ ...INVITED, days: 1 });
    now += 1_000;
    const open = await admin.api.admin.invitations.create({ ...INVITED, email: 'late@example.org' });
    expect(deps().db.write(() => deps().invitations.markUsed(used.id, bob.userId, now))).toBe(true);
    expect(deps().db.write(() => deps().invitations.markUsed(used.id, admin.userId, now))).toBe(false);
    now += 2 * DAY_MS;
    expect(deps().db.write(() => deps().invitations.markUsed(short.id, bob.userId, now))).toBe(false);
    const first = await admin.api.admin.invitations.list({ limit: 2 });
    const rest = await admin.api.admin.invitations.list({ limit: 2, cursor: first.next ?? undefined });
    expect([...first.invitations, ...rest.invitations]).toMatchObject([
      { id: open.id, state: 'open', email: 'late@example.org', createdBy: { name: 'ada' } },
      { id: short.id, state: 'expired', usedBy: null },
      { id: used.id, state: 'used', usedBy: { id: bob.userId, name: 'bob' } },
    ]);
    expect(rest.next).toBeNull();
    expect(await admin.api.admin.users.counts()).toMatchObject({ openInvitations: 1, invitable: 'anyone' });
    deps().db.write(() => deps().invitations.deleteExpired(now));
    expect((await admin.api.admin.invitations.list({})).invitations.map(({ id }) => id)).toEqual([open.id, used.id]);
  });

  it('revokes what nobody used, and nothing else', async () => {
    const { id, url } = await admin.api.admin.invitations.create(INVITED);
    await admin.api.admin.invitations.revoke({ id });
    expect(deps().invitations.findUsable(hashSecret(secretOf(url)), now)).toBeUndefined();
    expect(trail('invitation.revoke')).toMatchObject([{ targetId: id, details: { role: 'user', tier: 'basic' } }]);
    await expect(admin.api.admin.invitations.revoke({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const other = await admin.api.admin.invitations.create(INVITED);
    deps().db.write(() => deps().invitations.markUsed(other.id, bob.userId, now));
    await expect(admin.api.admin.invitations.revoke({ id: other.id })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  it('closes with the role, and with the account, of whoever gave it out', async () => {
    for (const take of [
      (id: Person['userId']) => admin.api.admin.users.setRole({ id, role: 'user', reason }),
      (id: Person['userId']) => admin.api.admin.users.setActive({ id, active: false, reason }),
    ]) {
      await admin.api.admin.users.setRole({ id: bob.userId, role: 'admin', reason });
      const second = await bed.signIn('bob');
      const { url } = await second.api.admin.invitations.create({ ...INVITED, role: 'admin' });
      await take(bob.userId);
      expect(deps().invitations.findUsable(hashSecret(secretOf(url)), now)).toBeUndefined();
    }
    expect(trail('user.deactivate')).toMatchObject([{ details: { revokedInvitations: 1 } }]);
  });

  it('has an end: two hundred open ones, thirty days', async () => {
    deps().db.write(() => {
      for (let i = 0; i < 200; i += 1)
        deps().invitations.insert({
          id: `inv-${String(i).padStart(20, '0')}` as never,
          hash: `hash ${i}`,
          email: null,
          role: 'user',
          tier: 'free',
          createdBy: admin.userId,
          createdAt: now,
          expiresAt: now + DAY_MS,
        });
    });
    await expect(admin.api.admin.invitations.create(INVITED)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    now += 2 * DAY_MS;
    await expect(admin.api.admin.invitations.create(INVITED)).resolves.toBeDefined();
    for (const days of [0, 31, 1.5])
      await expect(admin.api.admin.invitations.create({ ...INVITED, days })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
  });

  it('are for somebody by name where people sign in by link only, and for nobody where others reach the machine', async () => {
    deps().identityProviders = deps().identityProviders.map((one) => ({ ...one, kind: 'link' as const }));
    expect(await admin.api.admin.users.counts()).toMatchObject({ invitable: 'named' });
    await expect(admin.api.admin.invitations.create({ ...INVITED, email: null })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(admin.api.admin.invitations.create({ ...INVITED, email: 'a@b.example' })).resolves.toBeDefined();
    deps().deployment = { ...deps().deployment, severalUsers: false };
    expect(await admin.api.admin.users.counts()).toMatchObject({ invitable: 'nobody' });
    await expect(admin.api.admin.invitations.create(INVITED)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});
