/**
 * The public keys of an issuer. They come from one address only; nothing that a token says leads to another. A key that is not
 * known yet is looked for once in a while: issuers rotate.
 */
import { createLocalJWKSet, errors, type JWK, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { createRemoteDocument } from './remote-document.ts';

/** A key that the issuer withdrew is trusted no longer than this. */
const FRESH_MS = 10 * 60_000;
const MOST_KEYS = 64;

const schema = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(MOST_KEYS) });

/** Public signature keys; a symmetric or a published private one proves nothing. */
function verifies(key: Record<string, unknown>): key is Record<string, unknown> & JWK {
  const kinds: readonly unknown[] = ['RSA', 'EC', 'OKP'];
  return kinds.includes(key.kty) && key.d === undefined && (key.use === undefined || key.use === 'sig');
}

export interface RemoteKeys {
  /** For jose. @throws unavailable when keys cannot be fetched; a JOSE error when the issuer has no such key */
  keyOf: JWTVerifyGetKey;
  /** @throws unavailable */
  check(): Promise<void>;
}

export function createRemoteKeys(options: {
  url: () => string | Promise<string>;
  now: () => number;
  answerMs?: number;
}): RemoteKeys {
  const document = createRemoteDocument({
    ...options,
    freshMs: FRESH_MS,
    parse: (json) => {
      const keys = schema.parse(json).keys.filter(verifies);
      if (keys.length === 0) throw new Error('the issuer publishes no key for signatures');
      return createLocalJWKSet({ keys });
    },
  });
  return {
    async keyOf(header, token) {
      const keys = await document.read();
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        const newer = await document.renew();
        return newer(header, token);
      }
    },
    async check() {
      await document.fetchAnew();
    },
  };
}
