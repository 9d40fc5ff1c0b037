/**
 * Inputs that hold more than they should: extra keys (a role, an owner), prototypes, addresses to call, endless content. Classes:
 * GHSA-69wv-m5fw-2fhp, CVE-2026-55433 (raising oneself), CVE-2022-21697, CVE-2026-45796 (server-side requests), CVE-2026-54338,
 * CVE-2026-55078 (unbounded input), CVE-2022-35918, CVE-2026-54319 (paths).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '../../api/root.ts';
import { send } from './test-attacker.ts';
import { CALLS } from './test-calls.ts';
import { openScene, type Person, type Scene } from './test-scene.ts';

const PROCEDURES = appRouter._def.procedures as unknown as Readonly<Record<string, { _def: { inputs: unknown[] } }>>;
/** What somebody would like to set along the way. */
const WISHES = { role: 'admin', ownerId: '', userId: '', actor: {}, active: true, createdAt: 0, admission: 'link' };
/** Where a key of that name has a meaning of its own. */
const MEANT = /^admin\.(users\.(list|setRole|setActive|approve)|audit\.list|invitations\.create)\./;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const post = (path: string, body: string, cookie = scene.ada.cookie) =>
  send(scene.bed.port, { method: 'POST', path: `/api/trpc/${path}`, cookie, body });

function callAs(person: Person, name: string): (input: unknown) => Promise<unknown> {
  const at = name.split('.').reduce<unknown>((object, key) => Reflect.get(object as object, key), person.api);
  return at as (input: unknown) => Promise<unknown>;
}

/** The value with one key more in each of its objects, one after the other. */
function* grown(value: unknown, key: string, more: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      for (const one of grown(item, key, more)) yield value.map((old, i) => (i === at ? one : old));
  } else if (typeof value === 'object' && value !== null) {
    if (!(key in value)) yield { ...value, [key]: more };
    for (const [name, item] of Object.entries(value))
      for (const one of grown(item, key, more)) yield { ...value, [name]: one };
  }
}

describe('keys that no input has', () => {
  const withInput = Object.keys(CALLS).filter((name) => (PROCEDURES[name]?._def.inputs.length ?? 0) > 0);

  it('are refused by every procedure, at every depth', async () => {
    const { ada, admin, adas } = scene;
    const before = await scene.everythingOfAda();
    const taken: string[] = [];
    let tried = 0;
    for (const name of withInput) {
      const valid = CALLS[name]?.input?.(adas) ?? {};
      for (const [key, wish] of Object.entries(WISHES)) {
        if (MEANT.test(`${name}.`)) continue;
        for (const input of grown(valid, key, wish || adas.userId)) {
          tried += 1;
          const refused = await callAs(
            name.startsWith('admin.') ? admin : ada,
            name,
          )(input).then(
            () => false,
            (error: { code?: string }) => error.code === 'BAD_REQUEST',
          );
          if (!refused) taken.push(`${name}: ${JSON.stringify(input).slice(0, 200)}`);
        }
      }
    }
    expect(tried).toBeGreaterThan(withInput.length * 3);
    expect(taken).toEqual([]);
    expect(await scene.everythingOfAda()).toEqual(before);
  });

  it('a profile is no way to a role', async () => {
    for (const extra of ['"role":"admin"', '"tier":"enterprise"', '"preferences":{"role":"admin"}', '"active":true'])
      expect((await post('profile.update', `{"name":"ben",${extra}}`, scene.ben.cookie)).status).toBe(400);
    // Twice the same key: the last one counts for everybody who reads, and that is checked.
    expect((await post('profile.update', '{"name":"ben","name":{"role":"admin"}}', scene.ben.cookie)).status).toBe(400);
    expect(scene.bed.container.deps.people.findUser(scene.ben.userId)).toMatchObject({ role: 'user' });
  });

  it('the doors take what they know, too', async () => {
    for (const [path, body] of [
      ['/api/auth/link', '{"secret":"0123456789abcdef","role":"admin"}'],
      ['/api/auth/link', '["0123456789abcdef"]'],
      ['/api/auth/link', '{"secret":{"$ne":null}}'],
      ['/api/auth/invitation', '{"secret":"0123456789abcdef","role":"admin"}'],
    ]) {
      const answer = await send(scene.bed.port, { method: 'POST', path: path ?? '', body });
      expect([400, 401, 404], body).toContain(answer.status);
      expect(answer.headers['set-cookie'] ?? []).not.toContainEqual(expect.stringMatching(/session=\w/));
    }
  });
});

describe('prototypes', () => {
  const POISON = ['"__proto__":{"polluted":"yes"}', '"constructor":{"prototype":{"polluted":"yes"}}', '"prototype":{}'];

  it('no input changes what every object has', async () => {
    const { adas, ben } = scene;
    const inputs = Object.keys(CALLS).map((name) => [name, JSON.stringify(CALLS[name]?.input?.(adas) ?? {})] as const);
    for (const [name, valid] of inputs) {
      if (name === 'live.watch' || name === 'profile.signOutEverywhere') continue;
      const poisoned = valid.replace(/^\{/, `{${POISON.slice(0, 2).join(',')}${valid === '{}' ? '' : ','}`);
      await callAs(ben, name)(JSON.parse(poisoned)).catch(() => null);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each(POISON)('%s raises nobody and reaches nothing that is kept', async (poison) => {
    for (const body of [`{"name":"ben",${poison}}`, `{"preferences":{"theme":"dark",${poison}}}`])
      expect([200, 400]).toContain((await post('profile.update', body, scene.ben.cookie)).status);
    const me = await scene.ben.api.profile.me();
    expect(JSON.stringify([me, scene.bed.container.deps.people.findUser(scene.ben.userId)])).not.toContain('polluted');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('a variable may be called so, and is one variable', async () => {
    const { adas, ada, bed } = scene;
    const size = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };
    const { id } = await ada.api.environments.launch({
      ...{ clientKey: 'a-proto-launch', applicationId: adas.applicationId, name: 'Proto', size },
      storage: { kind: 'automatic' },
      env: [{ name: '__proto__', value: 'polluted' }],
    });
    const { deps } = bed.container;
    const row = deps.environments.find(id);
    expect(row?.envNames).toEqual(['__proto__']);
    expect(Object.keys(JSON.parse(deps.keys.open(row?.sealedEnv ?? '', `environment:${id}`)))).toEqual(['__proto__']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('addresses to call', () => {
  it('no input makes the server call one', async () => {
    const called: string[] = [];
    const trap = createServer((req, res) => {
      called.push(req.url ?? '');
      res.end('{}');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/latest/meta-data/`;
    try {
      const { ada, admin, adas } = scene;
      /** Every text of an input that is not an id becomes the address. */
      const turned = (value: unknown): unknown => {
        if (typeof value === 'string') return /^(env|sto|app|job|upl|usr|ses|inv)-/.test(value) ? value : url;
        if (Array.isArray(value)) return value.map(turned);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, key === 'kind' ? item : turned(item)]),
        );
      };
      for (const [name, { input }] of Object.entries(CALLS)) {
        if (!input || !PROCEDURES[name] || /delete|purge|revoke|setActive|endSessions|refuse|abort/i.test(name))
          continue;
        await callAs(name.startsWith('admin.') ? admin : ada, name)(turned(input(adas))).catch(() => null);
      }
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', jku: url, x5u: url, jwk: {} })).toString('base64url');
      const claims = Buffer.from(JSON.stringify({ iss: url, aud: 'x', sub: 'x' })).toString('base64url');
      for (const headers of [{}, { referer: url, origin: undefined, 'x-forwarded-host': url, 'x-original-url': url }])
        await send(scene.bed.port, {
          method: 'POST',
          path: '/api/auth/exchange',
          headers: { 'sec-fetch-site': undefined, ...headers },
          body: JSON.stringify({ idToken: `${header}.${claims}.x` }),
        });
      for (const path of ['callback/memory', 'sign-in/memory', 'issuer-sign-out/memory'])
        await send(scene.bed.port, { path: `/api/auth/${path}?iss=${url}&next=${url}&code=a&state=b` });
      expect(called).toEqual([]);
    } finally {
      trap.close();
    }
  });
});

describe('endless and senseless input', () => {
  it.each<[string, string, string, number[]]>([
    ['a body of two megabytes', 'profile.update', JSON.stringify({ name: 'x'.repeat(2 << 20) }), [413]],
    ['nesting without end', 'profile.update', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, [400]],
    ['half of JSON', 'profile.update', '{"name":', [400]],
    ['a number beyond numbers', 'environments.logs', '{"id":"x","from":1e999}', [400, 405]],
    ['a thousand calls in one', `${Array(1_000).fill('profile.me').join(',')}?batch=1`, '{}', [400, 404, 414, 431]],
  ])('%s is refused, and cheaply', async (_, path, body, statuses) => {
    const started = performance.now();
    const { status } = await post(path, body);
    expect(statuses).toContain(status);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('nobody can make the server read long: the doors take a kilobyte', async () => {
    const body = JSON.stringify({ secret: 'x'.repeat(100_000) });
    for (const path of ['/api/auth/link', '/api/auth/invitation'])
      expect([400, 413]).toContain((await send(scene.bed.port, { method: 'POST', path, body })).status);
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'a\0b', '..', '.', 'a//b', 'C:\\x', '..\\..\\x', 'x/.', '\ud800'])(
    'the path %j leads nowhere, by any way in',
    async (key) => {
      const { ada, adas } = scene;
      const before = await scene.everythingOfAda();
      const id = adas.storageId;
      const from = 'the-seventh-acoustic-peak.txt';
      const outcome = (call: Promise<unknown>) =>
        call.then(
          () => 'done',
          (error: { code?: string }) => error.code ?? 'failed',
        );
      const answers = await Promise.all([
        outcome(ada.api.files.createFolder({ id, path: key })),
        outcome(ada.api.files.copy({ id, items: [{ from, to: key }] })),
        outcome(ada.api.uploads.start({ id, key, sizeBytes: 1, replace: true })),
      ]);
      if (/\\/.test(key)) return;
      expect(answers).toEqual(answers.map(() => 'BAD_REQUEST'));
      expect(await scene.everythingOfAda()).toEqual(before);
    },
  );
});
