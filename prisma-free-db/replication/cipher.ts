/** AES-256-GCM of an object's body (format document, section 4); what is stored in the header is the codec's matter. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { inSteps } from './in-steps.ts';

export const TAG_BYTES = 16;

export interface CipherTerms {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly nonce: Uint8Array;
  /** Associated data: the header. */
  readonly aad: Uint8Array;
}

/** The first `length` bytes in their place, the tag behind them. */
export async function encipher(target: Buffer, length: number, { secret, nonce, aad }: CipherTerms): Promise<void> {
  const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  await inSteps(target.subarray(0, length), (step, at) => {
    target.set(cipher.update(step), at);
  });
  cipher.final();
  target.set(cipher.getAuthTag(), length);
}

/** What was enciphered. @param stored with its tag @throws node's error when secret, associated data or bytes are others */
export async function decipher(stored: Uint8Array, { secret, nonce, aad }: CipherTerms): Promise<Buffer> {
  const plain = Buffer.allocUnsafe(stored.length - TAG_BYTES);
  const opening = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
  opening.setAAD(aad);
  opening.setAuthTag(stored.subarray(plain.length));
  await inSteps(stored.subarray(0, plain.length), (step, at) => {
    plain.set(opening.update(step), at);
  });
  opening.final();
  return plain;
}
