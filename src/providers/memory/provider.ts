/**
 * A provider that keeps everything in memory: buckets, environments that only exist as states. It proves that the ports suffice
 * and gives tests a deployment that leaves no trace; chosen with CLOUD_PROVIDER=memory.
 */
import { z } from 'zod';
import type { Application } from '../../domain/application.ts';
import { createLinkIdentity } from '../../ports/identity/link.ts';
import type { Provider } from '../../ports/provider.ts';
import { createMemorySpawner } from '../../ports/spawner/memory.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';

const terminal: Omit<Application, 'id'> = {
  slug: 'terminal',
  name: 'Terminal',
  summary: 'An environment without a process, for tests.',
  tags: [],
  icon: 'square-terminal',
  image: null,
  port: null,
  local: { argv: ['serve'], listen: 'socket', readyPath: null, secretHeader: null, install: null },
  asksCommand: false,
  defaultSize: { cpuMillicores: 500, memoryMiB: 1024, gpus: 0 },
  readyTimeoutMs: 5_000,
  sortOrder: 10,
  active: true,
};

export const provider: Provider = {
  name: 'memory',
  label: 'Memory',
  config: z.object({}),
  configured: () => false,
  autoOrder: null,
  defaultIdentity: 'memory',
  embedded: true,
  async open(_config, { links, now, storagePolicy }) {
    const storage: StorageProvider = {
      ...openMemoryStorage({ now, policy: storagePolicy }),
      // The memory spawner runs nothing that could look into it.
      mount: async (bucket, mountPath) => ({
        kind: 'host-path',
        hostPath: `/memory/${bucket}`,
        mountPath,
        capabilities: { rename: false, append: false, overwrite: false, symlink: false, locks: false },
      }),
    };
    const spawner = createMemorySpawner({ now });
    return {
      storage,
      storageFacts: { measureEveryMs: 60_000 },
      spawner,
      identity: createLinkIdentity({ name: 'memory', label: 'Sign in with a link', issuer: 'memory', links, now }),
      applications: [terminal],
      async close() {
        await spawner.close();
        await storage.close();
      },
    };
  },
};
