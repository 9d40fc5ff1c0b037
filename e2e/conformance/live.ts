/**
 * The specification of storage on a real cloud, for whoever has an account and asks for it by variables (docs/OPERATIONS.md, “Live
 * clouds”). Never in continuous integration: it costs money, needs secrets, and a cloud has bad days. It makes buckets whose
 * names begin with PREFIX, touches no others, and removes them.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import type { Provider } from '../../src/ports/provider.ts';
import { storageConformance } from '../../src/ports/storage/conformance/suite.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { openStorage } from '../servers/open-storage.ts';

const PREFIX = 'cmb-live-';
/** Of a run that was killed; no run takes as long. */
const LEFT_OVER_MS = 6 * 3_600_000;
/** A bucket's quota is waited for, and an answer across the internet, too. */
const TIME_LIMIT_MS = 5 * 60_000;

export interface LiveCloud<Config> {
  name: string;
  provider: Provider<Config>;
  /** In front of each of the provider's own variables. */
  variablePrefix: string;
  /** The variable without which nothing is run. */
  asks: string;
  /** Least time between two new or removed buckets. */
  paceMs: number;
}

export function liveConformance<Config>({ name, provider, variablePrefix, asks, paceMs }: LiveCloud<Config>): void {
  const given = Object.entries(process.env).filter(([variable]) => variable.startsWith(variablePrefix));
  const variables = Object.fromEntries(given.map(([key, value]) => [key.slice(variablePrefix.length), value ?? '']));
  if (variables[asks] === undefined || process.env.CI) {
    test.skip(`${name}: runs outside continuous integration, when ${variablePrefix}${asks} is set`);
    return;
  }
  storageConformance({
    name: `${name} (live)`,
    timeLimitMs: TIME_LIMIT_MS,
    // Short: the account and the region may come behind it.
    bucketName: () => `${PREFIX}${randomBytes(8).toString('hex')}`,
    async open() {
      const live = paced(await openStorage(provider, variables), paceMs);
      await removeLeftOver(live);
      return {
        provider: live,
        another: () => openStorage(provider, variables),
        constantMemory: true,
        cleanup: async () => {},
      };
    },
  });
}

/** Keeps to the quota of buckets, which every promise asks for one of. */
function paced(storage: StorageProvider, paceMs: number): StorageProvider {
  let free = Date.now();
  async function turn<T>(call: () => Promise<T>): Promise<T> {
    const wait = Math.max(0, free - Date.now());
    free = Math.max(free, Date.now()) + paceMs;
    await pause(wait);
    return call();
  }
  return {
    ...storage,
    createBucket: (...args) => turn(() => storage.createBucket(...args)),
    deleteBucket: (...args) => turn(() => storage.deleteBucket(...args)),
  };
}

async function removeLeftOver(storage: StorageProvider): Promise<void> {
  for (const { name, createdAt } of await storage.listBuckets({ prefix: PREFIX })) {
    if (createdAt < Date.now() - LEFT_OVER_MS) await storage.deleteBucket(name, { force: true });
  }
}
