/** Puts together how this server serves while another one of its deployment leads: before it is elected, and after it has handed over. */
import { join } from 'node:path';
import type { Replica } from '../../../prisma-free-db/replication/replica.ts';
import type { Logger } from '../../ports/provider.ts';
import type { Deployment } from '../../services/deps.ts';
import type { KeyRing } from '../../services/keys.ts';
import type { Container } from '../container.ts';
import type { Pages } from '../http-server.ts';
import { STATIC } from '../static-assets.ts';
import { createFollowing, type Following } from './following.ts';
import { createForwarder } from './forward.ts';
import { createPass } from './pass.ts';

/**
 * A failover takes less. Until then this server counts as ready: it holds what it gets, where whoever stands before all servers, with
 * none of them ready, would refuse it.
 */
const LEADERLESS_MS = 15_000;

export interface StandByOptions {
  readonly replica: Replica;
  readonly keys: KeyRing;
  readonly deployment: Deployment;
  readonly controlKey: string;
  /** Folder of the build. */
  readonly root: string;
  readonly pages: Pages;
  /** What serves in this process by itself, while it leads. */
  readonly here: () => Container | null;
  readonly now: () => number;
  readonly log: Logger;
}

export function standBy({
  replica,
  keys,
  deployment,
  controlKey,
  root,
  pages,
  here,
  now,
  log,
}: StandByOptions): Following {
  let leaderlessSince = replica.leader ? null : performance.now();
  replica.onRole(() => {
    leaderlessSince = replica.leader ? null : (leaderlessSince ?? performance.now());
  });
  return createFollowing({
    deployment,
    controlKey,
    here,
    now,
    log,
    forwarder: createForwarder({
      replica,
      pass: createPass(keys),
      serves: () => here() !== null,
      now: () => performance.now(),
    }),
    assetOf: (path) => (STATIC.test(path) ? join(root, '.next', path.slice('/_next/'.length)) : null),
    serveAsset: (req, res) => pages.handle(req, res),
    notReady() {
      const leaderless = leaderlessSince !== null && performance.now() - leaderlessSince > LEADERLESS_MS;
      return [...(replica.status().caughtUp ? [] : ['database']), ...(leaderless ? ['leader'] : [])];
    },
  });
}
