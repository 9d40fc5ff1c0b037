/**
 * What a folder under providers/ exports as `provider`: the value of CLOUD_PROVIDER (or AUTH_PROVIDER) is the folder's name.
 * boot/container opens the chosen ones; nothing else in src knows their names.
 */
import type { z } from 'zod';
import type { Application } from '../domain/application.ts';
import type { UserId } from '../domain/ids.ts';
import type { WorkloadIdentity } from '../domain/workload-identity.ts';
import type { IdentityProvider, LinkStore } from './identity/identity.ts';
import type { Spawner } from './spawner/spawner.ts';
import type { RetryPolicy } from './storage/attempts.ts';
import type { StorageProvider } from './storage/storage.ts';

export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface ProviderContext {
  /** Absolute path of the data folder. */
  dataDir: string;
  /** Folder of the bundled programs (terminal, supervisor). */
  programsDir: string;
  /** Node that runs the server and may run helper programs. */
  nodePath: string;
  links: LinkStore;
  log: Logger;
  now: () => number;
  /** How its storage repeats and limits calls; left out: as the port does. The database's log wants one attempt a call. */
  storagePolicy?: Partial<RetryPolicy>;
}

/** What a store wants its caller to keep to, and what it offers. */
export interface StorageFacts {
  /** Where buckets are, as people call it; null = on this machine. */
  place: string | null;
  /** Least time between two new or removed buckets, as its quota asks; 0 = none. */
  bucketPaceMs: number;
  /** Least time between two measurements of a bucket that changes; each lists all of it. */
  measureEveryMs: number;
  /** What people may choose from, its default first; empty = there is one class only. */
  storageClasses: readonly { name: string; label: string }[];
}

export interface ProviderParts {
  storage?: StorageProvider;
  /** Left out: on this machine, no pace, measured once an hour, one class. */
  storageFacts?: Partial<StorageFacts>;
  /** Where environments run in a cluster: who a person's programs are to the cloud. */
  workloadIdentity?: (ownerId: UserId) => WorkloadIdentity;
  spawner?: Spawner;
  identity?: IdentityProvider;
  /** Applications this provider can run out of the box; put in the catalog on first boot. */
  applications?: Omit<Application, 'id'>[];
  close(): Promise<void>;
}

export interface Provider<Config = unknown> {
  readonly name: string;
  readonly label: string;
  /** Its own environment variables; boot prints every issue at once. Keys are variable names. */
  readonly config: z.ZodType<Config>;
  /**
   * Whether any of its sign-in variables is set (AUTH_PROVIDER=auto): then it is meant, and its schema names those that are
   * missing. Always false for a provider that signs nobody in, or needs no variable for it.
   */
  configured(env: Record<string, string | undefined>): boolean;
  /** Lower comes first on the sign-in page; null = never chosen by `auto`. */
  readonly autoOrder: number | null;
  /** Sign-in provider used when nothing is configured; null for pure sign-in providers. */
  readonly defaultIdentity: string | null;
  /** Whether this deployment serves people on this machine only (drives the default owner, loopback rules, warnings). */
  readonly embedded: boolean;
  open(config: Config, context: ProviderContext): Promise<ProviderParts>;
  /**
   * Its storage alone, for a program beside an environment (src/sync) that was given what `syncAccess` says: it starts nothing
   * and takes no locks of the server's. The caller closes it. Absent where `open` itself opens no more than clients.
   */
  openStorage?(
    config: Config,
    context: Pick<ProviderContext, 'dataDir' | 'log' | 'now' | 'storagePolicy'>,
  ): StorageProvider | Promise<StorageProvider>;
}
