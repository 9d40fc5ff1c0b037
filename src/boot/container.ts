/**
 * Puts the process together: database, keys, providers, services, gateway access. Everything is opened here and closed in
 * reverse order; nobody else constructs these. Tests open one on a temporary folder.
 */

import { type ControlDb, openControlDb } from '../../prisma-free-db/database.ts';
import type { Durability } from '../../prisma-free-db/durability.ts';
import { createApplicationRepository } from '../../prisma-free-db/repositories/applications.ts';
import { createAuditRepository } from '../../prisma-free-db/repositories/audit.ts';
import { createEnvironmentRepository } from '../../prisma-free-db/repositories/environments.ts';
import { createFileWorkRepository } from '../../prisma-free-db/repositories/file-work.ts';
import { createInvitationRepository } from '../../prisma-free-db/repositories/invitations.ts';
import { createPeopleRepository } from '../../prisma-free-db/repositories/people.ts';
import { createRecordRepository } from '../../prisma-free-db/repositories/records.ts';
import { createSecretRepository } from '../../prisma-free-db/repositories/secrets.ts';
import { createStorageRepository } from '../../prisma-free-db/repositories/storages.ts';
import { createUserDirectory } from '../../prisma-free-db/repositories/user-directory.ts';
import { logNotReady } from '../domain/database-log.ts';
import { AppError } from '../domain/errors.ts';
import type { ActivitySink, Authorizer, RouteResolver } from '../domain/gateway.ts';
import type { Logger, ProviderContext, ProviderParts, StorageFacts } from '../ports/provider.ts';
import { loadProvider } from '../providers/registry.ts';
import { seedApplications } from '../services/applications/list.ts';
import { createLinkStore } from '../services/auth/links.ts';
import type { Deployment, Deps } from '../services/deps.ts';
import { createActivitySink, createAuthorizer, createRouteResolver } from '../services/gateway/access.ts';
import { createKeyRing, type KeyRing } from '../services/keys.ts';
import { createLiveFeed } from '../services/live/feed.ts';
import { createReconciler, type Reconciler } from '../services/reconciler.ts';
import { createRevocations } from '../services/revocations.ts';
import { createStorageHealth, type StorageHealth } from '../services/storage/health.ts';
import { createTierBook } from '../services/tiers.ts';
import { type Config, ConfigError, type Env, readProviderConfig } from './config.ts';
import { type DataFolder, keptSecret } from './data-folder.ts';
import type { Paths } from './paths.ts';
import { checkIssuers, signInNames } from './sign-in.ts';

/** The deletion of a large bucket takes minutes; a repeated one goes on where it stands. */
const EFFECT_MS = 5 * 60_000;

/** What any store bears. */
const ANY_STORE: StorageFacts = { place: null, bucketPaceMs: 0, measureEveryMs: 3_600_000, storageClasses: [] };

export interface Container {
  deps: Deps;
  reconciler: Reconciler;
  resolver: RouteResolver;
  authorizer: Authorizer;
  activity: ActivitySink;
  /** Spawners whose watches the reconciler lives on. */
  spawners: { name: string; spawner: NonNullable<ProviderParts['spawner']> }[];
  storageHealth: StorageHealth;
  /** What is not ready, by name; empty when all is well. */
  notReady(): string[];
  close(): Promise<void>;
}

export interface ContainerOptions {
  config: Config;
  env: Env;
  folder: DataFolder;
  paths: Paths;
  log: Logger;
  now: () => number;
  /** The app's port, known only once the server listens. */
  port: number;
  /** Opened and migrated; the container closes it. Left out: a file of its own in the data folder, as tests have. */
  db?: ControlDb;
  durability?: () => Durability;
  /** The log behind the database, as administrators see it. Default: there is none. */
  databaseLog?: Deps['databaseLog'];
  /** Stores a snapshot in that log. */
  snapshotDatabase?: Deps['snapshotDatabase'];
}

/** @throws ConfigError listing every problem; AppError when the data cannot be opened */
export async function openContainer(options: ContainerOptions): Promise<Container> {
  const { config, env, folder, paths, log, now } = options;
  const db =
    options.db ??
    openControlDb({
      file: folder.databaseFile,
      migrationsDir: paths.migrations,
      durability: options.durability,
      onListenerFault: (error) => log.error('a listener failed after a commit', { error: String(error) }),
    });
  const opened: { name: string; parts: ProviderParts }[] = [];
  const close = async () => {
    for (const { name, parts } of opened.reverse()) {
      await parts
        .close()
        .catch((error: unknown) => log.error('provider did not close', { provider: name, error: String(error) }));
    }
    await db.close();
  };
  try {
    const people = createPeopleRepository(db.drizzle);
    const environments = createEnvironmentRepository(db.drizzle);
    const records = createRecordRepository(db.drizzle);
    const context: ProviderContext = {
      dataDir: folder.path,
      programsDir: paths.programs,
      nodePath: process.execPath,
      links: createLinkStore({ db, people, now }),
      log,
      now,
    };
    const cloud = await loadProvider(config.cloudProvider);
    const signIn = await signInNames({ named: config.authProviders, cloudProvider: cloud.name }, env);
    const wanted = new Set([cloud.name, config.storageProvider, ...signIn]);
    const providers = await Promise.all([...wanted].map((name) => loadProvider(name)));
    const problems = providers.flatMap((provider) => {
      try {
        readProviderConfig(provider, env);
        return [];
      } catch (error) {
        if (error instanceof ConfigError) return error.problems;
        throw error;
      }
    });
    if (problems.length > 0) throw new ConfigError(problems);
    for (const provider of providers) {
      opened.push({ name: provider.name, parts: await provider.open(readProviderConfig(provider, env), context) });
    }
    // A cloud may offer one that was not chosen.
    const identityProviders = signIn.flatMap(
      (name) => opened.find((entry) => entry.name === name)?.parts.identity ?? [],
    );
    checkIssuers(identityProviders);
    const part = <Name extends 'storage' | 'spawner'>(kind: Name, name: string): NonNullable<ProviderParts[Name]> => {
      const found = opened.find((entry) => entry.name === name)?.parts[kind];
      if (!found) throw new AppError('failed_precondition', `This deployment has no ${kind} named "${name}" any more.`);
      return found;
    };

    const cloudParts = opened.find((entry) => entry.name === cloud.name)?.parts;
    const deployment = deploymentOf(config, { embedded: cloud.embedded, port: options.port });
    if (deployment.syncedWorkspaces && config.workspaceMode === null)
      log.warn('The storage is no folder of this machine: workspaces are copies that are kept in step with it', {
        storage: config.storageProvider,
      });
    let capacity: ReturnType<Deps['capacity']> | null = null;
    const databaseLog = options.databaseLog ?? (() => null);
    const deps: Deps = {
      db,
      databaseLog,
      snapshotDatabase: options.snapshotDatabase ?? noLog,
      people,
      environments,
      records,
      audit: createAuditRepository(db.drizzle),
      secrets: createSecretRepository(db.drizzle),
      directory: createUserDirectory(db.drizzle),
      invitations: createInvitationRepository(db.drizzle),
      storages: createStorageRepository(db.drizzle),
      fileWork: createFileWorkRepository(db.drizzle),
      applications: createApplicationRepository(db.drizzle),
      placement: { spawner: cloud.name, storage: config.storageProvider },
      spawnerOf: (name) => part('spawner', name),
      storageOf: (name) => part('storage', name),
      storageFacts: (name) => ({
        ...ANY_STORE,
        ...opened.find((entry) => entry.name === name)?.parts.storageFacts,
      }),
      workloadIdentityOf: (ownerId) => cloudParts?.workloadIdentity?.(ownerId) ?? null,
      identityProviders,
      capacity: () =>
        (capacity ??= part('spawner', cloud.name)
          .capacity()
          .catch((error: unknown) => {
            // Asked again next time: one failed look must not refuse every launch from now on.
            capacity = null;
            throw error;
          })),
      keys: keyRingOf(config, folder),
      feed: createLiveFeed(db, records, now),
      revocations: createRevocations(),
      tiers: createTierBook(db, records, deployment),
      syncs: new Map(),
      deployment,
      wake: (target) => reconciler.wake(target),
      effectMs: EFFECT_MS,
      now,
      log,
    };
    const reconciler = createReconciler(deps);
    const storageHealth = createStorageHealth(deps);
    seedApplications(
      deps,
      opened.flatMap(({ parts }) => parts.applications ?? []),
    );
    return {
      deps,
      reconciler,
      resolver: createRouteResolver(deps),
      authorizer: createAuthorizer(deps),
      activity: createActivitySink(deps),
      spawners: opened.flatMap(({ name, parts }) => (parts.spawner ? [{ name, spawner: parts.spawner }] : [])),
      storageHealth,
      notReady: () => [...(db.ping() ? [] : ['database']), ...logNotReady(databaseLog()), ...storageHealth.notReady()],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const noLog = () => Promise.reject(new AppError('failed_precondition', 'There is no log behind this database.'));

/** Keys of the configured secrets, or of the one that the data folder made for itself. */
export function keyRingOf(config: Pick<Config, 'secretKeys'>, folder: Pick<DataFolder, 'path'>): KeyRing {
  const [first = '', ...older] = config.secretKeys ?? [keptSecret(folder.path, 'secret-key')];
  return createKeyRing([first, ...older]);
}

/** What is known of the deployment before anything is opened. */
export function deploymentOf(
  config: Config,
  { embedded, port }: { /** Environments run on this machine. */ embedded: boolean; port: number },
): Deployment {
  const secure = config.baseDomain !== null;
  const appsHost = config.appsDomain ?? (config.baseDomain ? `apps.${config.baseDomain}` : 'localhost');
  return {
    name: config.deploymentName,
    prefix: config.bucketPrefix,
    appOrigin: config.baseDomain ? `https://${config.baseDomain}` : `http://localhost:${port}`,
    embedded,
    appsHost: secure || appsHost.includes(':') ? appsHost : `${appsHost}:${port}`,
    secure,
    trustedProxies: config.trustedProxies,
    limits: config.limits,
    configured: config.configured,
    keptEnvironments: config.keptEnvironments,
    door: config.door,
    contact: config.contact,
    sessionTtlMs: config.sessionTtlMs,
    sessionIdleMs: config.sessionIdleMs,
    severalUsers: config.allowSharedAccount || isLoopback(config.host),
    syncedWorkspaces:
      config.workspaceMode === 'sync' ||
      (config.workspaceMode === null && embedded && config.storageProvider !== config.cloudProvider),
    keepVersionsDays: config.keepVersionsDays,
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
