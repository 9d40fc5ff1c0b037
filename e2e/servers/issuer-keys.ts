/** Keys of a test issuer, and tokens signed with them or by somebody who has none of them. */
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { JWK } from 'jose';

export interface IssuerKey {
  kid: string;
  privateKey: KeyObject;
  /** As the issuer's own JWKS holds it. */
  privateJwk: JWK;
  publicJwk: JWK;
}

/** `nobody`: alg none. `public key`: HS256 with the published key as its secret. `stranger`: another key under the same kid. */
export type Signer = 'issuer' | 'stranger' | 'public key' | 'nobody';

export function newKey(): IssuerKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('hex');
  const named = { kid, alg: 'RS256', use: 'sig' };
  return {
    kid,
    privateKey,
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...named },
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...named },
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signToken(
  claims: Record<string, unknown>,
  { key, header = {}, signer = 'issuer' }: { key: IssuerKey; header?: Record<string, unknown>; signer?: Signer },
): string {
  const alg = { issuer: 'RS256', stranger: 'RS256', 'public key': 'HS256', nobody: 'none' }[signer];
  const content = `${encode({ alg, kid: key.kid, ...header })}.${encode(claims)}`;
  const signatures = {
    issuer: () => sign('sha256', Buffer.from(content), key.privateKey),
    stranger: () => sign('sha256', Buffer.from(content), newKey().privateKey),
    'public key': () =>
      createHmac('sha256', createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }))
        .update(content)
        .digest(),
    nobody: () => Buffer.alloc(0),
  };
  return `${content}.${signatures[signer]().toString('base64url')}`;
}

/** `at_hash` of an access token beside an RS256 id_token. */
export function accessTokenHash(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
}
