/** Everything that a start would check, without starting or changing anything. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAppError } from '../domain/errors.ts';
import { loadProvider } from '../providers/registry.ts';
import { ConfigError, readConfig, readEnvironment, readProviderConfig } from './config.ts';
import { readServerRecord } from './data-folder.ts';

export interface Check {
  name: string;
  ok: boolean;
  message: string;
}

export async function examine(argv: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  const fault = (error: ConfigError) => {
    for (const { variable, message } of error.problems) checks.push({ name: variable, ok: false, message });
  };
  try {
    const env = readEnvironment(argv);
    const config = readConfig(env);
    checks.push({ name: 'configuration', ok: true, message: 'all variables are valid' });
    const names = new Set([
      config.cloudProvider,
      config.storageProvider,
      ...config.authProviders.filter((name) => name !== 'auto'),
    ]);
    for (const name of names) {
      try {
        const provider = await loadProvider(name);
        readProviderConfig(provider, env);
        checks.push({ name: `provider ${name}`, ok: true, message: provider.label });
      } catch (error) {
        if (error instanceof ConfigError) fault(error);
        else
          checks.push({
            name: `provider ${name}`,
            ok: false,
            message: isAppError(error) ? error.message : String(error),
          });
      }
    }
    checks.push(folderCheck(config.dataDir));
    const running = readServerRecord(config.dataDir);
    checks.push({ name: 'server', ok: true, message: running ? `announced on port ${running.port}` : 'not running' });
    for (const warning of config.warnings) checks.push({ name: 'warning', ok: true, message: warning });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fault(error);
  }
  return checks;
}

function folderCheck(dataDir: string): Check {
  let place = dataDir;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    if (!statSync(place).isDirectory())
      return { name: 'data folder', ok: false, message: `${dataDir} cannot be made: ${place} is a file.` };
    return { name: 'data folder', ok: true, message: place === dataDir ? dataDir : `${dataDir} (will be made)` };
  } catch {
    return {
      name: 'data folder',
      ok: false,
      message: `${dataDir} cannot be written. Check its rights, or set CMBCLUSTER_DATA.`,
    };
  }
}
