/**
 * How a replica serves that does not lead: its own health, the assets of its own build, and environment traffic after asking the leader;
 * all else is the leader's to answer. A leader that is stepping down serves this way too until it is gone.
 */
import { timingSafeEqual } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { clientAddress } from '../../api/client-address.ts';
import { sendJson } from '../../api/http/reply.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import type { Logger } from '../../ports/provider.ts';
import type { Deployment } from '../../services/deps.ts';
import { exempt } from '../gated-response.ts';
import { sendAbsence } from './absence.ts';
import type { Forwarder } from './forward.ts';
import { createRemoteGateway, type GatewayParts } from './gateway-calls.ts';
import { FORWARDED, REFUSED } from './pass.ts';

const CONTROL = '/api/control/';

export interface FollowingOptions {
  readonly deployment: Pick<Deployment, 'appOrigin' | 'appsHost' | 'trustedProxies'>;
  readonly forwarder: Forwarder;
  /** Key of this replica's own data folder: commands on this machine show it. */
  readonly controlKey: string;
  /** The file of an asset of this build; null for any other path. */
  readonly assetOf: (path: string) => string | null;
  readonly serveAsset: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  /** What serves in this process by itself, once it leads. */
  readonly here: () => GatewayParts | null;
  /** What keeps it from being ready, by name. */
  readonly notReady: () => string[];
  readonly now: () => number;
  readonly log: Logger;
}

export interface Following {
  readonly gateway: Gateway;
  readonly notReady: () => string[];
  /** `here`: this process leads by now, and serves it itself. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<'here' | 'answered'>;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** After its gateway was closed: ends what is still forwarded, and all that is held. */
  close(): Promise<void>;
}

export function createFollowing(options: FollowingOptions): Following {
  const { deployment, forwarder, controlKey, assetOf, serveAsset, now, log } = options;
  const { appOrigin, trustedProxies } = deployment;
  const remote = createRemoteGateway({ forwarder, here: options.here, now, log });
  const addressOf = (req: IncomingMessage) => clientAddress(req, trustedProxies);
  const gateway = createGateway({
    appsDomain: deployment.appsHost.replace(/:\d+$/, ''),
    appOrigin,
    resolver: remote.resolver,
    authorizer: remote.authorizer,
    activity: remote.activity,
    addressOf,
    log,
    now,
  });

  async function handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<'here' | 'answered'> {
    exempt(res);
    const asset = assetOf(path);
    // A page may come from another version than this one: then the leader has its assets.
    if (asset !== null && (await isThere(asset))) {
      await serveAsset(req, res);
      return 'answered';
    }
    let operator = false;
    if (path.startsWith(CONTROL)) {
      operator = isBearer(req, controlKey);
      if (!operator) {
        sendJson(res, 401, { code: 'unauthenticated', message: 'The control key is not right.' });
        return 'answered';
      }
    }
    return forwarder.carry(req, res, { client: addressOf(req), operator });
  }

  return {
    gateway,
    notReady: options.notReady,
    handle: (req, res, path) =>
      handle(req, res, path).catch((error: unknown) => {
        log.error('a request could not be forwarded', { path, error: String(error) });
        sendAbsence(req, res, { lost: true });
        return 'answered' as const;
      }),
    upgrade(req, socket, head) {
      if (!gateway.matches(req.headers.host)) return false;
      gateway.upgrade(req, socket, head);
      return true;
    },
    async close() {
      forwarder.close();
      await remote.close();
    },
  };
}

/** To another replica: this one does not lead, and did nothing. */
export function refuseForwarded(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.headers[FORWARDED] === undefined) return false;
  exempt(res);
  if (!req.complete) res.shouldKeepAlive = false;
  sendJson(
    res,
    503,
    { code: 'unavailable', message: 'This replica does not lead.' },
    { [REFUSED]: 'not-leader', 'retry-after': '1' },
  );
  return true;
}

export function isBearer(req: IncomingMessage, key: string): boolean {
  const given = Buffer.from(req.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${key}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
