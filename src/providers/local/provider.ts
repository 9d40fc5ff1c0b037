/**
 * The embedded default: this machine's folders as buckets, its processes as environments, a one-time link as sign-in. Opened by
 * boot/container; everything in this folder serves one machine and one account of it.
 */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { createLinkIdentity } from '../../ports/identity/link.ts';
import type { Provider, ProviderContext } from '../../ports/provider.ts';
import { applications } from './applications.ts';
import { openLocalSpawner } from './spawner.ts';
import type { Machine } from './start-order.ts';
import { openLocalStorage } from './storage/local-storage.ts';

const config = z.object({
  /** Where environments find their programs, as the person who started the server does. */
  PATH: z.string().default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'),
  LANG: z.string().default('C.UTF-8'),
  TZ: z.string().optional(),
});

type Config = z.infer<typeof config>;

/** npm puts the folders of its own tools in front when it starts the server: they are no business of environments. */
export function programPath(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '' && !/[/\\]node_modules[/\\]/.test(`${folder}/`))
    .join(delimiter);
}

function machineOf({ PATH, LANG, TZ }: Config): Machine {
  const base = { path: programPath(PATH), lang: LANG, timeZone: TZ ?? null };
  try {
    const { username, shell } = userInfo();
    return { ...base, user: username, shell: shell || '/bin/sh' };
  } catch {
    // A container may run as a user id that no account file knows.
    return { ...base, user: 'user', shell: '/bin/sh' };
  }
}

/** The bundled supervisor or, while developing without a build, its source. */
function supervisorFile(programsDir: string): string {
  const source = fileURLToPath(new URL('./supervisor/main.ts', import.meta.url));
  const candidates = [join(programsDir, 'supervisor.cjs'), join(programsDir, 'supervisor.mjs'), source];
  const found = candidates.find((path) => existsSync(path));
  if (found) return found;
  throw new AppError(
    'failed_precondition',
    `The supervisor program is missing in ${programsDir}. Build the project again.`,
  );
}

/** The bundled sync program or, while developing without a build, its source. */
function syncFile(programsDir: string): string {
  const bundled = join(programsDir, 'sync.mjs');
  return existsSync(bundled) ? bundled : fileURLToPath(new URL('../../sync/main.ts', import.meta.url));
}

async function open(settings: Config, context: ProviderContext) {
  const { dataDir, programsDir, nodePath, links, log, now } = context;
  const storage = openLocalStorage({ root: dataDir, now, log });
  const spawner = await openLocalSpawner({
    dataDir,
    supervisor: supervisorFile(programsDir),
    terminal: join(programsDir, 'terminal.mjs'),
    sync: syncFile(programsDir),
    nodePath,
    machine: machineOf(settings),
    log,
    now,
  });
  return {
    storage,
    // A walk over folders of this machine costs little.
    storageFacts: { measureEveryMs: 60_000 },
    spawner,
    identity: createLinkIdentity({ name: 'local', label: 'Sign in with a link', issuer: 'local', links, now }),
    applications,
    async close() {
      await spawner.close();
      await storage.close();
    },
  };
}

export const provider: Provider<Config> = {
  name: 'local',
  label: 'This machine',
  config,
  configured: () => false,
  autoOrder: null,
  defaultIdentity: 'local',
  embedded: true,
  open,
  openStorage: (_, { dataDir, now, log, storagePolicy }) =>
    openLocalStorage({ root: dataDir, now, log, portable: { policy: storagePolicy } }),
};
