import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyRing, hashSecret } from './keys.ts';

const OLD = 'old-secret-'.repeat(4);
const NEW = 'new-secret-'.repeat(4);

describe('keys', () => {
  const ring = createKeyRing([NEW]);

  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite' }), fc.string(), (text, context) => {
        expect(ring.open(ring.seal(text, context), context)).toBe(text);
      }),
      {
        examples: [
          ['', ''],
          ['\0.\uffff😀', '\0'],
        ],
      },
    );
  });

  it('seals the same text differently each time, and shows nothing of it', () => {
    const sealed = [ring.seal('canary-text', 'a'), ring.seal('canary-text', 'a')];
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(Buffer.from(sealed[0]?.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('canary');
  });

  it('opens in its own place only', () => {
    const sealed = ring.seal('x', 'environment:env-1');
    expect(() => ring.open(sealed, 'environment:env-2')).toThrow('altered');
  });

  it('refuses every single altered byte and every shortening', () => {
    const sealed = ring.seal('some secret', 'c');
    const [version, kid, nonce, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      const altered = Buffer.from(bytes);
      altered[i] = (altered[i] ?? 0) ^ 1;
      expect(() => ring.open([version, kid, nonce, altered.toString('base64url')].join('.'), 'c')).toThrow('altered');
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length).toString('base64url');
      expect(() => ring.open([version, kid, nonce, cut].join('.'), 'c')).toThrow('altered');
    }
    const otherNonce = Buffer.alloc(12).toString('base64url');
    expect(() => ring.open([version, kid, otherNonce, body].join('.'), 'c')).toThrow('altered');
  });

  it('takes no tag that was cut short for a whole one', () => {
    // An empty text is its tag alone; four bytes of it could be guessed.
    const [version, kid, nonce, body = ''] = ring.seal('', 'c').split('.');
    const tag = Buffer.from(body, 'base64url');
    expect(tag).toHaveLength(16);
    const short = tag.subarray(0, 4).toString('base64url');
    expect(() => ring.open([version, kid, nonce, short].join('.'), 'c')).toThrow('altered');
  });

  it.each(['', 'v1', 'v2.a.b.c', 'v1...', '....', 'v1.00000000.AAAA.AAAA'])('refuses to open %j', (text) => {
    expect(() => ring.open(text, 'c')).toThrow(expect.objectContaining({ name: 'AppError', code: 'internal' }));
  });

  it('keeps opening and verifying with an older key, and signs with the newest', () => {
    const before = createKeyRing([OLD]);
    const sealed = before.seal('kept', 'c');
    const signed = before.sign('gateway', 'session user env');
    const rotated = createKeyRing([NEW, OLD]);
    expect(rotated.open(sealed, 'c')).toBe('kept');
    expect(rotated.verify('gateway', signed)).toBe('session user env');
    expect(rotated.verifying('sessions', before.signing('sessions').kid)).toEqual(before.signing('sessions').key);
    expect(rotated.signing('sessions').kid).toBe(ring.signing('sessions').kid);
    expect(ring.open(rotated.seal('fresh', 'c'), 'c')).toBe('fresh');
    // The old key is gone.
    expect(() => ring.open(sealed, 'c')).toThrow('Put the old key back at the end of the list');
    expect(ring.verify('gateway', signed)).toBeNull();
    expect(ring.verifying('sessions', before.signing('sessions').kid)).toBeNull();
  });

  it('keeps purposes apart', () => {
    const keys = (['sessions', 'gateway', 'secrets'] as const).map((purpose) =>
      Buffer.from(ring.signing(purpose).key).toString('hex'),
    );
    expect(new Set(keys).size).toBe(3);
    expect(ring.verify('sessions', ring.sign('gateway', 'x'))).toBeNull();
  });

  it('verifies only what it signed itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (payload, at) => {
        const signed = ring.sign('gateway', payload);
        expect(ring.verify('gateway', signed)).toBe(payload.toWellFormed());
        const i = at % signed.length;
        const altered = signed.slice(0, i) + (signed[i] === 'A' ? 'B' : 'A') + signed.slice(i + 1);
        expect(ring.verify('gateway', altered)).toBeNull();
      }),
    );
    for (const junk of ['', '.', '..', '...', 'a.b.c', 'é.é.é']) expect(ring.verify('gateway', junk)).toBeNull();
    expect(createKeyRing([OLD]).verify('gateway', ring.sign('gateway', 'x'))).toBeNull();
  });

  it('shows no key in an id or a hash', () => {
    expect(ring.signing('sessions').kid).toMatch(/^[0-9a-f]{8}$/);
    expect(hashSecret('secret')).not.toContain('secret');
  });
});
