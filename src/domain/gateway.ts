/**
 * All that the gateway needs from the rest: it owns no database and no port. Implementations over the database live in
 * services/gateway; a gateway that stands alone uses remote ones.
 */
import type { Phase, StepTime } from './environment.ts';
import type { EnvironmentId, SessionId, UserId } from './ids.ts';

/** Where an environment listens. The gateway adds `header`, which the client can never see or set. */
export type Endpoint =
  | { kind: 'unix'; path: string; header: { name: string; value: string } | null }
  | { kind: 'tcp'; host: string; port: number; header: { name: string; value: string } | null };

export interface Route {
  environmentId: EnvironmentId;
  ownerId: UserId;
  slug: string;
  name: string;
  applicationName: string;
  phase: Phase;
  /** Human reason when failed. */
  failureMessage: string | null;
  steps: StepTime[];
  /** Set exactly when phase is running. */
  endpoint: Endpoint | null;
}

export interface RouteResolver {
  /** The environment whose origin this first host label is, or null. Answers from a cache that changes at once on stop, start and delete. */
  resolve(slug: string): Route | null | Promise<Route | null>;
}

/** Proof that a browser may use one environment; kept by the gateway in a host-only cookie as an opaque token. */
export interface Grant {
  environmentId: EnvironmentId;
  userId: UserId;
  sessionId: SessionId;
}

export interface Authorizer {
  /** Redeems a one-time ticket that services/environments/open issued for this environment; null if unknown, used, expired or for another one. */
  redeem(ticket: string, environmentId: EnvironmentId): Promise<{ cookie: string; grant: Grant } | null>;
  /** Checks the cookie's token against session, ownership and role. Cheap: cached for a few seconds at most, dropped at once on sign-out, stop or role change. */
  check(cookie: string, environmentId: EnvironmentId): Grant | null | Promise<Grant | null>;
  /** Calls back when a grant stops being valid (sign-out, deactivation, role change, stop, delete): open requests and sockets of matching grants must be cut. Returns the unsubscribe. */
  onRevoked(
    listener: (revoked: { sessionId?: SessionId; userId?: UserId; environmentId?: EnvironmentId }) => void,
  ): () => void;
}

export interface ActivitySink {
  /**
   * Reported at most every few seconds per environment while there is traffic or an open socket. `openSockets` counts requests
   * in progress and websockets at this moment; bytes are those since the last report, so that reports of several gateways add up.
   */
  report(activity: {
    environmentId: EnvironmentId;
    openSockets: number;
    bytesIn: number;
    bytesOut: number;
    lastUseAt: number;
  }): void;
}
