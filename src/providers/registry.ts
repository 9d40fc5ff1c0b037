/**
 * Providers by the name of their folder. A new one is a folder with a provider.ts and nothing else: while developing the folders
 * are read, in a bundle the build says their names. Modules are loaded when asked for, so an unused cloud's SDK costs nothing.
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '../domain/errors.ts';
import type { Provider } from '../ports/provider.ts';

/** Put in by the bundler, which cannot look at folders later. */
declare const CMBCLUSTER_PROVIDERS: readonly string[] | undefined;

/** Values that CLOUD_PROVIDER and its kin may take, sorted. */
export function providerNames(): string[] {
  if (typeof CMBCLUSTER_PROVIDERS !== 'undefined') return [...CMBCLUSTER_PROVIDERS];
  const folder = fileURLToPath(new URL('.', import.meta.url));
  return readdirSync(folder)
    .filter((name) => existsSync(`${folder}${name}/provider.ts`))
    .sort();
}

/** @throws invalid_argument listing the known names; internal when the folder does not keep to the contract */
export async function loadProvider(name: string): Promise<Provider> {
  const known = providerNames();
  if (!known.includes(name)) {
    throw new AppError('invalid_argument', `There is no provider “${name}”. Known ones: ${known.join(', ')}.`, {
      details: { known },
    });
  }
  const loaded: { provider?: Provider } = await import(`./${name}/provider.ts`);
  if (loaded.provider?.name !== name) {
    throw new AppError('internal', `The folder providers/${name} does not export a provider of that name.`);
  }
  return loaded.provider;
}
