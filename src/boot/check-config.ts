/**
 * The whole configuration at once: the core's variables and those of every provider that they name, so that one start tells of
 * every problem. Opens and changes nothing.
 */
import { isAppError } from '../domain/errors.ts';
import { loadProvider } from '../providers/registry.ts';
import { type Config, ConfigError, type Env, type Problem, readConfig, readProviderConfig } from './config.ts';

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
  for (const { variable, name } of namedProviders(env)) {
    if (told.has(variable)) continue;
    try {
      readProviderConfig(await loadProvider(name), env);
    } catch (error) {
      collect(error, variable);
    }
  }
  if (!config || problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Each provider once, with the variable that names it. */
function namedProviders(env: Env): { variable: string; name: string }[] {
  const named = [
    { variable: 'CLOUD_PROVIDER', name: env.CLOUD_PROVIDER || 'local' },
    { variable: 'STORAGE_PROVIDER', name: env.STORAGE_PROVIDER ?? '' },
    ...(env.AUTH_PROVIDER ?? '').split(',').map((name) => ({ variable: 'AUTH_PROVIDER', name: name.trim() })),
  ].filter(({ name }) => name !== '' && name !== 'auto');
  return named.filter(({ name }, i) => named.findIndex((other) => other.name === name) === i);
}
