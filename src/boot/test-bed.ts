/** A whole deployment for tests: real SQLite, real HTTP, the in-memory provider, a temporary data folder. No pages. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Durability } from '../../prisma-free-db/durability.ts';
import type { Context } from '../api/context.ts';
import { appRouter } from '../api/root.ts';
import { createCallerFactory } from '../api/trpc.ts';
import type { SessionId, UserId } from '../domain/ids.ts';
import type { Actor } from '../domain/user.ts';
import type { Logger } from '../ports/provider.ts';
import { exchange } from '../services/auth/exchange.ts';
import { authenticate } from '../services/auth/session.ts';
import type { Deps } from '../services/deps.ts';
import { readConfig } from './config.ts';
import { type Container, openContainer } from './container.ts';
import { openDataFolder } from './data-folder.ts';
import { type AppServer, listen } from './http-server.ts';

const quiet: Logger = { info: () => {}, warn: () => {}, error: () => {} };

export interface TestBed {
  container: Container;
  dataDir: string;
  port: number;
  server: AppServer;
  origin: string;
  /** A new person with a session; the first one is the owner and admin. */
  signIn(
    name: string,
  ): Promise<{ actor: Actor; cookie: string; userId: UserId; sessionId: SessionId; api: ReturnType<typeof caller> }>;
  close(): Promise<void>;
}

const callerOf = createCallerFactory(appRouter);
function caller(context: Context) {
  return callerOf(context);
}

export async function openTestBed(
  options: {
    env?: Record<string, string>;
    durability?: () => Durability;
    databaseLog?: Deps['databaseLog'];
    snapshotDatabase?: Deps['snapshotDatabase'];
    now?: () => number;
    reconcile?: boolean;
    deadlines?: Parameters<typeof listen>[0]['deadlines'];
  } = {},
): Promise<TestBed> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cmb-bed-'));
  const env = { CLOUD_PROVIDER: 'memory', CMBCLUSTER_DATA: dataDir, ...options.env };
  const config = readConfig(env);
  const folder = openDataFolder(dataDir);
  const { server, port } = await listen({
    config,
    controlKey: folder.controlKey,
    port: 0,
    deadlines: options.deadlines,
  });
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const container = await openContainer({
    config,
    env,
    folder,
    paths: { root, migrations: join(root, 'prisma-free-db/migrations'), programs: join(root, 'dist/programs') },
    log: quiet,
    now: options.now ?? Date.now,
    port,
    durability: options.durability,
    databaseLog: options.databaseLog,
    snapshotDatabase: options.snapshotDatabase,
  });
  const { deps } = container;
  server.serve(container, {
    handle: async (_req, res) => {
      res.end('page');
    },
    upgrade: null,
  });
  if (options.reconcile !== false) await container.reconciler.start(container.spawners);
  return {
    container,
    dataDir,
    port,
    server,
    origin: deps.deployment.appOrigin,
    async signIn(name) {
      const identity = { issuer: 'memory', subject: name, email: `${name}@example.org`, emailVerified: true, name };
      const { token, userId } = await exchange(deps, { identity, client: { address: '127.0.0.1', userAgent: 'test' } });
      const actor = await authenticate(deps, token, { address: '127.0.0.1', agent: 'test', correlationId: 'test' });
      if (!actor) throw new Error('the new session does not hold');
      const api = caller({ deps, actor, correlationId: 'test' });
      return { actor, cookie: `cmbcluster_session=${token}`, userId, sessionId: actor.sessionId, api };
    },
    async close() {
      await server.close(200);
      await container.reconciler.close();
      await container.close();
      folder.release();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Polls until `probe` answers something truthy. @throws after `ms` */
export async function eventually<T>(probe: () => T | Promise<T>, ms = 5_000): Promise<NonNullable<T>> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
