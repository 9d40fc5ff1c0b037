/**
 * Whether the stores of this deployment answer, asked from time to time by a background job: readiness reads what was found
 * last and asks nothing itself.
 */
import { toAppError } from '../../domain/errors.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';

const LOOK_MS = 20_000;
/** Names that no bucket has: their addresses tell where browsers would be sent. */
const NOBODYS_BUCKET = 'nobodys-bucket-0';

export interface StorageHealth {
  /** Asks every store once. */
  look(signal: AbortSignal): Promise<void>;
  /** The store that new storages are placed on, while it does not answer. */
  notReady(): string[];
  /** Sources for a Content-Security-Policy: where browsers reach stores by themselves. */
  readonly origins: readonly string[];
}

export function createStorageHealth(deps: Deps): StorageHealth {
  const faults = new Set<string>();
  const told = new Set<string>();
  const origins = new Map<string, string>();

  async function ask(name: string, signal: AbortSignal): Promise<void> {
    try {
      const store = deps.storageOf(name);
      const lacks = await store.check(AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]));
      if (faults.delete(name)) deps.log.info('the storage answers again', { provider: name });
      for (const { what, reason } of lacks) {
        if (told.has(`${name} ${what}`)) continue;
        told.add(`${name} ${what}`);
        deps.log.info('the storage lacks something', { provider: name, what, reason });
      }
      const origin = await originOf(store);
      if (origin) origins.set(name, origin);
    } catch (error) {
      if (signal.aborted) return;
      const { message, cause } = toAppError(error);
      if (!faults.has(name))
        deps.log.error('the storage does not answer', { provider: name, error: message, cause: String(cause ?? '') });
      faults.add(name);
    }
  }

  return {
    async look(signal) {
      const names = new Set([deps.placement.storage, ...deps.storages.providers()]);
      await Promise.all([...names].map((name) => ask(name, signal)));
    },
    // A store of old records only may be gone for good: its people see it, but the deployment serves all others.
    notReady: () => (faults.has(deps.placement.storage) ? [`storage ${deps.placement.storage}`] : []),
    get origins() {
      return [...origins.values()];
    },
  };
}

/** Bucket names may be a part of the host; they are not known beforehand, so any name is let through there. */
async function originOf(store: StorageProvider): Promise<string | null> {
  const bucket = store.bucket(NOBODYS_BUCKET);
  if (!bucket.capabilities.signedUrls) return null;
  const { url } = await bucket.signedUrl('x', { method: 'PUT', sizeBytes: 1, expiresInMs: 60_000 });
  const { protocol, host } = new URL(url);
  const first = host.split('.')[0] ?? '';
  return `${protocol}//${first.startsWith(NOBODYS_BUCKET) ? `*${host.slice(first.length)}` : host}`;
}
