/**
 * Every key of the control plane, derived per purpose from the SECRET_KEY list (HKDF-SHA256, RFC 5869): the first entry signs and
 * seals, all of them verify and open, so that rotation signs nobody out and loses no stored secret.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { AppError } from '../domain/errors.ts';

export type KeyPurpose = 'sessions' | 'sign-in' | 'gateway' | 'secrets' | 'replicas';

export interface KeyRing {
  /** Key of the signer, with the id that verifiers find it by. */
  signing(purpose: KeyPurpose): { kid: string; key: Uint8Array };
  /** The key of an id, or null when it is not on the ring. */
  verifying(purpose: KeyPurpose, kid: string): Uint8Array | null;
  /** AES-256-GCM; the result is text and names its key. `context` binds it to one place and is needed to open. */
  seal(text: string, context: string): string;
  /** @throws internal when the key is gone or the text was altered */
  open(sealed: string, context: string): string;
  /** `payload.kid.mac` in URL-safe text. */
  sign(purpose: KeyPurpose, payload: string): string;
  /** The payload, or null when the signature is not ours. */
  verify(purpose: KeyPurpose, signed: string): string | null;
}

/** @param secrets SECRET_KEY entries, ≥ 32 characters each, newest first. */
export function createKeyRing(secrets: readonly [string, ...string[]]): KeyRing {
  const derive = (secret: string, purpose: KeyPurpose) =>
    new Uint8Array(hkdfSync('sha256', secret, 'cmbcluster', purpose, 32));
  const kidOf = (secret: string) => createHash('sha256').update('kid:').update(secret).digest('hex').slice(0, 8);
  const ring = secrets.map((secret) => ({
    kid: kidOf(secret),
    keys: {
      sessions: derive(secret, 'sessions'),
      'sign-in': derive(secret, 'sign-in'),
      gateway: derive(secret, 'gateway'),
      secrets: derive(secret, 'secrets'),
      replicas: derive(secret, 'replicas'),
    },
  }));
  const first = ring[0];
  if (!first) throw new Error('a key ring needs one secret');
  const find = (kid: string) => ring.find((entry) => entry.kid === kid);
  const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url');

  return {
    signing: (purpose) => ({ kid: first.kid, key: first.keys[purpose] }),
    verifying: (purpose, kid) => find(kid)?.keys[purpose] ?? null,
    seal(text, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', first.keys.secrets, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${first.kid}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open(sealed, context) {
      const [version, kid = '', nonce = '', body = ''] = sealed.split('.');
      const key = find(kid)?.keys.secrets;
      if (version !== 'v1' || !key)
        throw new AppError(
          'internal',
          'A stored secret cannot be read: its key is not in SECRET_KEY any more. Put the old key back at the end of the list.',
        );
      const bytes = Buffer.from(body, 'base64url');
      try {
        // Without the length a shortened tag would be taken for a whole one.
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), {
          authTagLength: 16,
        }).setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError('internal', 'A stored secret cannot be read: it was altered.', { cause });
      }
    },
    sign(purpose, payload) {
      const text = `${Buffer.from(payload).toString('base64url')}.${first.kid}`;
      return `${text}.${mac(first.keys[purpose], text)}`;
    },
    verify(purpose, signed) {
      const [payload = '', kid = '', given = ''] = signed.split('.');
      const key = find(kid)?.keys[purpose];
      if (!key) return null;
      const expected = Buffer.from(mac(key, `${payload}.${kid}`));
      const actual = Buffer.from(given);
      if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null;
      return Buffer.from(payload, 'base64url').toString('utf8');
    },
  };
}

/** What is stored of a one-time secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
