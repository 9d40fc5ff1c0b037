/** Everything that a start would check, without starting or changing anything. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { AppError, isAppError } from '../domain/errors.ts';
import type { LinkStore } from '../ports/identity/identity.ts';
import type { ProviderParts } from '../ports/provider.ts';
import { loadProvider } from '../providers/registry.ts';
import { ConfigError, type Env, readConfig, readEnvironment, readProviderConfig } from './config.ts';
import { readServerRecord } from './data-folder.ts';
import { createLogger } from './log.ts';
import { signInNames } from './sign-in.ts';

const CHECK_MS = 20_000;

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
    const signIn = await signInNames({ named: config.authProviders, cloudProvider: config.cloudProvider }, env).catch(
      (error: unknown) => {
        if (!isAppError(error)) throw error;
        checks.push({ name: 'AUTH_PROVIDER', ok: false, message: error.message });
        return [];
      },
    );
    const names = new Set([config.cloudProvider, config.storageProvider, ...signIn]);
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
    const storage = await storageCheck(config.storageProvider, env);
    if (storage) checks.push(storage);
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

/** Asks the store itself, as a start would. null for one that is this machine's own, or whose variables are wrong already. */
async function storageCheck(name: string, env: Env): Promise<Check | null> {
  const check = (ok: boolean, message: string): Check => ({ name: `storage ${name}`, ok, message });
  const now = Date.now;
  const log = createLogger({ level: 'error', format: 'text' });
  const links: LinkStore = {
    add: () => Promise.reject(new AppError('failed_precondition', 'The doctor makes no links.')),
    take: () => Promise.reject(new AppError('failed_precondition', 'The doctor takes no links.')),
  };
  let parts: ProviderParts | null = null;
  try {
    const provider = await loadProvider(name);
    if (provider.embedded) return null;
    const context = { dataDir: tmpdir(), programsDir: '', nodePath: process.execPath, links, log, now };
    parts = await provider.open(readProviderConfig(provider, env), context);
    if (!parts.storage) return check(false, 'This provider has no storage. Set STORAGE_PROVIDER to one that has.');
    const lacks = await parts.storage.check(AbortSignal.timeout(CHECK_MS));
    if (lacks.length === 0) return check(true, 'reached, lacks nothing');
    return check(true, `reached; lacks ${lacks.map(({ what, reason }) => `${what} (${reason})`).join('; ')}`);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    return check(false, isAppError(error) ? error.message : String(error));
  } finally {
    await parts?.close().catch(() => {});
  }
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
