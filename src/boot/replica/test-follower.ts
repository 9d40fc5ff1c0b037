/** Test bed: a server that does not lead, in front of others that may; who leads is said by hand. */
import type { Leader } from '../../../prisma-free-db/replication/replica.ts';
import type { Logger } from '../../ports/provider.ts';
import { readConfig } from '../config.ts';
import { type AppServer, listen } from '../http-server.ts';
import type { TestBed } from '../test-bed.ts';
import { createFollowing } from './following.ts';
import { createForwarder, type LeaderWatch } from './forward.ts';
import type { GatewayParts } from './gateway-calls.ts';
import { createPass } from './pass.ts';

const quiet: Logger = { info: () => {}, warn: () => {}, error: () => {} };
export const CONTROL_KEY = 'the control key of the follower';

export class TestWatch implements LeaderWatch {
  readonly owner = 'the follower';
  leader: Leader | null = null;
  readonly #listeners = new Set<() => void>();

  set(leader: Leader | null): void {
    this.leader = leader;
    for (const listener of [...this.#listeners]) listener();
  }

  onRole(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Makes the server of this bed a leader that others may forward to. */
export function leads({ server, container, port }: TestBed, owner: string): Leader {
  const pages = { handle: async (_req: unknown, res: { end(text: string): void }) => res.end('page'), upgrade: null };
  server.serve(container, pages, { owner, pass: createPass(container.deps.keys) });
  return { url: `http://127.0.0.1:${port}`, owner };
}

export interface TestFollower {
  readonly watch: TestWatch;
  readonly port: number;
  readonly server: AppServer;
  readonly origin: string;
  /** From now on this process serves by itself. */
  here: GatewayParts | null;
  close(): Promise<void>;
}

export async function openFollower(
  { container }: TestBed,
  options: { holdMs?: number; graceMs?: number; assetOf?: (path: string) => string | null } = {},
): Promise<TestFollower> {
  const config = readConfig({ CLOUD_PROVIDER: 'memory', CMBCLUSTER_DATA: '/nowhere' });
  const { server, port } = await listen({ config, controlKey: CONTROL_KEY, port: 0 });
  const watch = new TestWatch();
  const { deps } = container;
  const forwarder = createForwarder({
    replica: watch,
    pass: createPass(deps.keys),
    serves: () => follower.here !== null,
    now: () => performance.now(),
    ...options,
  });
  const follower: TestFollower = {
    watch,
    port,
    server,
    origin: `http://localhost:${port}`,
    here: null,
    close: () => server.close(200),
  };
  server.follow(
    createFollowing({
      deployment: deps.deployment,
      forwarder,
      controlKey: CONTROL_KEY,
      assetOf: options.assetOf ?? (() => null),
      serveAsset: async (_req, res) => {
        res.end('own asset');
      },
      here: () => follower.here,
      notReady: () => (watch.leader ? [] : ['leader']),
      now: Date.now,
      log: quiet,
    }),
  );
  return follower;
}
