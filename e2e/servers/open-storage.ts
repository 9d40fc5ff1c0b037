/** A provider's storage, opened as a deployment with these variables would open it. */
import { createMemoryLinkStore } from '../../src/ports/identity/memory.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';

const quiet = { info() {}, warn() {}, error() {} };

/** The caller closes it. @throws ZodError naming the variables that are missing or wrong */
export async function openStorage<Config>(
  provider: Provider<Config>,
  variables: Record<string, string>,
): Promise<StorageProvider> {
  const { storage } = await provider.open(provider.config.parse(variables), {
    dataDir: '/nonexistent',
    programsDir: '/nonexistent',
    nodePath: process.execPath,
    links: createMemoryLinkStore(),
    log: quiet,
    now: Date.now,
  });
  if (!storage) throw new Error(`The provider ${provider.name} gave no storage.`);
  return storage;
}
