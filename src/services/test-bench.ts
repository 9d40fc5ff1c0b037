/**
 * Services over a database file and a store that outlive them: a bench is killed in the middle of something, and the next one on
 * the same file and store has to make it good.
 */
import { fileURLToPath } from 'node:url';
import { type ControlDb, openControlDb } from '../../prisma-free-db/database.ts';
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
import { AppError } from '../domain/errors.ts';
import { newSessionId, newUserId, type UserId } from '../domain/ids.ts';
import { DEFAULT_KEPT_ENVIRONMENTS, DEFAULT_LIMITS } from '../domain/quota.ts';
import { NO_PROXIES } from '../domain/trusted-proxies.ts';
import type { Actor } from '../domain/user.ts';
import type { Bucket, StorageProvider } from '../ports/storage/storage.ts';
import type { Deps } from './deps.ts';
import { createKeyRing } from './keys.ts';
import { createLiveFeed } from './live/feed.ts';
import { createReconciler } from './reconciler.ts';
import { createRevocations } from './revocations.ts';
import { createTierBook } from './tiers.ts';

const migrationsDir = fileURLToPath(new URL('../../prisma-free-db/migrations', import.meta.url));

export interface Bench {
  deps: Deps;
  actor: Actor;
  /** Ends at once: nothing that was under way comes back to the database. */
  kill(): Promise<void>;
}

export interface BenchOptions {
  file: string;
  store: StorageProvider;
  now?: () => number;
  bucketPaceMs?: number;
  effectMs?: number;
  /** false: nothing is done until the test asks for it. */
  reconcile?: boolean;
}

export async function openBench(options: BenchOptions): Promise<Bench> {
  const { file, store, now = Date.now } = options;
  const db = openControlDb({ file, migrationsDir });
  const records = createRecordRepository(db.drizzle);
  const people = createPeopleRepository(db.drizzle);
  const refuse = () => {
    throw new AppError('failed_precondition', 'this bench runs no environments');
  };
  const deployment: Deps['deployment'] = {
    name: 'Bench',
    prefix: 'cmb',
    appOrigin: 'http://localhost:8080',
    embedded: true,
    appsHost: 'localhost:8080',
    secure: false,
    trustedProxies: NO_PROXIES,
    limits: DEFAULT_LIMITS,
    configured: { limits: { free: {}, basic: {}, premium: {}, enterprise: {} }, defaultTier: false },
    keptEnvironments: DEFAULT_KEPT_ENVIRONMENTS,
    door: {
      signUp: 'open',
      allowedDomains: [],
      allowedEmails: [],
      adminEmails: [],
      firstUserIsAdmin: true,
      defaultTier: 'enterprise',
    },
    contact: null,
    sessionTtlMs: 3_600_000,
    sessionIdleMs: 3_600_000,
    severalUsers: true,
    syncedWorkspaces: false,
    keepVersionsDays: 30,
  };
  const deps: Deps = {
    db,
    databaseLog: () => null,
    snapshotDatabase: refuse,
    people,
    records,
    audit: createAuditRepository(db.drizzle),
    secrets: createSecretRepository(db.drizzle),
    directory: createUserDirectory(db.drizzle),
    invitations: createInvitationRepository(db.drizzle),
    environments: createEnvironmentRepository(db.drizzle),
    storages: createStorageRepository(db.drizzle),
    fileWork: createFileWorkRepository(db.drizzle),
    applications: createApplicationRepository(db.drizzle),
    placement: { spawner: 'none', storage: store.name },
    spawnerOf: refuse,
    storageOf: () => store,
    storageFacts: () => ({
      place: null,
      bucketPaceMs: options.bucketPaceMs ?? 0,
      measureEveryMs: 60_000,
      storageClasses: [],
    }),
    workloadIdentityOf: () => null,
    identityProviders: [],
    capacity: refuse,
    keys: createKeyRing(['a secret of thirty-two characters']),
    feed: createLiveFeed(db, records, now),
    revocations: createRevocations(),
    tiers: createTierBook(db, records, deployment),
    syncs: new Map(),
    deployment,
    wake: (target) => reconciler.wake(target),
    effectMs: options.effectMs ?? 60_000,
    now,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const reconciler = createReconciler(deps);
  const actor = actorOf(db, deps, now());
  if (options.reconcile !== false) await reconciler.start([]);
  return {
    deps,
    actor,
    async kill() {
      void reconciler.close();
      await db.close();
    },
  };
}

/** The one person of the file. */
function actorOf(db: ControlDb, deps: Deps, now: number): Actor {
  const person = { email: 'ada@example.org', name: 'Ada', role: 'admin', tier: 'enterprise' } as const;
  const known = deps.records.getSetting('bench-user') as UserId | undefined;
  const userId = known ?? newUserId();
  if (!known)
    db.write(() => {
      deps.people.insertUser({
        id: userId,
        ...person,
        active: true,
        createdAt: now,
      });
      deps.records.setSetting('bench-user', userId);
    });
  return { userId, sessionId: newSessionId(), ...person, address: '127.0.0.1', agent: 'bench', correlationId: 'bench' };
}

export interface MortalStore {
  store: StorageProvider;
  /** Every call that was made, in order, as `configureBucket` or `bucket.move`. */
  calls: string[];
  /** From this call on (1 = the next) nothing answers any more; `after`: it is carried out all the same. */
  dieAt(call: number, when: 'before' | 'after'): void;
  /** The next so many calls of that name fail with this. */
  failNext(call: string, error: AppError, times?: number): void;
}

/** A view of a store as one process has it: when the process dies, no answer reaches it, whatever the store went on to do. */
export function mortal(real: StorageProvider): MortalStore {
  const calls: string[] = [];
  let left = Number.POSITIVE_INFINITY;
  let when: 'before' | 'after' = 'before';
  const faults = new Map<string, { error: AppError; times: number }>();
  const never = () => new Promise<never>(() => {});

  async function pass(name: string, call: () => Promise<unknown>): Promise<unknown> {
    calls.push(name);
    left -= 1;
    if (left < 0 || (left === 0 && when === 'before')) return never();
    const fault = faults.get(name);
    if (fault && fault.times > 0) {
      fault.times -= 1;
      throw fault.error;
    }
    const answer = await call();
    return left <= 0 ? never() : answer;
  }

  const watched = <Target extends object>(target: Target, prefix: string): Target =>
    new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name, object);
        if (typeof value !== 'function') return value;
        if (name === 'bucket') return (bucket: string) => watched<Bucket>(real.bucket(bucket), 'bucket.');
        return (...args: unknown[]) => pass(`${prefix}${String(name)}`, async () => Reflect.apply(value, object, args));
      },
    });
  return {
    store: watched(real, ''),
    calls,
    dieAt(call, moment) {
      left = call;
      when = moment;
    },
    failNext: (call, error, times = 1) => void faults.set(call, { error, times }),
  };
}
