/**
 * Everything that the server answers, called by everybody who must not: another person, nobody, somebody deactivated, somebody
 * signed out, a person on what is for administrators. Classes: CVE-2024-41942, GHSA-c4gm-pwx9-9w8j (reaching what is others'),
 * CVE-2021-41247, CVE-2026-55435 (sessions that outlive their end), CVE-2026-44454 (acting by address).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '../../api/root.ts';
import { type Answer, type Ask, comparable, send } from './test-attacker.ts';
import { CALLS, type Call, ROUTES } from './test-calls.ts';
import { openScene, type Scene, SECRET_FILE, type Things } from './test-scene.ts';

const PROCEDURES = appRouter._def.procedures as unknown as Readonly<Record<string, { _def: { type: string } }>>;
const NAMES = Object.keys(CALLS);
const known = NAMES.filter((name) => PROCEDURES[name]);

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

function askOf(name: string, call: Call, of: Things): Ask {
  const input = call.input?.(of);
  const path = `/api/trpc/${name}`;
  if (PROCEDURES[name]?._def.type === 'mutation') return { method: 'POST', path, body: JSON.stringify(input ?? {}) };
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return { path: path + query, until: call.until };
}

const as = (cookie: string | undefined, ask: Ask): Promise<Answer> => send(scene.bed.port, { ...ask, cookie });

/** The code of the refusal; `done` where there is none. */
function outcome({ status, body }: Answer): string {
  if (status < 400 && !body.includes('UNAUTHORIZED')) return 'done';
  return /"code":"([a-z_]+)"/.exec(body)?.[1] ?? (body.includes('UNAUTHORIZED') ? 'unauthenticated' : String(status));
}

/** @returns the names of calls whose outcome is another one */
async function others(cookie: string | undefined, expected: (call: Call) => string): Promise<string[]> {
  const wrong: string[] = [];
  for (const name of known) {
    const call = CALLS[name] as Call;
    const seen = outcome(await as(cookie, askOf(name, call, scene.adas)));
    if (seen !== expected(call)) wrong.push(`${name}: ${seen}`);
  }
  return wrong;
}

const everyAsk = (of: Things) =>
  Object.entries(ROUTES).flatMap(([route, { reach, asks }]) => asks(of).map((ask) => ({ route, reach, ask })));

describe('the walk is whole', () => {
  it('every procedure has a valid call in test-calls.ts', () => {
    expect(Object.keys(PROCEDURES).filter((name) => !CALLS[name])).toEqual([]);
    expect(NAMES.filter((name) => !PROCEDURES[name])).toEqual([]);
  });

  it('every HTTP route that the code names has one, too', () => {
    const root = join(import.meta.dirname, '../..');
    const files = [
      ...readdirSync(join(root, 'api/http')).map((file) => `api/http/${file}`),
      ...readdirSync(join(root, 'boot')).map((file) => `boot/${file}`),
    ].filter((file) => file.endsWith('.ts') && !file.includes('test'));
    const named = files.flatMap((file) => {
      const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      return code.replaceAll('\\/', '/').match(/(?<![.\w])\/(?:api|open)\/(?:[a-z-]+(?:\/[a-z-]*)?)?/g) ?? [];
    });
    const routes = Object.keys(ROUTES);
    const begins = (path: string) => path.endsWith('/') && routes.some((route) => route.startsWith(path));
    const unknown = [...new Set(named)].filter((path) => !routes.includes(path) && !begins(path));
    expect(named.length).toBeGreaterThan(5);
    expect(unknown).toEqual([]);
  });
});

describe('procedures', () => {
  it('answer nobody', async () => {
    expect(await others(undefined, () => 'unauthenticated')).toEqual([]);
  });

  it.each(['cleo', 'gone'] as const)('end with the session (%s)', async (who) => {
    expect(await others(scene[who].cookie, () => 'unauthenticated')).toEqual([]);
  });

  it('cannot be made to act by an address: mutations are no GET, HEAD, PUT or DELETE', async () => {
    const { ada } = scene;
    const before = await scene.everythingOfAda();
    const mutations = known.filter((name) => PROCEDURES[name]?._def.type === 'mutation');
    for (const name of mutations) {
      const input = encodeURIComponent(JSON.stringify((CALLS[name] as Call).input?.(scene.adas) ?? null));
      const path = `/api/trpc/${name}?input=${input}`;
      const override = { 'x-http-method-override': 'POST' };
      for (const method of ['GET', 'PUT', 'DELETE'])
        expect([405, 415], `${method} ${name}`).toContain(
          (await as(ada.cookie, { method, path, headers: override })).status,
        );
      await as(ada.cookie, { method: 'HEAD', path, headers: override });
    }
    expect(await scene.everythingOfAda()).toEqual(before);
  });

  it('are out of reach for another person, who learns nothing and changes nothing', async () => {
    const { ben, adas, absent, bed } = scene;
    const before = await scene.everythingOfAda();
    expect(before.length).toBeGreaterThan(8);
    const hers = new RegExp(Object.values({ ...adas, applicationId: SECRET_FILE, subject: 'Work of Ada' }).join('|'));
    const wrong: string[] = [];
    const differ: string[] = [];
    for (const name of known.filter((one) => one !== 'profile.signOutEverywhere')) {
      const call = CALLS[name] as Call;
      const answer = await as(ben.cookie, askOf(name, call, adas));
      const expected = { owned: 'not_found', quiet: 'done', personal: 'done', admin: 'permission_denied' }[call.reach];
      if (outcome(answer) !== expected) wrong.push(`${name}: ${outcome(answer)}`);
      if (call.reach === 'personal') {
        if (hers.test(answer.body)) wrong.push(`${name} tells of her`);
        continue;
      }
      const nothing = await as(ben.cookie, askOf(name, call, absent));
      if (comparable(answer) !== comparable(nothing)) differ.push(name);
    }
    expect(wrong).toEqual([]);
    // Byte for byte the same as for what never was, but for the id of the call.
    expect(differ).toEqual([]);
    expect(await scene.everythingOfAda()).toEqual(before);
    const { rows } = bed.container.deps.audit.page({ ownerId: adas.userId }, { before: null, limit: 500 });
    expect(rows.filter(({ actorId, result }) => actorId === ben.userId && result === 'done')).toEqual([]);
    expect(bed.container.deps.people.findUser(ben.userId)?.role).toBe('user');
  });
});

describe('HTTP routes', () => {
  it('answer nobody, nor who has left, but for the doors', async () => {
    for (const cookie of [undefined, scene.cleo.cookie, scene.gone.cookie]) {
      const wrong: string[] = [];
      for (const { route, reach, ask } of everyAsk(scene.adas)) {
        const answer = await as(cookie, ask);
        const signIn = answer.status === 303 && String(answer.headers.location).startsWith('/sign-in?next=%2Fopen%2F');
        if (reach !== 'door' && answer.status !== 401 && !(route === '/open/' && signIn))
          wrong.push(`${ask.method ?? 'GET'} ${ask.path}: ${answer.status}`);
      }
      expect(wrong).toEqual([]);
    }
  });

  it('are out of reach for another person, who learns nothing and changes nothing', async () => {
    const { ben, adas, absent } = scene;
    const before = await scene.everythingOfAda();
    const wrong: string[] = [];
    const nothings = everyAsk(absent);
    for (const [at, { reach, ask }] of everyAsk(adas).entries()) {
      if (reach === 'door') continue;
      const answer = await as(ben.cookie, ask);
      const expected = { owned: 404, quiet: 200, personal: 200, admin: 403, machine: 401 }[reach];
      const name = `${ask.method ?? 'GET'} ${ask.path}`;
      if (answer.status !== expected) wrong.push(`${name}: ${answer.status}`);
      if (/acoustic|secret of ada/.test(answer.body)) wrong.push(`${name} tells of her`);
      if (reach !== 'owned') continue;
      const nothing = await as(ben.cookie, nothings[at]?.ask ?? ask);
      if (comparable(answer) !== comparable(nothing)) wrong.push(`${name} differs from what never was`);
    }
    expect(wrong).toEqual([]);
    expect(await scene.everythingOfAda()).toEqual(before);
  });
});

describe('the calls of the walk are valid', () => {
  const senseless = new Set([
    'invalid_argument',
    'unauthenticated',
    'permission_denied',
    'not_found',
    'internal',
    '405',
  ]);

  it('their owner may make each: it is not for its form that others are refused', async () => {
    const { ada, admin, adas } = scene;
    const wrong: string[] = [];
    for (const { reach, ask } of everyAsk(adas)) {
      if (reach === 'door' || reach === 'machine' || ask.path.includes('versionId')) continue;
      const answer = await as((reach === 'admin' ? admin : ada).cookie, ask);
      if (answer.status >= 400) wrong.push(`${ask.method ?? 'GET'} ${ask.path}: ${answer.status} ${answer.body}`);
    }
    for (const name of known) {
      const call = CALLS[name] as Call;
      // What administrators do to people is tested with them; here it would end what the next call needs.
      if (name.startsWith('admin.users.') && PROCEDURES[name]?._def.type === 'mutation') continue;
      const answer = await as((call.reach === 'admin' ? admin : ada).cookie, askOf(name, call, adas));
      if (senseless.has(outcome(answer))) wrong.push(`${name}: ${answer.body}`);
    }
    expect(wrong).toEqual([]);
  });
});
