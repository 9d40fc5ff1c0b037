/** How a browser, and how a program, is led to an issuer that means no good with its own address. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { serveJson } from '../../ports/identity/test-json-server.ts';

const NASTY = `/authorize/"><script>alert(1)</script>'?a="><img src=x>&b=1;url=javascript:alert(1)&amp;c='x'`;
let bed: TestBed;
let issuer: Awaited<ReturnType<typeof serveJson>>;
beforeAll(async () => {
  issuer = await serveJson(() => ({
    issuer: issuer.url,
    authorization_endpoint: issuer.url + NASTY,
    token_endpoint: `${issuer.url}/token`,
    jwks_uri: `${issuer.url}/keys`,
  }));
  const env = { AUTH_PROVIDER: 'oidc', OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: 'us', OIDC_CLIENT_SECRET: 'a secret' };
  bed = await openTestBed({ env, reconcile: false });
});
afterAll(async () => {
  await bed.close();
  await issuer.close();
});

function press(headers: Record<string, string>, form: Record<string, string> = {}): Promise<Response> {
  return fetch(`${bed.origin}/api/auth/sign-in/oidc`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: bed.origin, 'sec-fetch-site': 'same-origin', ...headers },
    body: new URLSearchParams(form),
  });
}

const BROWSER = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate' };
const PROGRAM = { accept: '*/*' };
const unescaped = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');

describe('the button of an issuer', () => {
  it('leads a browser there by a page that goes on at once', async () => {
    const answer = await press(BROWSER);
    expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
    const address = /^0;url=(.+)$/.exec(answer.headers.get('refresh') ?? '')?.[1] ?? '';
    const { origin, pathname, searchParams } = new URL(address);
    expect([origin, pathname.startsWith('/authorize/')]).toEqual([issuer.url, true]);
    expect(searchParams.get('redirect_uri')).toBe(`${bed.origin}/api/auth/callback/oidc`);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const page = await answer.text();
    const [, href = ''] = /<a href="([^"]*)"/.exec(page) ?? [];
    expect(unescaped(href)).toBe(address);
  });

  it('writes the address so that nothing of it is markup', async () => {
    const answer = await press(BROWSER);
    const page = await answer.text();
    expect(page.match(/<[^>]*>/g)).toEqual([
      '<!doctype html>',
      '<title>',
      '</title>',
      expect.stringMatching(/^<a /),
      '</a>',
    ]);
    expect(page).not.toMatch(/&(?!amp;|quot;)/);
    expect(answer.headers.get('refresh')).not.toMatch(/["<>\s]/);
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(page)));
  });

  it.each<[string, Record<string, string>]>([
    ['a browser', BROWSER],
    ['a program', PROGRAM],
  ])('gives %s the cookies of the way, which no script reads', async (_, headers) => {
    const lines = (await press(headers)).headers.getSetCookie();
    const named = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line]));
    const steps = ['pkce', 'state', 'nonce', 'target'].map((step) => `cmbcluster_${step}`);
    expect([...named.keys()].sort()).toEqual([...steps, 'cmbcluster_linking'].sort());
    for (const line of lines) expect(line).toMatch(/; Path=\/.*; HttpOnly; SameSite=Lax/i);
    for (const name of steps) expect(named.get(name)).toMatch(/; (Max-Age=900|Expires=)/);
    // Sealed: neither the state nor the verifier can be read from them.
    expect(named.get('cmbcluster_state')?.split(';')[0]).toMatch(/^cmbcluster_state=ey/);
  });

  it('leads a program there by a redirect', async () => {
    const answer = await press(PROGRAM);
    expect([answer.status, answer.headers.get('refresh')]).toEqual([303, null]);
    expect(new URL(answer.headers.get('location') ?? '').origin).toBe(issuer.url);
    expect([answer.headers.get('cache-control'), answer.headers.get('referrer-policy')]).toEqual([
      'no-store',
      'no-referrer',
    ]);
    expect(await answer.text()).toBe('');
  });

  it('leads a browser by a redirect where the way stays here', async () => {
    const answer = await press(BROWSER, { linking: 'yes' });
    expect([answer.status, answer.headers.get('refresh')]).toEqual([303, null]);
    expect(answer.headers.get('location')).toMatch(/^\/sign-in\?next=/);
  });
});
