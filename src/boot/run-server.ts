/**
 * From the command line to a serving process and back: configuration, data folder, port, container, pages, background loops,
 * the words on the terminal, and the orderly end.
 */
import { AppError, isAppError } from '../domain/errors.ts';
import { mintSignInLink } from '../services/auth/links.ts';
import { type Background, startBackground } from './background.ts';
import { checkConfig } from './check-config.ts';
import { type Config, type Env, readEnvironment } from './config.ts';
import { type Container, isLoopback, openContainer } from './container.ts';
import { requestLink } from './control-client.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { explain } from './explain.ts';
import { type AppServer, listen } from './http-server.ts';
import { createLogger } from './log.ts';
import { installPageBridge } from './page-bridge.ts';
import { pathsOf } from './paths.ts';
import { endInOrder, onShutdown } from './shutdown.ts';

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
    await start({ config, env, entryUrl });
  } catch (error) {
    process.stderr.write(`\n${explain(error)}\n`);
    process.exit(1);
  }
}

async function start({ config, env, entryUrl }: { config: Config; env: Env; entryUrl: string }): Promise<void> {
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  const folder = await openOrPointOut(config.dataDir);
  if (!folder) return;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const { server, port, address } = await listenSomewhere(config, folder, say);
  const paths = pathsOf(entryUrl);
  // Loading Next and opening the database take the same half second: side by side.
  const pages = import('./pages.ts').then(({ openPages }) =>
    openPages(paths, { development: config.development, port }),
  );
  pages.catch(() => {});
  const container = await openContainer({ config, env, folder, paths, log, now: Date.now, port });
  installPageBridge(container);
  const opened = await pages;
  server.serve(container, opened);
  const background = await startBackground(container);
  const { appOrigin } = container.deps.deployment;
  folder.announce({ pid: process.pid, port, address, url: appOrigin, startedAt: Date.now() });
  await greet(config, container, say);
  onShutdown(() => shutDown({ container, server, background, folder, closePages: opened.close, say }));
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

interface Running {
  container: Container;
  server: AppServer;
  background: Background;
  folder: DataFolder;
  closePages(): Promise<void>;
  say(text: string): void;
}

/** Environments end first, while people can still see it; then sockets, loops, pages and the database, in this order. */
async function shutDown({ container, server, background, folder, closePages, say }: Running): Promise<void> {
  say('\nStopping. Environments end in good order and come back at the next start…');
  const { reconciler } = container;
  await endInOrder([
    { name: 'environments', ms: 20_000, run: () => reconciler.stopEnvironments(15_000) },
    { name: 'connections', ms: 5_000, run: () => server.close(3_000) },
    // What was launched or started while the others ended.
    { name: 'late environments', ms: 8_000, run: () => reconciler.stopEnvironments(5_000) },
    { name: 'background loops', ms: 5_000, run: () => background.stop() },
    { name: 'pages', ms: 5_000, run: closePages },
    { name: 'providers and database', ms: 10_000, run: () => container.close() },
    { name: 'data folder', ms: 1_000, run: async () => folder.release() },
  ]);
  say('Stopped.');
}
