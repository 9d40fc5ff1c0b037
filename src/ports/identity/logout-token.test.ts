/** Logout tokens against OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogoutTokens, MAX_LOGOUT_AGE_MS } from './logout-token.ts';
import { createOidcVerifier, LEEWAY_MS } from './oidc-verifier.ts';
import { createRemoteKeys } from './remote-keys.ts';
import { serveJson } from './test-json-server.ts';

const ISSUER = 'https://login.example';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const REFUSED = { code: 'unauthenticated' };
type Claims = Record<string, unknown>;

let time = 1_800_000_000_000;
let count = 0;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let server: Awaited<ReturnType<typeof serveJson>>;
beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'k' };
  server = await serveJson(() => ({ keys: [key] }));
});
afterAll(() => server.close());

function open() {
  const remote = createRemoteKeys({ url: () => server.url, now: () => time, answerMs: 1_000 });
  const rules = {
    clientId: 'client',
    issuers: new Map([[ISSUER, remote]]),
    algorithms: ['ES256'],
    namesTokenUse: false,
  };
  const verifier = createOidcVerifier(rules, () => time);
  const validate = createLogoutTokens(verifier, { clientId: 'client', accountIssuer: ISSUER, now: () => time });
  return { verifier, validate };
}

function token(own: Claims = {}, header: Claims = {}): Promise<string> {
  count += 1;
  const iat = Math.floor(time / 1000);
  const claims = {
    iss: ISSUER,
    aud: 'client',
    iat,
    exp: iat + 120,
    jti: `jti-${count}`,
    sub: 'ada',
    sid: 'there-1',
    events: { [EVENT]: {} },
    ...own,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k', ...header }).sign(pair.privateKey);
}

describe('logout tokens', () => {
  it.each<[string, Claims, Claims, object]>([
    ['of a session', {}, { typ: 'logout+jwt' }, { subject: 'ada', issuerSession: 'there-1' }],
    ['without a type', {}, {}, { subject: 'ada', issuerSession: 'there-1' }],
    ['of the plain type', {}, { typ: 'JWT' }, { subject: 'ada', issuerSession: 'there-1' }],
    ['named in a claim', { typ: 'Logout' }, { typ: 'JWT' }, { subject: 'ada' }],
    ['of a person', { sid: undefined }, {}, { subject: 'ada', issuerSession: null }],
    ['of a session of nobody named', { sub: undefined }, {}, { subject: null, issuerSession: 'there-1' }],
    ['without an end', { exp: undefined }, {}, { subject: 'ada' }],
    ['for several, authorized for this one', { aud: ['client', 'b'], azp: 'client' }, {}, { subject: 'ada' }],
  ])('%s are taken', async (_, claims, header, expected) => {
    expect(await open().validate(await token(claims, header))).toMatchObject({ issuer: ISSUER, ...expected });
  });

  it.each<[string, Claims, Claims?]>([
    ['with a nonce', { nonce: 'x' }],
    ['with an empty nonce', { nonce: '' }],
    ['without events', { events: undefined }],
    ['with other events', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['with an event that is no object', { events: { [EVENT]: true } }],
    ['with events that are a list', { events: [EVENT] }],
    ['of nobody', { sub: undefined, sid: undefined }],
    ['of an empty session', { sid: '' }],
    ['of a session that is no text', { sid: 7 }],
    ['of a subject that is no text', { sub: ['ada'] }],
    ['without a name', { jti: undefined }],
    ['for another client', { aud: 'another' }],
    ['for nobody', { aud: undefined }],
    ['for several clients', { aud: ['client', 'b'] }],
    ['of another issuer', { iss: `${ISSUER}/` }],
    ['without a beginning', { iat: undefined }],
    ['from the future', { iat: 1_800_000_031 }],
    ['that ended', { exp: 1_799_999_969 }],
    ['that is too old', { iat: 1_800_000_000 - MAX_LOGOUT_AGE_MS / 1000 - 31, exp: 1_800_000_100 }],
    ['that is an access token by its claim', { typ: 'Bearer' }],
    ['that is an id_token by its claim', { typ: 'ID' }],
    ['of the type of access tokens', {}, { typ: 'at+jwt' }],
    ['with a key of its own', {}, { jwk: {} }],
  ])('%s are refused', async (_, claims, header = {}) => {
    time = 1_800_000_000_000;
    await expect(open().validate(await token(claims, header))).rejects.toMatchObject(REFUSED);
  });

  it('signed by nobody or a stranger are refused', async () => {
    const { validate } = open();
    const [head = '', body = ''] = (await token()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [`${none}.${body}.`, `${head}.${body}.AAAA`, '', 'x'.repeat(20_000)])
      await expect(validate(forged)).rejects.toMatchObject(REFUSED);
  });

  it('are no id_tokens, whatever their type, and id_tokens are none of them', async () => {
    const { verifier, validate } = open();
    for (const header of [{}, { typ: 'JWT' }, { typ: 'logout+jwt' }])
      await expect(verifier.idToken(await token({}, header))).rejects.toMatchObject(REFUSED);
    const idToken = await token({ events: undefined });
    expect(await verifier.idToken(idToken)).toMatchObject({ subject: 'ada' });
    await expect(validate(idToken)).rejects.toMatchObject(REFUSED);
  });

  it('work once, for as long as they would', async () => {
    const { validate } = open();
    const endless = await token({ exp: undefined, iat: Math.floor((time + LEEWAY_MS) / 1000) });
    await validate(endless);
    for (const later of [0, 1_000, MAX_LOGOUT_AGE_MS, LEEWAY_MS]) {
      time += later;
      await validate(await token());
      await expect(validate(endless)).rejects.toMatchObject({ cause: { message: 'jti was used' } });
    }
    time += LEEWAY_MS;
    await expect(validate(endless)).rejects.toMatchObject(REFUSED);
  });

  it('a refused one uses nothing up', async () => {
    const { validate } = open();
    await expect(validate(await token({ jti: 'same', nonce: 'x' }))).rejects.toMatchObject(REFUSED);
    expect(await validate(await token({ jti: 'same' }))).toMatchObject({ subject: 'ada' });
  });
});
