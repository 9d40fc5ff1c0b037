/** Everything that a start would check, without starting or changing anything. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sealedStarts } from '../../prisma-free-db/sealed-starts.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import type { LinkStore } from '../ports/identity/identity.ts';
import type { ProviderParts } from '../ports/provider.ts';
import { loadProvider } from '../providers/registry.ts';
import { createKeyRing } from '../services/keys.ts';
import { KEY_START_LENGTH, keyOf } from '../services/secrets/sealing.ts';
import type { Check } from './check.ts';
import { type Config, ConfigError, type Env, readConfig, readEnvironment, readProviderConfig } from './config.ts';
import { readServerRecord } from './data-folder.ts';
import { examineLog } from './database/examine-log.ts';
import { createLogger } from './log.ts';
import { signInNames } from './sign-in.ts';

const CHECK_MS = 20_000;
const SECRETS = 'stored secrets';

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
    checks.push(...(await Promise.all(signIn.map((name) => signInCheck(name, env)))).flat());
    checks.push(folderCheck(config.dataDir));
    const ofLog = await examineLog(config, env, (file) => keysCheck(config, file));
    checks.push(...ofLog);
    // Without a log the database is still the file that a start would bring into it.
    if (!ofLog.some(({ name }) => name === SECRETS))
      checks.push(keysCheck(config, join(config.dataDir, 'db', 'control.sqlite')));
    const running = readServerRecord(config.dataDir);
    checks.push({ name: 'server', ok: true, message: running ? `announced on port ${running.port}` : 'not running' });
    for (const warning of config.warnings) checks.push({ name: 'warning', ok: true, message: warning });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fault(error);
  }
  return checks;
}

/** Asks the store itself, as a start would. None for one that is this machine's own, or whose variables are wrong already. */
async function storageCheck(name: string, env: Env): Promise<Check | null> {
  return probe(name, env, 'storage', async ({ storage }) => {
    if (!storage) return { ok: false, message: 'This provider has no storage. Set STORAGE_PROVIDER to one that has.' };
    const lacks = await storage.check(AbortSignal.timeout(CHECK_MS));
    if (lacks.length === 0) return { ok: true, message: 'reached, lacks nothing' };
    const lacking = lacks.map(({ what, reason }) => `${what} (${reason})`).join('; ');
    return { ok: true, message: `reached; lacks ${lacking}` };
  });
}

/** Asks the issuer what it says of itself and for its keys. None for sign-in that needs no issuer. */
async function signInCheck(name: string, env: Env): Promise<Check[]> {
  const check = await probe(name, env, 'sign-in', async ({ identity }) => {
    if (!identity?.client) return { ok: true, message: 'needs no issuer' };
    try {
      await identity.client.check();
      const { issuer } = await identity.client.endpoints();
      return { ok: true, message: `${issuer} is reached and has keys` };
    } catch (error) {
      return { ok: false, message: reason(error) };
    }
  });
  return check ? [check] : [];
}

/** Opens one provider as a start would, looks at it and closes it. */
async function probe(
  name: string,
  env: Env,
  part: string,
  look: (parts: ProviderParts) => Promise<Omit<Check, 'name'>>,
): Promise<Check | null> {
  let parts: ProviderParts | null = null;
  try {
    const provider = await loadProvider(name);
    if (provider.embedded) return null;
    const log = createLogger({ level: 'error', format: 'text' });
    const context = {
      dataDir: tmpdir(),
      programsDir: '',
      nodePath: process.execPath,
      links: NO_LINKS,
      log,
      now: Date.now,
    };
    parts = await provider.open(readProviderConfig(provider, env), context);
    return { name: `${part} ${name}`, ...(await look(parts)) };
  } catch (error) {
    if (error instanceof ConfigError) return null;
    return { name: `${part} ${name}`, ok: false, message: isAppError(error) ? error.message : String(error) };
  } finally {
    await parts?.close().catch(() => {});
  }
}

const NO_LINKS: LinkStore = {
  add: () => Promise.reject(new AppError('failed_precondition', 'The doctor makes no links.')),
  take: () => Promise.reject(new AppError('failed_precondition', 'The doctor takes no links.')),
};

/** An issuer’s fault is told to whoever set it up; people who sign in only hear that there is one. */
function reason(error: unknown): string {
  if (!isAppError(error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Whether every stored secret can still be opened, and which entries of SECRET_KEY nothing needs any more. */
function keysCheck({ dataDir, secretKeys }: Pick<Config, 'dataDir' | 'secretKeys'>, databaseFile: string): Check {
  const name = SECRETS;
  const generated = generatedKey(dataDir);
  const keys = secretKeys ?? (generated === null ? [] : [generated]);
  const kids = keys.map(kidOf);
  let found: { kid: string | null; count: number }[];
  try {
    found = sealedStarts(databaseFile, KEY_START_LENGTH).map(({ start, count }) => ({
      kid: keyOf(start),
      count,
    }));
  } catch (error) {
    return { name, ok: false, message: `The database cannot be read (${String(error)}).` };
  }
  const countOf = (lost: (kid: string | null) => boolean) =>
    found.filter(({ kid }) => lost(kid)).reduce((sum, { count }) => sum + count, 0);
  const unreadable = countOf((kid) => kid === null || !kids.includes(kid));
  if (unreadable > 0) {
    const kept = secretKeys && generated !== null && countOf((kid) => kid === kidOf(generated)) > 0;
    return {
      name,
      ok: false,
      message: `${unreadable} cannot be opened, because their key is not in SECRET_KEY any more. Put the old key back at the end of the list${kept ? ': some need the one in secrets/secret-key of the data folder' : ''}; a start seals them with the first key, and then it may go.`,
    };
  }
  const idle = kids.flatMap((kid, index) =>
    index > 0 && countOf((needed) => needed === kid) === 0 ? [index + 1] : [],
  );
  const all = countOf(() => true);
  const spare =
    idle.length > 0 ? `; entry ${idle.join(', ')} of SECRET_KEY opens none of them (sessions may still need it)` : '';
  return { name, ok: true, message: all === 0 ? `none yet${spare}` : `all ${all} can be opened${spare}` };
}

const kidOf = (key: string) => createKeyRing([key]).signing('secrets').kid;

/** What the deployment made for itself, if it did. */
function generatedKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'secrets', 'secret-key'), 'utf8').trim();
  } catch {
    return null;
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
