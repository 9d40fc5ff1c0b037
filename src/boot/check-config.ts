/**
 * The whole configuration at once: the core's variables and those of every provider that they name, so that one start tells of
 * every problem. Opens and changes nothing.
 */
import { isAppError } from '../domain/errors.ts';
import { AUTOMATIC } from '../domain/sign-in.ts';
import { loadProvider, providerNames } from '../providers/registry.ts';
import { type Config, ConfigError, type Env, type Problem, readConfig, readProviderConfig } from './config.ts';
import { signInNames } from './sign-in.ts';

/** @throws ConfigError with every problem */
export async function checkConfig(env: Env): Promise<Config> {
  const problems: Problem[] = [];
  const collect = (error: unknown, variable: string) => {
    if (error instanceof ConfigError) problems.push(...error.problems);
    else if (isAppError(error) && error.code === 'invalid_argument')
      problems.push({ variable, message: error.message });
    else throw error;
  };
  let config: Config | null = null;
  try {
    config = readConfig(env);
  } catch (error) {
    collect(error, '');
  }
  const told = new Set(problems.map(({ variable }) => variable));
  const providers = namedProviders(env);
  const cloudProvider = env.CLOUD_PROVIDER || 'local';
  const named = (env.AUTH_PROVIDER || AUTOMATIC)
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  // An unknown cloud has no sign-in of its own: that it is unknown is said below.
  const open = named.includes(AUTOMATIC) && !providerNames().includes(cloudProvider);
  if (!told.has('AUTH_PROVIDER') && !open) {
    try {
      const chosen = await signInNames({ named, cloudProvider }, env);
      providers.push(...chosen.map((name) => ({ variable: 'AUTH_PROVIDER', name })));
    } catch (error) {
      collect(error, 'AUTH_PROVIDER');
    }
  }
  for (const [i, { variable, name }] of providers.entries()) {
    if (told.has(variable) || providers.findIndex((other) => other.name === name) < i) continue;
    try {
      readProviderConfig(await loadProvider(name), env);
    } catch (error) {
      collect(error, variable);
    }
  }
  if (!config || problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Clouds and storages that the variables name; that of the database is one of them unless it is named, too. */
function namedProviders(env: Env): { variable: string; name: string }[] {
  return [
    { variable: 'CLOUD_PROVIDER', name: env.CLOUD_PROVIDER || 'local' },
    { variable: 'STORAGE_PROVIDER', name: env.STORAGE_PROVIDER ?? '' },
    { variable: 'DATABASE_STORAGE', name: env.DATABASE_STORAGE ?? '' },
  ].filter(({ name }) => name !== '');
}
