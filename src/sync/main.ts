/**
 * The sync program: keeps one folder in step with one bucket, beside an environment and apart from it. Started by a supervisor or
 * as a container of its own; tells its state as JSON lines on standard output and in `<state>/status.json`. The only file of this
 * folder that reads environment variables and opens a provider.
 *
 * CMBCLUSTER_SYNC_WORKSPACE  folder to keep (made when missing)
 * CMBCLUSTER_SYNC_STATE      folder of its own, which must outlive the program as the workspace does
 * CMBCLUSTER_SYNC_PROVIDER, CMBCLUSTER_SYNC_BUCKET  the other side; the provider's own variables come with them
 * CMBCLUSTER_SYNC_FLUSH_SECONDS  what a stop (SIGTERM) may take (default 25)
 * CMBCLUSTER_SYNC_EVERY_SECONDS, CMBCLUSTER_SYNC_LISTEN_SECONDS  between two looks at the folder (2), at the bucket (30)
 * CMBCLUSTER_SYNC_TIED=1     end, as by SIGTERM, when standard input closes
 *
 * Ends with 0 when everything is in the bucket, 3 when not (the state says what), 1 when it could not begin.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { LinkStore } from '../ports/identity/identity.ts';
import type { Logger } from '../ports/provider.ts';
import type { StorageProvider } from '../ports/storage/storage.ts';
import { loadProvider } from '../providers/registry.ts';
import { syncUntil } from './engine.ts';
import { lockFolder } from './lock.ts';
import { writeReport } from './report.ts';

const WIDTH = 8;
const NOT_SAFE = 3;

const seconds = (least: number, fallback: number) => z.coerce.number().min(least).max(86_400).default(fallback);
const settings = z.object({
  CMBCLUSTER_SYNC_WORKSPACE: z.string().startsWith('/'),
  CMBCLUSTER_SYNC_STATE: z.string().startsWith('/'),
  CMBCLUSTER_SYNC_PROVIDER: z.string().min(1),
  CMBCLUSTER_SYNC_BUCKET: z.string().min(1),
  CMBCLUSTER_SYNC_FLUSH_SECONDS: seconds(0, 25),
  CMBCLUSTER_SYNC_EVERY_SECONDS: seconds(0.01, 2),
  CMBCLUSTER_SYNC_LISTEN_SECONDS: seconds(0.01, 30),
  CMBCLUSTER_SYNC_TIED: z.string().default(''),
});

const env = process.env;
const say = (level: string) => (message: string, fields?: Record<string, unknown>) =>
  console.error(`${new Date().toISOString()} ${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`);
const log: Logger = { info: () => {}, warn: say('warn'), error: say('error') };

/** Nobody signs in here. */
const NO_LINKS: LinkStore = { add: async () => {}, take: async () => null };

async function openStorage(name: string): Promise<StorageProvider> {
  const provider = await loadProvider(name);
  const config = provider.config.parse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  const context = { dataDir: env.CMBCLUSTER_DATA ?? '', log, now: Date.now };
  if (provider.openStorage) return provider.openStorage(config, context);
  // Providers of storage alone: their opening starts nothing.
  const { storage } = await provider.open(config, { ...context, programsDir: '', nodePath: '', links: NO_LINKS });
  if (!storage) throw new AppError('unimplemented', `The provider “${name}” has no storage.`);
  return storage;
}

async function run(): Promise<number> {
  const {
    CMBCLUSTER_SYNC_WORKSPACE: root,
    CMBCLUSTER_SYNC_STATE: stateFolder,
    CMBCLUSTER_SYNC_PROVIDER: providerName,
    CMBCLUSTER_SYNC_BUCKET: bucketName,
    CMBCLUSTER_SYNC_FLUSH_SECONDS: flushSeconds,
    CMBCLUSTER_SYNC_EVERY_SECONDS: everySeconds,
    CMBCLUSTER_SYNC_LISTEN_SECONDS: listenSeconds,
    CMBCLUSTER_SYNC_TIED: tied,
  } = settings.parse(env);
  const stop = new AbortController();
  const abort = new AbortController();
  const end = () => {
    if (stop.signal.aborted) return;
    setTimeout(() => abort.abort(), flushSeconds * 1000).unref();
    stop.abort();
  };
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, end);
  if (tied !== '') process.stdin.on('close', end).on('error', end).resume();
  // Whoever listened may be gone: that is no reason to end before the flush.
  process.stdout.on('error', () => {});

  mkdirSync(root, { recursive: true });
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(stateFolder, stop.signal);
  try {
    const storage = await openStorage(providerName);
    const state = await syncUntil(
      {
        bucket: storage.bucket(bucketName),
        bucketId: `${providerName}/${bucketName}`,
        root,
        stateFolder,
        roundMs: everySeconds * 1000,
        pullMs: listenSeconds * 1000,
        width: WIDTH,
        publish(state) {
          writeReport(join(stateFolder, 'status.json'), state);
          process.stdout.write(`${JSON.stringify(state)}\n`);
        },
        onRestored: () => {},
        now: Date.now,
        random: Math.random,
        log,
      },
      { stop: stop.signal, abort: abort.signal },
    );
    await storage.close();
    return state.safeAt !== null && state.pendingFiles === 0 ? 0 : NOT_SAFE;
  } finally {
    unlock();
  }
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    log.error('The workspace cannot be synced', { error: String(error) });
    process.exit(1);
  },
);
