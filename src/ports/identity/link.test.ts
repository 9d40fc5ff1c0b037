import { describe, expect, it } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
import { describeIdentity } from './conformance.ts';
import type { LinkStore } from './identity.ts';
import { createLinkIdentity, LINK_TTL_MS } from './link.ts';
import { createMemoryLinkStore } from './memory.ts';

const options = { name: 'local', label: 'Sign in with a link', issuer: 'local' };
const ada = { issuer: 'local', subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada' };

describeIdentity('link', async () => {
  let time = 1_000_000;
  const provider = createLinkIdentity({ ...options, links: createMemoryLinkStore(), now: () => time });
  return {
    provider,
    prove: async (person) => (await provider.mintLink({ ...person, issuer: 'local' })).secret,
    advance: (ms) => {
      time += ms;
    },
    ttlMs: LINK_TTL_MS,
    singleUse: true,
  };
});

describe('link', () => {
  it('mints 256 random bits in URL-safe text and stores only a hash of them', async () => {
    const store = createMemoryLinkStore();
    const kept: unknown[] = [];
    const links: LinkStore = {
      add: (link) => {
        kept.push(link);
        return store.add(link);
      },
      take: store.take,
    };
    const provider = createLinkIdentity({ ...options, links, now: () => 5 });
    const minted = await Promise.all(Array.from({ length: 50 }, () => provider.mintLink(ada)));
    expect(new Set(minted.map(({ secret }) => secret)).size).toBe(50);
    for (const { secret, expiresAt } of minted) {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(expiresAt).toBe(5 + LINK_TTL_MS);
      expect(JSON.stringify(kept)).not.toContain(secret);
    }
  });

  it('vouches for its own issuer only', async () => {
    const links = createMemoryLinkStore();
    const provider = createLinkIdentity({ ...options, links, now: () => 5 });
    const error = await provider
      .mintLink({ ...ada, issuer: 'https://elsewhere.example' })
      .catch((caught: unknown) => caught);
    expect(isAppError(error) && error.code).toBe('invalid_argument');
    const other = createLinkIdentity({ ...options, issuer: 'other', links, now: () => 5 });
    const { secret } = await other.mintLink({ ...ada, issuer: 'other' });
    await expect(provider.validateToken(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
