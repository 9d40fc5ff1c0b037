/**
 * Addresses and names that end up in response headers: nothing leads to another site, nothing ends a header. Classes:
 * CVE-2019-10255, CVE-2020-26215, CVE-2026-33709, CVE-2026-111927 (redirects), CVE-2026-55430 (hosts that a client names).
 */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { safeNextPath } from '../../domain/next-path.ts';
import { type Answer, send, sendBytes, statusOf } from './test-attacker.ts';
import { openScene, type Scene } from './test-scene.ts';

/** As somebody writes them who wants a browser to leave. */
const AWAY = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/%09/evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/a/..//evil.example',
  '/%2e%2e//evil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '@evil.example',
  ':@evil.example/',
  '.evil.example',
  'http://localhost@evil.example/',
  'http://localhost:8080.evil.example/',
  'http://localhost.evil.example/',
  '%2f%2fevil.example',
  '/%5cevil.example',
  '\u0000//evil.example',
  ' //evil.example',
  '/\u2028/evil.example',
  '／／evil.example',
];
const BREAKS = [
  '\r\nset-cookie: x=1',
  '\nset-cookie: x=1',
  '\r\n\r\n<script>',
  '\u560a\u560dset-cookie:x=1',
  '%0d%0aset-cookie:x=1',
];

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const ask = (path: string, cookie: string | undefined = scene.ada.cookie, headers = {}) =>
  send(scene.bed.port, { path, cookie, headers });
const hostOf = (answer: Answer, base: string) => new URL(String(answer.headers.location), base).host;
const ours = () => new URL(scene.bed.origin).host;

describe('redirects', () => {
  it.each(AWAY)('/open?to=%j leads into the environment, and from there nowhere else', async (to) => {
    const opened = await ask(`/open/${scene.adas.environmentId}?to=${encodeURIComponent(to)}`);
    const ticket = new URL(String(opened.headers.location));
    expect(ticket.host).toMatch(new RegExp(`^[a-z0-9-]+\\.${ours()}$`));
    let answer = await send(scene.bed.port, { path: ticket.pathname + ticket.search, headers: { host: ticket.host } });
    expect(hostOf(answer, ticket.origin)).toBe(ticket.host);
    const next = new URL(String(answer.headers.location), ticket.origin);
    const cookie = String([answer.headers['set-cookie'] ?? []].flat()[0]).split(';')[0];
    answer = await send(scene.bed.port, { path: next.pathname + next.search, cookie, headers: { host: ticket.host } });
    expect(hostOf(answer, ticket.origin)).toBe(ticket.host);
  });

  it.each(AWAY)('who is not signed in is led to sign-in and back to this app only: %j', async (to) => {
    const path = `/open/${scene.adas.environmentId}?to=${encodeURIComponent(to)}`;
    const { headers } = await send(scene.bed.port, { path });
    const url = new URL(String(headers.location), scene.bed.origin);
    expect([url.host, url.pathname]).toEqual([ours(), '/sign-in']);
    const next = url.searchParams.get('next');
    expect(new URL(safeNextPath(next, scene.bed.origin), scene.bed.origin).host).toBe(ours());
    expect(new URL(safeNextPath(to, scene.bed.origin), scene.bed.origin).host).toBe(ours());
  });

  it.each([
    '//evil.example/',
    '/\\evil.example',
    '//evil.example@localhost/',
    '/@evil.example',
    '/%0d%0aset-cookie:x=1',
  ])('a page asked for by bare address stays at this app: %j', async (path) => {
    const answer = await ask(path, undefined, { host: `127.0.0.1:${scene.bed.port}` });
    expect([hostOf(answer, scene.bed.origin), answer.headers['set-cookie']]).toEqual([ours(), undefined]);
  });
});

describe('hosts that a client names', () => {
  const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' };

  it('are no part of any address that the server makes', async () => {
    for (const path of [`/open/${scene.adas.environmentId}?to=/x`, '/x'])
      for (const host of [`127.0.0.1:${scene.bed.port}`, `localhost:${scene.bed.port}`]) {
        const answer = await ask(path, scene.ada.cookie, { ...forged, host });
        expect(JSON.stringify(answer.rawHeaders)).not.toContain('evil');
      }
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    'evil.example/localhost',
    '127.0.0.1.evil.example',
    'localhost:80:80',
    '0x7f000001',
  ])('%j is not answered for', async (host) => {
    const { status } = await ask('/api/trpc/profile.me', scene.ada.cookie, { host });
    expect([400, 421]).toContain(status);
  });

  it('two of them are one too many, and so is one in the request line', async () => {
    const { port } = scene.bed;
    const cookie = `cookie: ${scene.ada.cookie}\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n`;
    const own = `host: localhost:${port}\r\n`;
    for (const head of [
      `GET /api/trpc/profile.me HTTP/1.1\r\n${own}host: evil.example\r\n`,
      `GET /api/trpc/profile.me HTTP/1.1\r\nhost: evil.example\r\n${own}`,
      `GET http://evil.example/api/trpc/profile.me HTTP/1.1\r\n${own}`,
      'GET /api/trpc/profile.me HTTP/1.1\r\n',
      'GET /api/trpc/profile.me HTTP/1.1\r\nhost:\r\n',
      `GET /api/trpc/profile.me HTTP/1.1\r\nhost : localhost:${port}\r\n`,
    ]) {
      const answer = await sendBytes(port, `${head}${cookie}\r\n`);
      expect([400, 421], head).toContain(statusOf(answer));
      expect(answer).not.toContain('ada@example.org');
    }
  });

  it('a forwarded address is nobody’s word: trail and sessions tell the peer', async () => {
    const headers = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6' };
    const body = JSON.stringify({ name: 'Ada' });
    const path = '/api/trpc/profile.update';
    await send(scene.bed.port, { method: 'POST', path, cookie: scene.ada.cookie, headers, body });
    const { entries } = await scene.ada.api.activity.list({ action: 'profile.update' });
    expect(entries[0]?.address).toMatch(/127\.0\.0\.1$/);
  });
});

describe('names in headers', () => {
  const storage = () => `/api/storages/${scene.adas.storageId}`;
  const clean = ({ rawHeaders, headers, body }: Answer) => {
    expect(headers['set-cookie']).toBeUndefined();
    expect(rawHeaders.join('\n')).not.toMatch(/^set-cookie/im);
    expect(body).not.toContain('HTTP/1.1');
  };

  it.each(BREAKS)('a file called %j ends no header', async (text) => {
    const path = `${storage()}/objects?key=${encodeURIComponent(`a${text}.txt`)}`;
    const put = await send(scene.bed.port, { method: 'PUT', path, cookie: scene.ada.cookie, body: 'x' });
    clean(put);
    const got = await ask(path);
    clean(got);
    if (put.status === 200)
      expect(got.headers['content-disposition']).toMatch(
        /^attachment; filename="[^"\\%\r\n]*"(; filename\*=UTF-8''[\w%.~!-]*)?$/,
      );
    else expect([put.status, got.status]).toEqual([400, 400]);
  });

  it.each([...BREAKS, 'a"; filename="evil.exe', 'a\\', '../../etc/passwd', "';alert(1)"])(
    'a zip called %j ends no header',
    async (name) => {
      const answer = await send(scene.bed.port, {
        method: 'POST',
        path: `${storage()}/zip`,
        cookie: scene.ada.cookie,
        body: JSON.stringify({ keys: ['the-seventh-acoustic-peak.txt'], name }),
      });
      clean(answer);
      expect(answer.headers['content-disposition']).toMatch(
        /^attachment; filename="[^"\\%\r\n]*"(; filename\*=UTF-8''[\w%.~!-]*)?$/,
      );
    },
  );

  it.each(BREAKS)('%j in any parameter of an address ends no header', async (text) => {
    const broken = encodeURIComponent(text);
    for (const path of [
      `/open/${scene.adas.environmentId}?to=/${broken}`,
      `/open/env-${broken}`,
      `/api/activity/export?format=${broken}`,
      `/api/auth/callback/${broken}?code=${broken}&state=${broken}&error=${broken}`,
      `/api/auth/issuer-sign-out/${broken}`,
      `${storage()}/zip?prefix=${broken}`,
      `${storage()}/objects?key=x&versionId=${broken}`,
      `/api/trpc/profile.me?batch=1&input=${broken}`,
      `/${broken}`,
    ])
      clean(await ask(path));
  });

  it('the client itself cannot send such a header', () => {
    expect(() => request({ headers: { 'x-a': 'a\r\nb' } })).toThrow();
  });
});
