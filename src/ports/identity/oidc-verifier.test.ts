/** What no test issuer does by itself: other algorithms and odd keys. The rest is in the conformance suite. */
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { providerOfToken } from './by-issuer.ts';
import type { IdentityProvider } from './identity.ts';
import { createOidcVerifier } from './oidc-verifier.ts';
import { createRemoteKeys } from './remote-keys.ts';
import { serveJson } from './test-json-server.ts';

const ISSUER = 'https://login.example';
const NOW = 1_800_000_000_000;

async function open(keys: readonly JWK[], algorithms = ['RS256', 'ES256', 'ES384', 'PS512', 'EdDSA', 'Ed25519']) {
  const server = await serveJson(() => ({ keys }));
  const remote = createRemoteKeys({ url: () => server.url, now: () => NOW, answerMs: 1_000 });
  const rules = { clientId: 'client', issuers: new Map([[ISSUER, remote]]), algorithms, namesTokenUse: false };
  return { verifier: createOidcVerifier(rules, () => NOW), close: server.close };
}

const token = (alg: string, own: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  new SignJWT({
    iss: ISSUER,
    sub: 'ada',
    aud: 'client',
    iat: NOW / 1000,
    exp: NOW / 1000 + 60,
    ...own,
  }).setProtectedHeader({
    alg,
    ...header,
  });

describe('the verifier', () => {
  it.each([
    ['RS256', 'sha256'],
    ['ES256', 'sha256'],
    ['ES384', 'sha384'],
    ['PS512', 'sha512'],
    ['EdDSA', 'sha512'],
    ['Ed25519', 'sha512'],
  ])('takes %s, and at_hash by %s', async (alg, hash) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const { verifier, close } = await open([{ ...(await exportJWK(publicKey)), kid: 'k' }]);
    const digest = createHash(hash).update('an access token').digest();
    const at_hash = digest.subarray(0, digest.length / 2).toString('base64url');
    const jwt = await token(alg, { at_hash }, { kid: 'k' }).sign(privateKey);
    expect(await verifier.idToken(jwt, { accessToken: 'an access token' })).toMatchObject({ subject: 'ada' });
    await expect(verifier.idToken(jwt, { accessToken: 'another' })).rejects.toMatchObject({ code: 'unauthenticated' });
    await close();
  });

  it('an algorithm that is right for the key and not pinned is refused', async () => {
    const { privateKey, publicKey } = await generateKeyPair('PS256', { extractable: true });
    const { verifier, close } = await open([await exportJWK(publicKey)], ['RS256']);
    await expect(verifier.idToken(await token('PS256').sign(privateKey))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await close();
  });

  it('a published secret or private key proves nothing', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const secret = new TextEncoder().encode('a secret of thirty-two characters');
    const oct = { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'k' };
    const leaked = { ...(await exportJWK(privateKey)), kid: 'leaked' };
    const { verifier, close } = await open([oct, leaked, { ...(await exportJWK(publicKey)), kid: 'good' }]);
    for (const jwt of [
      await token('HS256', {}, { kid: 'k' }).sign(secret),
      await token('RS256', {}, { kid: 'leaked' }).sign(privateKey),
    ])
      await expect(verifier.idToken(jwt)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await verifier.idToken(await token('RS256', {}, { kid: 'good' }).sign(privateKey))).toBeTruthy();
    await close();
  });

  it('keys for encryption are none for signatures', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const key = await exportJWK(publicKey);
    const other = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
    const { verifier, close } = await open([
      { ...key, kid: 'k', use: 'enc' },
      { ...other, kid: 'o' },
    ]);
    const jwt = await token('RS256', {}, { kid: 'k' }).sign(privateKey);
    await expect(verifier.idToken(jwt)).rejects.toMatchObject({ code: 'unauthenticated' });
    await close();
  });

  it('two keys of one name prove nothing', async () => {
    const pairs = await Promise.all([1, 2].map(() => generateKeyPair('RS256', { extractable: true })));
    const keys = await Promise.all(pairs.map(async ({ publicKey }) => ({ ...(await exportJWK(publicKey)), kid: 'k' })));
    const { verifier, close } = await open(keys);
    for (const pair of pairs) {
      const jwt = await token('RS256', {}, { kid: 'k' }).sign(pair.privateKey);
      await expect(verifier.idToken(jwt)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    await close();
  });

  it('a key that is broken or too short is the issuer’s fault', async () => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const short = { kty: 'RSA', n: 'sXch', e: 'AQAB', kid: 'k' };
    const { verifier, close } = await open([short]);
    const jwt = await token('RS256', {}, { kid: 'k' }).sign(privateKey);
    await expect(verifier.idToken(jwt)).rejects.toMatchObject({ code: 'unavailable' });
    await close();
  });
});

describe('the provider of a token', () => {
  const provider = (name: string, kind: 'oidc' | 'link', issuers: string[]): IdentityProvider => ({
    name,
    label: name,
    kind,
    issuers,
    validateToken: () => Promise.reject(new Error('not asked')),
  });
  const providers = [
    provider('local', 'link', ['local']),
    provider('one', 'oidc', ['https://one.example', 'one.example']),
    provider('two', 'oidc', ['https://two.example']),
  ];
  const claiming = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

  it.each([
    ['https://one.example', 'one'],
    ['one.example', 'one'],
    ['https://two.example', 'two'],
  ])('is the one that vouches for %s', (iss, name) => {
    // Nothing else in the token has a say.
    const token = claiming({ iss, 'cognito:groups': [], hd: 'x', aud: 'two', azp: 'two' });
    expect(providerOfToken(providers, token).name).toBe(name);
  });

  it.each([
    [{ iss: 'https://three.example' }],
    [{ iss: 'https://two.example/' }],
    [{ iss: 'local' }],
    [{ iss: ['https://one.example'] }],
    [{}],
  ])('is none for %j', (claims) => {
    expect(() => providerOfToken(providers, claiming(claims))).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });

  it.each(['', 'x', 'a.b.c', 'a.!.c', `a.${'x'.repeat(20_000)}.c`])('is none for what is no token', (text) => {
    expect(() => providerOfToken(providers, text)).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });
});
