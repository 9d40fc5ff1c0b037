/**
 * Everything that is open right now, by environment: what is cut when a grant ends, swept when it is abandoned and counted for
 * the ActivitySink. Requests and tunnels register here for their whole life; nothing else keeps a reference to them.
 */
import type { ActivitySink, Authorizer, Grant } from '../domain/gateway.ts';
import type { EnvironmentId, SessionId, UserId } from '../domain/ids.ts';
import type { Pool } from './pool.ts';

/** A request or tunnel in progress. */
export interface Live {
  readonly grant: Grant;
  /** What the grant was checked by. */
  readonly token: string;
  /** Ends it at once, on both sides. */
  cut(): void;
  /** Called every second or so: ends it if it has waited longer than its limits allow. */
  sweep(now: number): void;
  /** Adds the bytes moved since the last call to the account, where they are not added as they pass. */
  count(): void;
}

export interface Account {
  readonly environmentId: EnvironmentId;
  readonly open: Set<Live>;
  bytesIn: number;
  bytesOut: number;
  lastUseAt: number;
  /** Set by whatever moves bytes; cleared by the report. */
  used: boolean;
  /** Set when something ended, so that the end is reported too. */
  changed: boolean;
  pool: Pool | null;
}

export interface Revoked {
  sessionId?: SessionId;
  userId?: UserId;
  environmentId?: EnvironmentId;
}

export interface Traffic {
  /** The account of an environment, for registering something that opens. */
  account(environmentId: EnvironmentId): Account;
  /** Cuts everything whose grant matches all the given fields. */
  revoke(revoked: Revoked): void;
  sweep(): void;
  /** Asks again for all that is open: a session also ends by time, or by a process whose word does not reach this one. */
  recheck(check: Authorizer['check']): Promise<void>;
  /** Tells the sink of every environment with traffic since the last call or with something open, and forgets idle ones. */
  report(): void;
  cutAll(): void;
}

/** Whether a grant ends with this revocation: all fields that it names agree. */
export function concerns({ sessionId, userId, environmentId }: Revoked, grant: Grant): boolean {
  return (
    (sessionId === undefined || grant.sessionId === sessionId) &&
    (userId === undefined || grant.userId === userId) &&
    (environmentId === undefined || grant.environmentId === environmentId)
  );
}

export function createTraffic(sink: ActivitySink, now: () => number): Traffic {
  const accounts = new Map<EnvironmentId, Account>();

  function drop(account: Account): void {
    account.pool?.close();
    account.pool = null;
  }

  return {
    account(environmentId) {
      const found = accounts.get(environmentId);
      if (found !== undefined) return found;
      const fresh: Account = {
        environmentId,
        open: new Set(),
        bytesIn: 0,
        bytesOut: 0,
        lastUseAt: now(),
        used: true,
        changed: true,
        pool: null,
      };
      accounts.set(environmentId, fresh);
      return fresh;
    },
    revoke(revoked) {
      for (const account of accounts.values()) {
        if (revoked.environmentId !== undefined && revoked.environmentId !== account.environmentId) continue;
        for (const live of [...account.open]) if (concerns(revoked, live.grant)) live.cut();
        // A whole environment went: what listens at its address tomorrow may be another one.
        if (revoked.environmentId !== undefined && revoked.sessionId === undefined && revoked.userId === undefined)
          drop(account);
      }
    },
    sweep() {
      const at = now();
      for (const account of accounts.values()) for (const live of [...account.open]) live.sweep(at);
    },
    async recheck(check) {
      for (const account of accounts.values()) {
        for (const live of [...account.open]) {
          if (account.open.has(live) && (await check(live.token, account.environmentId)) === null) live.cut();
        }
      }
    },
    report() {
      const at = now();
      for (const account of accounts.values()) {
        for (const live of account.open) live.count();
        if (account.used) account.lastUseAt = at;
        if (account.used || account.changed || account.open.size > 0) {
          const { environmentId, bytesIn, bytesOut, lastUseAt } = account;
          account.bytesIn = 0;
          account.bytesOut = 0;
          account.used = false;
          account.changed = false;
          sink.report({ environmentId, openSockets: account.open.size, bytesIn, bytesOut, lastUseAt });
        } else if (account.pool === null || account.pool.idle()) {
          drop(account);
          accounts.delete(account.environmentId);
        }
      }
    },
    cutAll() {
      for (const account of accounts.values()) {
        for (const live of [...account.open]) live.cut();
        drop(account);
      }
      accounts.clear();
    },
  };
}
