/**
 * Requests whose form is the attack: two lengths, two hosts, folded fields, paths that mean something else to the next reader.
 * Classes: request smuggling (RFC 9112 §11.2), CVE-2026-55438 (paths before a proxy), CVE-2024-35225 (what a page echoes),
 * CVE-2020-36191, CVE-2026-40864 (cross-site forms and `no-cors`).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersIn, send, sendBytes, statusOf } from './test-attacker.ts';
import { openScene, type Scene } from './test-scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const port = () => scene.bed.port;
const name = () => scene.bed.container.deps.people.findUser(scene.ada.userId)?.name;
/** The fields of a change that ada's own page would make. */
const own = () =>
  `host: localhost:${port()}\r\ncookie: ${scene.ada.cookie}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\n`;
const UPDATE = 'POST /api/trpc/profile.update HTTP/1.1\r\n';
const SMUGGLED = '{"name":"smuggled"}';
/** A whole request inside a body. */
const inner = () => `${UPDATE}${own()}content-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`;
const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

describe('requests inside requests', () => {
  it.each<[string, () => string]>([
    ['a length beside chunks', () => `content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['chunks beside a length', () => `transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n${inner()}`],
    ['two lengths', () => `content-length: 0\r\ncontent-length: ${inner().length}\r\n\r\n${inner()}`],
    ['a list of lengths', () => `content-length: 0, ${inner().length}\r\n\r\n${inner()}`],
    ['a length with a sign', () => `content-length: +0\r\n\r\n${inner()}`],
    ['a length in hex', () => `content-length: 0x0\r\n\r\n${inner()}`],
    ['a space before the colon', () => `content-length : 0\r\n\r\n${inner()}`],
    ['a coding that is none', () => `transfer-encoding: xchunked\r\n\r\n${inner()}`],
    ['a coding after chunks', () => `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner()}`],
    ['two codings', () => `transfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n0\r\n\r\n${inner()}`],
    ['a folded coding', () => `transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['a folded field', () => `x-a: b\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['a bare line feed', () => `x-a: b\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['a bare carriage return', () => `x-a: b\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['a tab in a name', () => `transfer-encoding\t: chunked\r\n\r\n0\r\n\r\n${inner()}`],
    ['a chunk size with a sign', () => `transfer-encoding: chunked\r\n\r\n-1\r\n${inner()}`],
    ['a chunk size beyond numbers', () => `transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n${inner()}`],
    ['a chunk that ends in a line feed', () => `transfer-encoding: chunked\r\n\r\n0\n\n${inner()}`],
  ])('%s: refused, and nothing of it runs', async (_, rest) => {
    const text = await sendBytes(
      port(),
      `POST /api/trpc/profile.signOutEverywhere HTTP/1.1\r\nhost: localhost:${port()}\r\n${rest()}`,
    );
    expect(statusOf(text)).toBe(400);
    expect(answersIn(text)).toBe(1);
    expect(name()).toBe('ada');
  });

  it('a refused body does not become the next request', async () => {
    const head = `POST /api/trpc/profile.update HTTP/1.1\r\nhost: evil.example\r\ncontent-length: ${inner().length}\r\n\r\n`;
    const text = await sendBytes(port(), head + inner());
    expect([statusOf(text), answersIn(text)]).toEqual([421, 1]);
    expect(name()).toBe('ada');
  });

  it('a body on a request that has none does not, either', async () => {
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
      const head = `${method} /healthz HTTP/1.1\r\nhost: localhost:${port()}\r\ntransfer-encoding: chunked\r\n\r\n`;
      await sendBytes(port(), head + chunked(inner()));
      expect(name(), method).toBe('ada');
    }
  });

  it('two honest requests on one connection are two: the proof above can fail', async () => {
    const text = await sendBytes(
      port(),
      inner().replaceAll('smuggled', 'ada-2---') + inner().replaceAll('smuggled', 'ada-3---'),
    );
    expect(answersIn(text)).toBe(2);
    expect(name()).toBe('ada-3---');
    await sendBytes(port(), inner().replaceAll('smuggled', '     ada'));
    expect(name()).toBe('ada');
  });
});

describe('paths that mean something else', () => {
  const SPELLED = [
    '/%61pi/trpc/profile.me',
    '/api%2ftrpc%2fprofile.me',
    '/api/%74rpc/profile.me',
    '//api/trpc/profile.me',
    '/./api/trpc/profile.me',
    '/x/../api/trpc/profile.me',
    '/x/%2e%2e/api/trpc/profile.me',
    '/_next/static/../../api/trpc/profile.me',
    '/_next/static/%2e%2e/%2e%2e/api/trpc/profile.me',
    '/_next/static/..%2f..%2fapi/trpc/profile.me',
    '/_next/static/..%5c..%5capi/trpc/profile.me',
    '/_next/image?url=http://127.0.0.1/api/trpc/profile.me',
    '/API/trpc/profile.me',
    '/api\\trpc\\profile.me',
    '/api/trpc;/profile.me',
    '/api/trpc/../trpc/profile.me',
    '/healthz/../api/trpc/profile.me',
    '/api/control/../trpc/profile.me',
    '/api/trpc/%70rofile.me%00',
  ];

  it.each(SPELLED)('%s tells another site nothing, in one’s name', async (path) => {
    const answer = await send(port(), { path, cookie: scene.ada.cookie, headers: { 'sec-fetch-site': 'cross-site' } });
    expect(answer.body).not.toContain('ada@example.org');
  });

  it.each([
    '/%61pi/trpc/profile.update',
    '//api/trpc/profile.update',
    '/x/../api/trpc/profile.update',
    '/API/trpc/profile.update',
  ])('%s changes nothing for another site, nor for nobody', async (path) => {
    for (const cookie of [scene.ada.cookie, undefined]) {
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      const { status } = await send(port(), { method: 'POST', path, cookie, headers, body: SMUGGLED });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(name()).toBe('ada');
  });

  it('storage and environment ids are not paths', async () => {
    const { storageId } = scene.adas;
    for (const id of ['..', '%2e%2e', `${storageId}%2f..`, `x/../${storageId}`, `${storageId}/`, `${storageId}%00`]) {
      const { status } = await send(port(), { path: `/api/storages/${id}/objects?key=x`, cookie: scene.ben.cookie });
      expect([400, 404], id).toContain(status);
    }
  });
});

describe('forms of other sites', () => {
  const FROM: Record<string, string | undefined>[] = [
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'content-type': 'text/plain' },
    {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'content-type': 'application/x-www-form-urlencoded',
    },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin, cross-site' },
    { 'sec-fetch-site': undefined },
    { 'sec-fetch-site': undefined, origin: 'null' },
    { 'sec-fetch-site': undefined, origin: '' },
    { 'sec-fetch-site': undefined, origin: 'http://localhost' },
    { 'sec-fetch-site': undefined, origin: 'http://localhost.evil.example' },
    { 'sec-fetch-site': undefined, referer: 'http://localhost/' },
    { 'sec-fetch-site': undefined, 'x-requested-with': 'XMLHttpRequest' },
  ];

  it.each(FROM)('%j cannot change anything', async (headers) => {
    for (const [method, path] of [
      ['POST', '/api/trpc/profile.update'],
      ['PUT', `/api/storages/${scene.adas.storageId}/objects?key=forged.txt`],
      ['POST', '/api/auth/sign-out'],
      ['POST', '/api/auth/sign-in/memory'],
    ] as const) {
      const answer = await send(port(), { method, path, cookie: scene.ada.cookie, headers, body: SMUGGLED });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect(name()).toBe('ada');
  });

  it('no answer invites another site to read it', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET', 'POST'])
      for (const path of ['/api/trpc/profile.me', '/', `/api/storages/${scene.adas.storageId}/objects?key=x`]) {
        const answer = await send(port(), { method, path, cookie: scene.ada.cookie, headers });
        expect(Object.keys(answer.headers).filter((field) => field.startsWith('access-control-'))).toEqual([]);
      }
  });
});
