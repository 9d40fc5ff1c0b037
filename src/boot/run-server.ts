/**
 * From the command line to a serving process and back: configuration, data folder, port, container, pages, background loops,
 * the words on the terminal, and the orderly end.
 */
import type { Elected } from '../../prisma-free-db/replication/replica.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import { loadProvider } from '../providers/registry.ts';
import { mintSignInLink } from '../services/auth/links.ts';
import { startBackground } from './background.ts';
import { checkConfig } from './check-config.ts';
import { type Config, type Env, readEnvironment } from './config.ts';
import { type Container, deploymentOf, isLoopback, keyRingOf, openContainer } from './container.ts';
import { requestLink } from './control-client.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { explain } from './explain.ts';
import { listen, type Pages } from './http-server.ts';
import { createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { installPageBridge } from './page-bridge.ts';
import { type Paths, pathsOf } from './paths.ts';
import { join } from './replica/join.ts';
import { createPass } from './replica/pass.ts';
import { standBy } from './replica/stand-by.ts';
import { onShutdown } from './shutdown.ts';
import { type Running, stopServer } from './stop-server.ts';

const PORTS_TO_TRY = 20;
const STARTING_MS = 10_000;

/** A terminal that was closed must not end the server in the middle of something: what it says is lost, nothing else. */
function outliveTheTerminal(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}

export async function runServer({ argv, entryUrl }: { argv: readonly string[]; entryUrl: string }): Promise<void> {
  outliveTheTerminal();
  try {
    const env = readEnvironment(argv);
    const config = await checkConfig(env);
    const paths = pathsOf(entryUrl);
    const openPages = async (options: Parameters<Start['openPages']>[0]) =>
      (await import('./pages.ts')).openPages(paths, options);
    await startServer({ config, env, paths, openPages });
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    process.exit(1);
  }
}

/** What a server is started with; tests bring pages of their own. */
export interface Start {
  config: Config;
  env: Env;
  paths: Paths;
  openPages(options: { development: boolean; port: number }): Promise<OpenedPages>;
}

type OpenedPages = Pages & { close(): Promise<void> };

/** Resolves when this process leads, or when its end has begun; a server that follows may never lead. */
export async function startServer({ config, env, paths, openPages }: Start): Promise<void> {
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  const folder = await openOrPointOut(config.dataDir);
  if (!folder) return;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const { server, port, address } = await listenSomewhere(config, folder, say);
  // Loading Next and opening the database take the same half second: side by side.
  const opening = openPages({ development: config.development, port });
  opening.catch(() => {});
  const cloud = await loadProvider(config.cloudProvider);
  const deployment = deploymentOf(config, { embedded: cloud.embedded, port });
  const membership = await join({
    ...{ config, env, folder, log, port, now: Date.now, migrationsDir: paths.migrations },
    onEnd: endAtOnce,
    onWant: () => shutdown.begin(),
  });
  const keys = keyRingOf(config, folder);
  const running: Running = {
    ...{ server, folder, membership, say, leading: null, becoming: Promise.resolve() },
    closePages: async () => (await opening).close(),
    standBy: async () =>
      standBy({
        ...{ replica: membership.replica, keys, deployment, pages: await opening, log, now: Date.now },
        controlKey: folder.controlKey,
        root: paths.root,
        here: () => running.leading?.container ?? null,
      }),
  };
  const shutdown = onShutdown(() => stopServer(running));
  if (config.metricsToken)
    server.expose(
      createMetrics({
        token: config.metricsToken,
        replica: () => membership.replica.status(),
        log: () => running.leading?.container.deps.databaseLog() ?? null,
      }),
    );
  const announce = () =>
    folder.announce({ pid: process.pid, port, address, url: deployment.appOrigin, startedAt: Date.now() });
  if (!membership.alone) {
    server.follow(await running.standBy());
    announce();
    say(`\n${deployment.name} is running as one of several servers.\n\n  Address       ${deployment.appOrigin}\n`);
  }

  const lead = async (elected: Elected): Promise<void> => {
    const { db, leader, view } = await membership.lead(elected);
    const container = await openContainer({
      ...{ config, env, folder, paths, log, port, db, now: Date.now },
      databaseLog: () => view(server.followers()),
      snapshotDatabase: () => leader.snapshotNow(),
    });
    installPageBridge(container);
    server.serve(container, await opening, { owner: elected.owner, pass: createPass(keys) });
    running.leading = { container, leader, background: await startBackground(container) };
    membership.replica.lead();
    announce();
    await greet(config, container, say);
  };

  try {
    const elected = await membership.replica.elected;
    running.becoming = lead(elected);
    await running.becoming;
  } catch (error) {
    // An end that was asked for takes the election away from under us.
    if (!shutdown.begun) throw error;
  }
}

/** What this process has in memory may be of a history that nobody continues: nothing of it is said or done any more. */
function endAtOnce(reason: Error): void {
  process.stderr.write(
    `\nCMBCluster ends: it does not keep the database any more. ${reason.message} Nothing that was confirmed is lost; start it again.\n`,
  );
  process.exit(1);
}

/** null when another server already runs on this folder: a fresh link to it has been printed. */
async function openOrPointOut(dataDir: string): Promise<DataFolder | null> {
  try {
    return openDataFolder(dataDir);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'already_exists') throw error;
    const link = await linkOfRunning(dataDir);
    process.stdout.write(
      `\nCMBCluster is already running with the data folder ${dataDir}\n\n  Address       ${new URL(link.url).origin}\n  Sign-in link  ${link.url}\n\n`,
    );
    return null;
  }
}

/** The other server may be starting this very moment: it gets some seconds to answer. */
async function linkOfRunning(dataDir: string): Promise<{ url: string }> {
  for (const end = Date.now() + STARTING_MS; ; ) {
    try {
      return await requestLink(dataDir, null);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

async function listenSomewhere(config: Config, folder: DataFolder, say: (text: string) => void) {
  for (let port = config.port; ; port += 1) {
    try {
      const bound = await listen({ config, controlKey: folder.controlKey, port });
      if (port !== config.port) say(`Port ${config.port} is taken by another program; using ${bound.port}.`);
      return bound;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'EADDRINUSE' && port < config.port + PORTS_TO_TRY && port < 65_535) continue;
      folder.release();
      throw new AppError(
        'unavailable',
        `Cannot listen on ${config.host}:${port} (${String(code)}). Choose another with --port or --host.`,
        { cause: error },
      );
    }
  }
}

async function greet(config: Config, container: Container, say: (text: string) => void): Promise<void> {
  const { deps } = container;
  const lines = ['', `${deps.deployment.name} is running.`, '', `  Address       ${deps.deployment.appOrigin}`];
  if (deps.identityProviders.some((provider) => provider.kind === 'link')) {
    const link = await mintSignInLink(deps, null);
    lines.push(
      `  Sign-in link  ${link.url}`,
      '                (works once, for 15 minutes; a new one: npm start -- link)',
    );
  }
  lines.push(`  Data          ${config.dataDir}`, '  Stop          Ctrl-C', '');
  for (const warning of config.warnings) lines.push(`Warning: ${warning}`, '');
  if (!isLoopback(config.host))
    lines.push(
      `Warning: this server can be reached from other machines (HOST=${config.host}), without TLS of its own. Put it behind a TLS proxy and set BASE_DOMAIN.`,
      '',
    );
  say(lines.join('\n'));
}
