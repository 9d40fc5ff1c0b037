/** Who gets in, and what everyone else is told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Phase } from '../domain/environment.ts';
import { COOKIE, ENVIRONMENT, grantOf, type Harness, raw, routeTo, startHarness } from './test-harness.ts';

let h: Harness;
const HTML = 'Accept: text/html,*/*;q=0.8\r\n';

beforeEach(async () => {
  h = await startHarness((req, res) => res.end(`environment ${req.url}`));
});
afterEach(() => h.close());

function send(target: string, fields = '', method = 'GET', host = h.host): Promise<string> {
  return raw(h.port, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`);
}

function field(answer: string, name: string): string[] {
  const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
  return [...head.matchAll(new RegExp(`^${name}: (.*)\\r?$`, 'gim'))].map((match) => (match[1] ?? '').trim());
}

describe('the ticket', () => {
  it('becomes cookies once, and the way goes on only when the browser kept them', async () => {
    h.authorizer.tickets.set('one', { cookie: 'fresh', grant: grantOf('usr-a', 'ses-b') });
    const entered = await send('/.cmbcluster/enter?ticket=one&to=%2Flab%3Fa%3D1', HTML);
    expect(entered).toMatch(/^HTTP\/1.1 303 /);
    expect(field(entered, 'Location')).toEqual(['/.cmbcluster/entered?to=%2Flab%3Fa%3D1']);
    expect(field(entered, 'Set-Cookie')).toEqual([
      'cmbcluster_environment=fresh; Path=/; HttpOnly; SameSite=Lax',
      'cmbcluster_environment_embed=fresh; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    ]);
    expect(field(entered, 'Cache-Control')).toEqual(['no-store']);
    expect(field(entered, 'Referrer-Policy')).toEqual(['no-referrer']);

    const kept = await send(
      '/.cmbcluster/entered?to=%2Flab%3Fa%3D1',
      `${HTML}Cookie: cmbcluster_environment_embed=fresh\r\n`,
    );
    expect(field(kept, 'Location')).toEqual(['/lab?a=1']);
    const refused = await send('/.cmbcluster/entered?to=%2Flab', HTML);
    expect(refused).toMatch(/^HTTP\/1.1 403 [\s\S]*did not keep the cookie/);
    expect(refused).toContain(`/open/${ENVIRONMENT}?to=%2Flab`);

    const again = await send('/.cmbcluster/enter?ticket=one&to=/lab', HTML);
    expect(again).toMatch(/^HTTP\/1.1 403 [\s\S]*no longer works/);
    expect(field(again, 'Set-Cookie')).toEqual([]);
    expect(again).not.toContain('My &#60;work');
    const replayed = await send(
      '/.cmbcluster/enter?ticket=one&to=/lab',
      `${HTML}Cookie: cmbcluster_environment=fresh\r\n`,
    );
    expect(field(replayed, 'Location')).toEqual(['/lab']);
  });

  it('is never seen by the environment nor written to the log', async () => {
    for (const target of [
      '/.cmbcluster/enter?ticket=t0ps3cret',
      '/.cmbcluster',
      '/.cmbcluster/',
      '/.cmbcluster/other?ticket=t0ps3cret',
      '/.cmbcluster?x',
    ]) {
      await send(target, COOKIE);
      await send(target, COOKIE, 'POST');
    }
    expect(h.seen).toHaveLength(0);
    expect(h.logged.join('\n')).not.toContain('t0ps3cret');
  });

  it.each([
    '//evil.example',
    '%5C%5Cevil.example',
    '/%5Cevil.example',
    'https://evil.example',
    '/%0D%0ASet-Cookie:a=b',
    '/.//evil.example',
    '@evil.example',
  ])('never leads away: to=%s', async (to) => {
    h.authorizer.tickets.set('one', { cookie: 'fresh', grant: grantOf('usr-a', 'ses-b') });
    const answer = await send(`/.cmbcluster/enter?ticket=one&to=${to}`, HTML);
    expect(field(answer, 'Location')).toEqual(['/.cmbcluster/entered?to=%2F']);
    const last = await send(`/.cmbcluster/entered?to=${to}`, `${HTML}${COOKIE}`);
    expect(field(last, 'Location')).toEqual(['/']);
  });
});

describe('without a grant', () => {
  it('a navigation goes to the application, embedded or not', async () => {
    const answer = await send('/lab?x=1&y=2', HTML);
    expect(answer).toMatch(/^HTTP\/1.1 303 /);
    expect(field(answer, 'Location')).toEqual([
      `http://localhost:${h.port}/open/${ENVIRONMENT}?to=%2Flab%3Fx%3D1%26y%3D2`,
    ]);
    const framed = await send(
      '/',
      `Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Site: cross-site\r\n`,
    );
    expect(field(framed, 'Location')[0]).toMatch(/&embed=1$/);
    expect(field(await send(`/${'a'.repeat(3000)}`, HTML), 'Location')[0]).toMatch(/\?to=%2F$/);
  });

  it('anything else gets a plain answer: 401 without a cookie, 403 with a bad one', async () => {
    expect(await send('/api')).toMatch(/^HTTP\/1.1 401 [\s\S]*Content-Type: text\/plain/);
    expect(await send('/api', '', 'POST')).toMatch(/^HTTP\/1.1 401 /);
    expect(await send('/api', 'Cookie: cmbcluster_environment=bad\r\n')).toMatch(/^HTTP\/1.1 403 /);
    expect(await send('/api', `${HTML}Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n`)).toMatch(
      /^HTTP\/1.1 401 /,
    );
    expect(h.seen).toHaveLength(0);
  });

  it('a planted cookie before the good one does not lock its owner out', async () => {
    expect(await send('/', 'Cookie: cmbcluster_environment=planted; cmbcluster_environment=good\r\n')).toMatch(
      /200 OK[\s\S]*environment \//,
    );
  });

  it('a grant of another environment is worth nothing', async () => {
    h.routes.set('other', { ...routeTo(null), environmentId: 'env-2' as typeof ENVIRONMENT, slug: 'other' });
    expect(await send('/', COOKIE, 'GET', `other.localhost:${h.port}`)).toMatch(/^HTTP\/1.1 403 /);
  });

  it('the answers of slow authorizers hold only if the grant outlived them', async () => {
    let release = (): void => undefined;
    h.authorizer.delay = new Promise((resolve) => {
      release = resolve;
    });
    const answer = send('/', COOKIE);
    const probe = send('/unrelated', COOKIE);
    // Both requests wait inside check() now: the connection below is answered only after they were read.
    await raw(h.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    h.authorizer.revoke({ sessionId: grantOf('', 'ses-a').sessionId });
    release();
    expect(await answer).toMatch(/^HTTP\/1.1 403 /);
    expect(await probe).toMatch(/^HTTP\/1.1 403 /);
    expect(h.seen).toHaveLength(0);
  });
});

describe('requests of other sites', () => {
  it.each([
    ['POST', 'Origin: http://evil.example\r\n', 403],
    ['POST', 'Origin: http://localhost:1\r\n', 403],
    ['DELETE', 'Origin: null\r\n', 403],
    ['POST', 'Sec-Fetch-Site: same-site\r\n', 403],
    ['POST', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n', 403],
    ['GET', 'Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n', 403],
    ['GET', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\nOrigin: http://evil.example\r\n', 403],
    ['GET', 'Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n', 200],
    ['POST', 'Origin: null\r\nSec-Fetch-Site: same-origin\r\n', 200],
    ['POST', 'Sec-Fetch-Site: same-origin\r\n', 200],
    ['POST', '', 200],
  ])('%s with %j → %i', async (method, fields, status) => {
    expect(await send('/', `${COOKIE}${fields}`, method)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(h.seen).toHaveLength(status === 200 ? 1 : 0);
  });

  it('the own origin may do everything', async () => {
    expect(await send('/', `${COOKIE}Origin: http://${h.host}\r\nSec-Fetch-Site: same-origin\r\n`, 'POST')).toMatch(
      /^HTTP\/1.1 200 /,
    );
  });
});

describe('environments that do not run', () => {
  it.each<[Phase, number, string, string | null]>([
    ['pending', 503, 'is starting', '1'],
    ['starting', 503, 'is starting', '1'],
    ['stopping', 503, 'is stopping', '3'],
    ['stopped', 503, 'is stopped', '5'],
    ['failed', 503, 'ran out of memory', '10'],
  ])('%s', async (phase, status, words, refresh) => {
    h.routes.set('work', {
      ...routeTo(null, phase),
      failureMessage: 'It ran out of memory.',
      steps: [
        { step: 'accepted', at: 1000 },
        { step: 'storage', at: 2500 },
      ],
    });
    const html = await send('/', `${HTML}${COOKIE}`);
    expect(html).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(html).toContain(words);
    expect(html).toContain('My &#60;work&#62;');
    expect(field(html, 'Refresh')).toEqual([refresh]);
    expect(html.includes('1.5 s')).toBe(['pending', 'starting', 'failed'].includes(phase));
    const text = await send('/', COOKIE, 'POST');
    expect(field(text, 'Content-Type')).toEqual(['text/plain; charset=utf-8']);
    expect(field(text, 'Retry-After')).toEqual(words === 'is starting' ? ['2'] : []);
    // Nobody else learns that it exists in this state, or its name.
    expect(await send('/', HTML)).toMatch(/^HTTP\/1.1 303 /);
    expect(await send('/')).not.toContain('work');
  });

  it('unknown ones are not found, for people and programs', async () => {
    expect(await send('/', HTML, 'GET', `nobody.localhost:${h.port}`)).toMatch(
      /^HTTP\/1.1 404 [\s\S]*There is no environment here/,
    );
    expect(await send('/', '', 'GET', 'nobody.localhost')).toMatch(/^HTTP\/1.1 404 [\s\S]*text\/plain/);
    expect(await send('/', HTML, 'HEAD', 'nobody.localhost')).toMatch(/^HTTP\/1.1 404 [^<]*$/);
  });

  it('a stopped one opens by itself once it runs', async () => {
    const route = h.routes.get('work');
    h.routes.set('work', routeTo(null, 'stopped'));
    expect(await send('/', `${HTML}${COOKIE}`)).toContain('is stopped');
    if (route) h.routes.set('work', route);
    expect(await send('/', `${HTML}${COOKIE}`)).toContain('environment /');
  });
});

describe('malformed requests never reach an environment', () => {
  it.each([
    ['two hosts', 'GET / HTTP/1.1\r\nHost: work.localhost\r\nHost: work.localhost\r\n'],
    ['absolute target', 'GET http://work.localhost/ HTTP/1.1\r\nHost: work.localhost\r\n'],
    ['absolute target of another host', 'GET http://localhost/ HTTP/1.1\r\nHost: work.localhost\r\n'],
    ['asterisk', 'OPTIONS * HTTP/1.1\r\nHost: work.localhost\r\n'],
    ['bad label', 'GET / HTTP/1.1\r\nHost: a.work.localhost\r\n'],
    ['trailing dot', 'GET / HTTP/1.1\r\nHost: work.localhost.\r\n'],
    ['userinfo', 'GET / HTTP/1.1\r\nHost: u@work.localhost\r\n'],
    [
      'length and coding',
      'POST / HTTP/1.1\r\nHost: work.localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: work.localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n'],
    ['another coding', 'POST / HTTP/1.1\r\nHost: work.localhost\r\nTransfer-Encoding: gzip, chunked\r\n'],
    ['obfuscated coding', 'POST / HTTP/1.1\r\nHost: work.localhost\r\nTransfer-Encoding: xchunked\r\n'],
    ['space before colon', 'GET / HTTP/1.1\r\nHost: work.localhost\r\nContent-Length : 3\r\n'],
    ['folded field', 'GET / HTTP/1.1\r\nHost: work.localhost\r\nX: a\r\n b\r\n'],
    ['control byte', 'GET / HTTP/1.1\r\nHost: work.localhost\r\nX: a\u0001b\r\n'],
    ['many fields', `GET / HTTP/1.1\r\nHost: work.localhost\r\n${'a: b\r\n'.repeat(300)}`],
    ['huge field', `GET / HTTP/1.1\r\nHost: work.localhost\r\nX: ${'a'.repeat(40_000)}\r\n`],
  ])('%s', async (_name, head) => {
    expect(await raw(h.port, `${head}${COOKIE}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 4(00|31) /);
    expect(h.seen).toHaveLength(0);
  });
});
