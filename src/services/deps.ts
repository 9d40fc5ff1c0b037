/**
 * What every use case gets as its first argument. boot/container makes the one that the process runs on; tests make their own
 * over real SQLite and in-memory providers. No globals, no singletons.
 */
import type { ControlDb } from '../../prisma-free-db/database.ts';
import type { ApplicationRepository } from '../../prisma-free-db/repositories/applications.ts';
import type { AuditRepository } from '../../prisma-free-db/repositories/audit.ts';
import type { EnvironmentRepository } from '../../prisma-free-db/repositories/environments.ts';
import type { FileWorkRepository } from '../../prisma-free-db/repositories/file-work.ts';
import type { InvitationRepository } from '../../prisma-free-db/repositories/invitations.ts';
import type { PeopleRepository } from '../../prisma-free-db/repositories/people.ts';
import type { RecordRepository } from '../../prisma-free-db/repositories/records.ts';
import type { SecretRepository } from '../../prisma-free-db/repositories/secrets.ts';
import type { StorageRepository } from '../../prisma-free-db/repositories/storages.ts';
import type { UserDirectory } from '../../prisma-free-db/repositories/user-directory.ts';
import type { Door } from '../domain/admission.ts';
import type { DatabaseLogView } from '../domain/database-log.ts';
import type { EnvironmentId, FileJobId, StorageId, UserId } from '../domain/ids.ts';
import type { LimitOverrides, Limits, Tier } from '../domain/quota.ts';
import type { TrustedProxies } from '../domain/trusted-proxies.ts';
import type { WorkloadIdentity } from '../domain/workload-identity.ts';
import type { WorkspaceSync } from '../domain/workspace-sync.ts';
import type { IdentityProvider } from '../ports/identity/identity.ts';
import type { Logger, StorageFacts } from '../ports/provider.ts';
import type { Capacity, Spawner } from '../ports/spawner/spawner.ts';
import type { StorageProvider } from '../ports/storage/storage.ts';
import type { KeyRing } from './keys.ts';
import type { LiveFeed } from './live/feed.ts';
import type { Revocations } from './revocations.ts';
import type { TierBook } from './tiers.ts';

export interface Deployment {
  /** Shown in the shell and on the sign-in page. */
  name: string;
  /** Prefix of bucket names, so that deployments can share a cloud project. */
  prefix: string;
  /** Origin of the app, no slash at the end. */
  appOrigin: string;
  /** Whether people on one machine only are served; local users are then not isolated from one another. */
  embedded: boolean;
  /** Host suffix of environments; each has the origin `<scheme>://<slug>.<appsHost>`. Includes the port where it is not the scheme's own. */
  appsHost: string;
  secure: boolean;
  /** Who may say which address a request came from. */
  trustedProxies: TrustedProxies;
  /** By the configuration; what holds is in `Deps.tiers`. */
  limits: Record<Tier, Limits>;
  /** Which of it stands in variables; the rest is built in. */
  configured: { limits: Record<Tier, LimitOverrides>; defaultTier: boolean };
  /** Stopped and failed environments that one person may keep. */
  keptEnvironments: number;
  /** Who may come in. */
  door: Door;
  /** Whom people ask who are not let in: an e-mail or web address; null: told as “an administrator”. */
  contact: string | null;
  sessionTtlMs: number;
  sessionIdleMs: number;
  /** Whether people beside the owner may be let in by link (not on a machine account that others reach, unless told). */
  severalUsers: boolean;
  /** Whether workspaces are disks that are kept in step with their buckets; else buckets are mounted where that is possible. */
  syncedWorkspaces: boolean;
  /** How long a replaced or deleted file is kept in new storages, unless their owner says otherwise. */
  keepVersionsDays: number;
}

export interface Deps {
  db: ControlDb;
  /** The log behind the database; null where commits stay on this machine's disk. */
  databaseLog(): DatabaseLogView | null;
  /** Resolves when a snapshot of now is stored in that log; several at once are one. Only where there is a log. */
  snapshotDatabase(): Promise<void>;
  people: PeopleRepository;
  directory: UserDirectory;
  invitations: InvitationRepository;
  audit: AuditRepository;
  environments: EnvironmentRepository;
  storages: StorageRepository;
  fileWork: FileWorkRepository;
  applications: ApplicationRepository;
  records: RecordRepository;
  secrets: SecretRepository;
  /** The provider that new environments and storages are placed on. */
  placement: { spawner: string; storage: string };
  /** @throws failed_precondition when this deployment has no such provider any more */
  spawnerOf(provider: string): Spawner;
  storageOf(provider: string): StorageProvider;
  /** What a store wants its caller to keep to; of an unknown provider what any store bears. */
  storageFacts(provider: string): StorageFacts;
  /** Who a person's programs are to the cloud; null where they have no identity of their own. */
  workloadIdentityOf(ownerId: UserId): WorkloadIdentity | null;
  identityProviders: readonly IdentityProvider[];
  capacity(): Promise<Capacity>;
  keys: KeyRing;
  feed: LiveFeed;
  revocations: Revocations;
  tiers: TierBook;
  /** How far synced workspaces are kept, as their spawners told last; nothing durable. */
  syncs: Map<EnvironmentId, WorkspaceSync>;
  deployment: Deployment;
  /** Asks the reconciler to look at this one soon. */
  wake(target: { environmentId: EnvironmentId } | { storageId: StorageId } | { fileJobId: FileJobId }): void;
  /** How long one call of a provider may take before it is asked again, in milliseconds. */
  effectMs: number;
  now: () => number;
  log: Logger;
}

export function environmentUrl(deployment: Deployment, slug: string): string {
  return `${deployment.secure ? 'https' : 'http'}://${slug}.${deployment.appsHost}`;
}
