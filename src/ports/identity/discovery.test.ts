/** What an issuer says of itself, from a server that says anything. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDiscovery } from './discovery.ts';
import { RETRY_MS } from './remote-document.ts';
import { serveJson } from './test-json-server.ts';

let issuer = '';
let answer: () => unknown = () => null;
let time = 0;
let server: Awaited<ReturnType<typeof serveJson>>;

beforeAll(async () => {
  server = await serveJson(() => answer());
  issuer = `${server.url}/realm`;
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked.splice(0);
  time = 1_000_000;
  answer = said;
});

const said = (own: object = {}) => ({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  id_token_signing_alg_values_supported: ['RS256'],
  ...own,
});
const open = () => createDiscovery({ issuer, now: () => time, answerMs: 1_000 });

async function causeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unavailable' });
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
}

describe('discovery', () => {
  it('reads what the code flow needs, once an hour however many ask', async () => {
    const discovery = open();
    const all = await Promise.all(Array.from({ length: 10 }, () => discovery.read()));
    expect(all[9]).toEqual({
      issuer,
      authorization: `${issuer}/auth`,
      token: `${issuer}/token`,
      keys: `${issuer}/keys`,
      userinfo: null,
      endSession: null,
    });
    time += 3_599_999;
    await discovery.read();
    expect(server.asked).toEqual(['/realm/.well-known/openid-configuration']);
    time += 1;
    await discovery.read();
    expect(server.asked).toHaveLength(2);
  });

  it.each(['/', 'x', '?'])('believes an issuer only under its own name, not with “%s” more', async (more) => {
    answer = () => said({ issuer: `${issuer}${more}` });
    expect(await causeOf(open().read())).toContain('calls itself');
  });

  it.each([
    [{ issuer: 'https://evil.example' }],
    [{ issuer: undefined }],
    [{ jwks_uri: undefined }],
    [{ jwks_uri: 'http://keys.example/jwks' }],
    [{ jwks_uri: 'file:///etc/passwd' }],
    [{ token_endpoint: 'http://10.0.0.1/token' }],
    [{ authorization_endpoint: 'javascript:alert(1)' }],
    [{ userinfo_endpoint: 7 }],
    [{ end_session_endpoint: 'https://user@login.example' }],
    [{ token_endpoint: `https://login.example/${'x'.repeat(3_000)}` }],
  ])('an issuer that says %j of itself is not believed', async (own) => {
    answer = () => said(own);
    expect(await causeOf(open().read())).toMatch(/\S/);
  });

  it.each([[null], [[]], ['text'], [7]])('an answer of %j is none', async (odd) => {
    answer = () => odd;
    await causeOf(open().read());
  });

  it('after a failure everybody hears of it at once, and it is asked again soon', async () => {
    answer = () => null;
    const discovery = open();
    for (let i = 0; i < 5; i += 1) await causeOf(discovery.read());
    expect(server.asked).toHaveLength(1);
    answer = said;
    time += RETRY_MS;
    expect(await discovery.read()).toMatchObject({ issuer });
  });

  it('a person at the terminal who asks for a check gets a new answer', async () => {
    const discovery = open();
    await discovery.read();
    answer = () => null;
    await causeOf(discovery.fetchAnew());
    expect(server.asked).toHaveLength(2);
    // What was kept is still good for those who sign in.
    expect(await discovery.read()).toMatchObject({ issuer });
  });
});
