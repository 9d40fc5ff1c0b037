/** Tells everything that caches a permission or holds a connection open that it ended: sign-out, deactivation, role change, stop. */
import type { EnvironmentId, SessionId, UserId } from '../domain/ids.ts';

export interface Revoked {
  sessionId?: SessionId;
  userId?: UserId;
  environmentId?: EnvironmentId;
}

export interface Revocations {
  announce(revoked: Revoked): void;
  subscribe(listener: (revoked: Revoked) => void): () => void;
}

export function createRevocations(): Revocations {
  const listeners = new Set<(revoked: Revoked) => void>();
  return {
    announce(revoked) {
      for (const listener of [...listeners]) listener(revoked);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
