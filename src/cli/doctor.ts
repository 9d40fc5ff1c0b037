import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, type Problem, readConfig, readEnvironment, readProviderConfig } from '../boot/config.ts';
import { readServerRecord } from '../boot/data-folder.ts';
import { isAppError } from '../domain/errors.ts';
import { loadProvider } from '../providers/registry.ts';
import { type Command, takeOptions } from './command.ts';

interface Check {
  name: string;
  ok: boolean;
  message: string;
}

/** `doctor`: everything that a start would check, without starting or changing anything. */
export const doctor: Command = async (args) => {
  const { flags, rest } = takeOptions(args, { values: [], flags: ['--json'] });
  const checks: Check[] = [];
  const fault = (problems: readonly Problem[]) => {
    for (const { variable, message } of problems) checks.push({ name: variable, ok: false, message });
  };
  try {
    const env = readEnvironment(rest);
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
        if (error instanceof ConfigError) fault(error.problems);
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
    fault(error.problems);
  }
  const healthy = checks.every((check) => check.ok);
  process.stdout.write(
    flags.has('--json')
      ? `${JSON.stringify({ ok: healthy, checks })}\n`
      : `${checks.map(({ name, ok, message }) => `  ${ok ? '✓' : '✗'} ${name.padEnd(20)} ${message}`).join('\n')}\n`,
  );
  return healthy ? 0 : 1;
};

function folderCheck(dataDir: string): Check {
  let place = dataDir;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    return { name: 'data folder', ok: true, message: place === dataDir ? dataDir : `${dataDir} (will be made)` };
  } catch {
    return {
      name: 'data folder',
      ok: false,
      message: `${dataDir} cannot be written. Check its rights, or set CMBCLUSTER_DATA.`,
    };
  }
}
