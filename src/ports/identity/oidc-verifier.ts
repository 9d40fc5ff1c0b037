/**
 * The one place where tokens of issuers are verified (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725). Providers give rules and get
 * claims. A token is refused with the same words whatever is wrong with it; the reason is in the error's cause, for the log. That
 * keys cannot be fetched is never the token's fault, so it is `unavailable`.
 */
import { createHash } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { TokenContext } from './identity.ts';
import { unavailable } from './remote-document.ts';
import type { RemoteKeys } from './remote-keys.ts';

/** Clocks differ. */
export const LEEWAY_MS = 30_000;
/** An id_token proves a sign-in that just happened. */
export const MAX_TOKEN_AGE_MS = 60 * 60_000;
/** Far above what issuers send, with hundreds of groups. */
const MOST_CHARACTERS = 16 * 1024;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** https://openid.net/specs/openid-connect-core-1_0.html section 2: a subject has at most 255 ASCII characters. */
const NAME = /^[\x21-\x7e]{1,255}$/;
/** A key, or an address of keys, that the token brings along; and `crit`, extensions that we do not know. */
const REFUSED_HEADERS = ['jwk', 'jku', 'x5u', 'crit', 'b64'];

export interface VerifierRules {
  clientId: string;
  /** Keys by the exact `iss` of tokens. */
  issuers: ReadonlyMap<string, RemoteKeys>;
  algorithms: readonly string[];
  namesTokenUse: boolean;
}

export interface VerifiedToken {
  issuer: string;
  subject: string;
  claims: JWTPayload;
}

/** Signed by its issuer and valid now. Whom it speaks of, and to what end, is still to be asked. */
export interface SignedToken {
  issuer: string;
  claims: JWTPayload;
  header: JWTHeaderParameters;
}

export interface OidcVerifier {
  /** @throws unauthenticated, unavailable */
  idToken(token: string, context?: TokenContext): Promise<VerifiedToken>;
  /** An access token that is a JWT without audience and names its client. @throws unauthenticated, unavailable */
  accessToken(token: string): Promise<VerifiedToken>;
  /** What all tokens have in common; `type` is a header type that is taken besides the plain one. @throws as above */
  signed(token: string, options: JWTVerifyOptions, type?: string): Promise<SignedToken>;
}

/** One answer for all that can be wrong with a token: it tells a forger nothing. `reason` never holds text of the token. */
export function refused(reason: string): AppError {
  return new AppError('unauthenticated', 'This sign-in could not be verified. Sign in again.', {
    cause: new Error(reason),
  });
}

export function createOidcVerifier(rules: VerifierRules, now: () => number): OidcVerifier {
  const { clientId, issuers, algorithms, namesTokenUse } = rules;

  async function signed(token: string, options: JWTVerifyOptions, type?: string): Promise<SignedToken> {
    const { keys, issuer } = keysFor(token, type);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.keyOf, {
        ...options,
        issuer,
        algorithms: [...algorithms],
        clockTolerance: LEEWAY_MS / 1000,
        currentDate: new Date(now()),
      });
      return { issuer, claims: payload, header: protectedHeader };
    } catch (error) {
      throw classified(error);
    }
  }

  async function verify(token: string, options: JWTVerifyOptions): Promise<VerifiedToken & SignedToken> {
    const found = await signed(token, options);
    // jose looks only whether it is there; a number would be another person's text.
    if (!isName(found.claims.sub)) throw refused('sub is malformed');
    return { ...found, subject: found.claims.sub };
  }

  /** Looks at the token without believing it, so that only tokens of this issuer reach the network. */
  function keysFor(token: string, type = 'JWT'): { keys: RemoteKeys; issuer: string } {
    if (token.length > MOST_CHARACTERS) throw refused('too long');
    if (!COMPACT_JWS.test(token)) throw refused('no compact JWS');
    let header: ReturnType<typeof decodeProtectedHeader>;
    let iss: unknown;
    try {
      header = decodeProtectedHeader(token);
      iss = decodeJwt(token).iss;
    } catch {
      throw refused('malformed');
    }
    const brought = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name));
    if (brought) throw refused(`header ${brought}`);
    if (!algorithms.some((algorithm) => algorithm === header.alg)) throw refused('alg is not one of the issuer’s');
    // RFC 9068 and the logout token of OpenID Connect are signed by the same keys and name themselves here.
    if (header.typ !== undefined && !['JWT', type.toUpperCase()].includes(header.typ.toUpperCase()))
      throw refused('typ is of another token');
    const keys = typeof iss === 'string' ? issuers.get(iss) : undefined;
    if (!keys || typeof iss !== 'string') throw refused('iss is not the issuer');
    return { keys, issuer: iss };
  }

  return {
    signed,
    async idToken(token, { nonce, accessToken, maxAgeMs = MAX_TOKEN_AGE_MS } = {}) {
      const { header, ...verified } = await verify(token, {
        audience: clientId,
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
        maxTokenAge: Math.min(maxAgeMs, MAX_TOKEN_AGE_MS) / 1000,
      });
      const { claims } = verified;
      checkAuthorizedParty(claims, clientId);
      if (claims.token_use !== 'id' && (namesTokenUse || claims.token_use !== undefined))
        throw refused('token_use is not id');
      // A logout token of an issuer that does not name its type: OpenID Connect Back-Channel Logout 1.0, section 2.4.
      if (claims.events !== undefined) throw refused('events belong to other tokens');
      // An access token of an issuer that puts the client into its audience and calls it so.
      if (typeof claims.typ === 'string' && claims.typ.toUpperCase() !== 'ID' && claims.typ.toUpperCase() !== 'JWT')
        throw refused('typ is of another token');
      if (nonce !== undefined && claims.nonce !== nonce) throw refused('nonce is not the one that was sent');
      if (accessToken !== undefined && claims.at_hash !== undefined)
        checkHash(claims.at_hash, accessToken, header.alg ?? '');
      return verified;
    },
    async accessToken(token) {
      const { header: _, ...verified } = await verify(token, { requiredClaims: ['iss', 'sub', 'exp', 'client_id'] });
      if (verified.claims.token_use !== 'access') throw refused('token_use is not access');
      if (verified.claims.client_id !== clientId) throw refused('client_id is not ours');
      return verified;
    },
  };
}

/** Of a person or of a session, as issuers name them. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

export function checkAuthorizedParty({ aud, azp }: JWTPayload, clientId: string): void {
  if (azp === undefined && !(Array.isArray(aud) && aud.length > 1)) return;
  if (azp !== clientId) throw refused('azp is not ours');
}

/** The left half of the hash that the signature uses, too (OpenID Connect Core 1.0, 3.1.3.6). */
function checkHash(expected: unknown, accessToken: string, algorithm: string): void {
  // EdDSA and Ed25519 hash with SHA-512.
  const bits = /^[RPE]S(\d{3})$/.exec(algorithm)?.[1] ?? '512';
  const digest = createHash(`sha${bits}`).update(accessToken, 'ascii').digest();
  if (digest.subarray(0, digest.length / 2).toString('base64url') !== expected) throw refused('at_hash does not fit');
}

/** What jose says, in the house's words: whatever is not about this token is about the issuer's keys. */
function classified(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (error instanceof errors.JWKSInvalid || error instanceof errors.JWKInvalid) return unavailable(error);
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
    return refused(`claim ${error.claim}: ${error.reason}`);
  if (error instanceof errors.JOSEError) return refused(error.code);
  return unavailable(error);
}
