/** Links kept in memory: for tests and for deployments that keep nothing. */
import type { LinkStore } from './identity.ts';

type Link = Parameters<LinkStore['add']>[0];

export function createMemoryLinkStore(): LinkStore {
  const links = new Map<string, Link>();
  return {
    async add(link) {
      links.set(link.hash, link);
    },
    async take(hash) {
      const link = links.get(hash);
      links.delete(hash);
      return link ? { identity: link.identity, expiresAt: link.expiresAt } : null;
    },
  };
}
