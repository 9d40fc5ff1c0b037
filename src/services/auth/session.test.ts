import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { Actor } from '../../domain/user.ts';
import { createKeyRing } from '../keys.ts';
import { listSessions } from '../profile/profile.ts';
import { authenticate, NOWHERE, sessionToken } from './session.ts';
import { revokeSession, signOut } from './sign-out.ts';

const HOUR = 3_600_000;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('sessions', () => {
  let bed: TestBed;
  let time: number;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  beforeEach(async () => {
    time = Date.parse('2026-01-01T00:00:00Z');
    bed = await openTestBed({
      now: () => time,
      reconcile: false,
      env: { SESSION_HOURS: '100', SESSION_IDLE_HOURS: '10' },
    });
    person = await bed.signIn('ada');
  });
  afterEach(() => bed.close());

  const token = () => person.cookie.slice(person.cookie.indexOf('=') + 1);
  const who = (text: string | undefined): Promise<Actor | null> =>
    authenticate(bed.container.deps, text, { ...NOWHERE, address: '::1' });

  it('names the person of a valid token', async () => {
    expect(await who(token())).toMatchObject({ userId: person.userId, sessionId: person.sessionId, role: 'admin' });
  });

  it('refuses every token that is not exactly its own', async () => {
    const { deps } = bed.container;
    const [header = '', payload = '', signature = ''] = token().split('.');
    const { kid, key } = deps.keys.signing('sessions');
    const claims = { jti: person.sessionId, iat: Math.floor(time / 1000) };
    const signed = (fields: { alg?: string; kid?: string; typ?: string }, by: Uint8Array, more: object = {}) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'HS256', kid, typ: 'session', ...fields }).sign(by);
    const none = `${encode({ alg: 'none', kid, typ: 'session' })}.${encode(claims)}.`;
    const other = createKeyRing(['another-secret-'.repeat(4)]).signing('sessions');
    const refused = {
      none,
      'none, signed': `${none}${signature}`,
      'no algorithm': `${encode({ kid, typ: 'session' })}.${payload}.${signature}`,
      'another key': await signed({}, other.key),
      'another key by its own id': await signed({ kid: other.kid }, other.key),
      'another purpose': await signed({}, deps.keys.signing('gateway').key),
      'another type': await signed({ typ: 'JWT' }, key),
      HS512: await signed({ alg: 'HS512' }, Buffer.concat([key, key])),
      'no key id': await signed({ kid: '' }, key),
      'key id of a prototype': await signed({ kid: '__proto__' }, key),
      'no session': await new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid, typ: 'session' }).sign(key),
      'a user for a session': await signed({}, key, { jti: person.userId }),
      'an altered payload': `${header}.${encode({ ...claims, jti: 'ses-00000000000000000000' })}.${signature}`,
      'a signature of nothing': `${header}.${payload}.${createHmac('sha256', '').update(`${header}.${payload}`).digest('base64url')}`,
      unsigned: `${header}.${payload}.`,
      expired: await signed({}, key, { exp: 1 }),
      quoted: `"${token()}"`,
      long: 'x'.repeat(1025),
      'long and ours': `${token()}${' '.repeat(1024)}`,
      empty: '',
      dots: '..',
      binary: '\u0000\uffff',
    };
    for (const [name, text] of Object.entries(refused)) expect(await who(text), name).toBeNull();
    expect(await who(undefined)).toBeNull();
    expect(await who(await signed({}, key))).not.toBeNull();
  });

  it('ends with its row, whatever the token says', async () => {
    const actor = await who(token());
    if (!actor) throw new Error('no session');
    signOut(bed.container.deps, actor);
    expect(await who(token())).toBeNull();
  });

  it('ends for a person who is not active', async () => {
    const { deps } = bed.container;
    deps.db.write(() => deps.db.drizzle.run(`update users set active = 0 where id = '${person.userId}'`));
    expect(await who(token())).toBeNull();
  });

  it('ends when idle, and lives on when used', async () => {
    for (let i = 0; i < 9; i += 1) {
      time += 9 * HOUR;
      expect(await who(token()), `use ${i}`).not.toBeNull();
    }
    time += 10 * HOUR;
    expect(await who(token())).toBeNull();
  });

  it('ends at its full length, however much it was used', async () => {
    for (let hours = 0; hours < 99; hours += 1) {
      time += HOUR;
      expect(await who(token())).not.toBeNull();
    }
    time += HOUR - 1;
    expect(await who(token())).not.toBeNull();
    time += 1;
    expect(await who(token())).toBeNull();
  });

  it('outlives a clock that is put back, without ever living longer than its row says', async () => {
    time -= 1000 * HOUR;
    expect(await who(token())).not.toBeNull();
    time += 1000 * HOUR;
    expect(await who(token())).not.toBeNull();
    time += 100 * HOUR;
    expect(await who(token())).toBeNull();
  });

  it('is refused while the clock is far ahead, and holds again when it was mended', async () => {
    time += 11 * HOUR;
    expect(await who(token())).toBeNull();
    time -= 11 * HOUR;
    expect(await who(token())).not.toBeNull();
  });

  it('is not listed once idle', async () => {
    const later = await bed.signIn('ada');
    const { deps } = bed.container;
    const ids = () => listSessions(deps, later.actor).map(({ id }) => id);
    expect(ids()).toContain(person.sessionId);
    deps.people.touchSession(person.sessionId, time - deps.deployment.sessionIdleMs);
    expect(ids()).not.toContain(person.sessionId);
    expect(ids()).toContain(later.sessionId);
  });

  it('stays open when its last use cannot be stored (a full disk)', async () => {
    const { deps } = bed.container;
    deps.db.drizzle.run("create trigger full before update on sessions begin select raise(abort, 'full'); end");
    time += 2 * HOUR;
    expect(await who(token())).not.toBeNull();
  });

  it('is cut by its own person only: the id of somebody else announces nothing', async () => {
    const eve = await bed.signIn('eve');
    const heard: unknown[] = [];
    bed.container.deps.revocations.subscribe((revoked) => heard.push(revoked));
    expect(() => revokeSession(bed.container.deps, eve.actor, person.sessionId)).toThrow('already ended');
    expect(heard).toEqual([]);
    expect(await who(token())).not.toBeNull();
  });

  it('holds over a rotation of keys while the old one is kept', async () => {
    const { deps } = bed.container;
    const old = createKeyRing(['old-'.repeat(10)]);
    const text = await sessionToken({ ...deps, keys: old }, person.sessionId);
    const rotated = createKeyRing(['new-'.repeat(10), 'old-'.repeat(10)]);
    expect(await authenticate({ ...deps, keys: rotated }, text, NOWHERE)).not.toBeNull();
    expect(await authenticate({ ...deps, keys: createKeyRing(['new-'.repeat(10)]) }, text, NOWHERE)).toBeNull();
  });
});
