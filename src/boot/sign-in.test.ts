import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../ports/identity/identity.ts';
import { checkConfig } from './check-config.ts';
import { ConfigError, type Env, readConfig } from './config.ts';
import { openContainer } from './container.ts';
import { openDataFolder } from './data-folder.ts';
import { checkIssuers, signInNames } from './sign-in.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

async function problemsOf(env: Env): Promise<string[]> {
  const error: unknown = await checkConfig(env).then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error === null) return [];
  if (!(error instanceof ConfigError)) throw error;
  return error.problems.map(({ variable, message }) => `${variable}: ${message}`);
}

const GOOGLE = { GOOGLE_CLIENT_ID: 'g', GOOGLE_CLIENT_SECRET: 's' };
const COGNITO = {
  COGNITO_USER_POOL_ID: 'us-east-1_AbCdEfGhI',
  COGNITO_CLIENT_ID: 'c',
  COGNITO_CLIENT_SECRET: 's',
};
const OIDC = { OIDC_ISSUER: 'https://login.example.org', OIDC_CLIENT_ID: 'o' };

const names = (env: Env, cloudProvider = 'local') =>
  signInNames({ named: (env.AUTH_PROVIDER ?? 'auto').split(','), cloudProvider }, env);

describe('sign-in providers of a deployment', () => {
  it.each<[Env, string, string[]]>([
    [{}, 'local', ['local']],
    [{}, 'memory', ['memory']],
    [{}, 'gcp', ['google']],
    [{}, 'aws', ['cognito']],
    [GOOGLE, 'local', ['google']],
    [GOOGLE, 'gcp', ['google']],
    [COGNITO, 'aws', ['cognito']],
    [COGNITO, 'gcp', ['cognito']],
    [GOOGLE, 'aws', ['google']],
    [{ ...COGNITO, ...GOOGLE }, 'gcp', ['google', 'cognito']],
    [{ ...OIDC, ...COGNITO, ...GOOGLE }, 'aws', ['google', 'cognito', 'oidc']],
    [{ ...GOOGLE, ...COGNITO, AUTH_PROVIDER: 'cognito' }, 'gcp', ['cognito']],
    [{ ...GOOGLE, ...COGNITO, AUTH_PROVIDER: 'cognito,google' }, 'gcp', ['cognito', 'google']],
    [{ ...GOOGLE, AUTH_PROVIDER: 'local' }, 'gcp', ['local']],
  ])('%j on %s: %j', async (env, cloud, expected) => {
    expect(await names(env, cloud)).toEqual(expected);
  });

  it.each<[Env, string[]]>([
    [{ GOOGLE_CLIENT_ID: 'g' }, ['GOOGLE_CLIENT_SECRET']],
    [{ GOOGLE_CLIENT_SECRET: 's' }, ['GOOGLE_CLIENT_ID']],
    [{ AUTH_PROVIDER: 'google' }, ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET']],
    [{ COGNITO_CLIENT_ID: 'c' }, ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_SECRET']],
    [
      { AUTH_PROVIDER: 'cognito,oidc' },
      ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'COGNITO_CLIENT_SECRET', 'OIDC_ISSUER', 'OIDC_CLIENT_ID'],
    ],
    [{ ...GOOGLE, COGNITO_ISSUER: 'https://issuer.example' }, Object.keys(COGNITO)],
    [{ OIDC_CLIENT_ID: 'o' }, ['OIDC_ISSUER']],
    [{ ...GOOGLE, GOOGLE_CLIENT_SECRET: '' }, ['GOOGLE_CLIENT_SECRET']],
    [{ AUTH_PROVIDER: 'gcp' }, ['AUTH_PROVIDER']],
    [{ AUTH_PROVIDER: 'okta' }, ['AUTH_PROVIDER']],
    [{ AUTH_PROVIDER: 'auto,local' }, ['AUTH_PROVIDER']],
    [{ AUTH_PROVIDER: 'Google' }, ['AUTH_PROVIDER']],
    [{ AUTH_PROVIDER: ',' }, ['AUTH_PROVIDER']],
    [{ AUTH_PROVIDER: 'local', GOOGLE_CLIENT_ID: 'g' }, []],
    [{ AUTH_PROVIDER: ' google , cognito ', ...GOOGLE, ...COGNITO }, []],
  ])('half a configuration stops the start and names what is missing: %j → %j', async (env, variables) => {
    expect((await problemsOf(env)).map((problem) => problem.split(':')[0])).toEqual(variables);
  });

  it('a provider that signs nobody in is told with those that do', async () => {
    const [problem = ''] = await problemsOf({ AUTH_PROVIDER: 'aws' });
    expect(problem).toMatch(/“aws” signs nobody in.*cognito, google, local, memory, oidc/);
    expect(problem).not.toContain('gcp');
  });

  it('two providers for one issuer stop the start: their tokens could not be told apart', () => {
    const provider = (name: string, issuers: string[]): IdentityProvider => ({
      name,
      label: name,
      kind: 'oidc',
      issuers,
      validateToken: () => Promise.reject(new Error('not asked')),
    });
    const google = provider('google', ['https://accounts.example', 'accounts.example']);
    expect(() => checkIssuers([google, provider('oidc', ['https://login.example'])])).not.toThrow();
    expect(() => checkIssuers([google, provider('oidc', ['https://accounts.example'])])).toThrow(ConfigError);
  });
});

describe('a deployment that is opened', () => {
  let bed: TestBed | null = null;
  afterEach(() => bed?.close());

  it('has the chosen providers in their order, and not the one that its cloud brings along', async () => {
    bed = await openTestBed({ env: { ...COGNITO, ...GOOGLE } });
    const providers = bed.container.deps.identityProviders;
    expect(providers.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['google oidc', 'cognito oidc']);
  });

  it('does not open with two providers for one issuer', async () => {
    const path = mkdtempSync(join(tmpdir(), 'cmb-issuers-'));
    const env = { CLOUD_PROVIDER: 'memory', ...GOOGLE, ...OIDC, GOOGLE_ISSUER: OIDC.OIDC_ISSUER };
    const opening = openContainer({
      config: readConfig(env),
      env,
      folder: openDataFolder(path),
      paths: { root: '', migrations: join(import.meta.dirname, '../../prisma-free-db/migrations'), programs: '' },
      log: { info() {}, warn() {}, error() {} },
      now: Date.now,
      port: 0,
    });
    await expect(opening).rejects.toMatchObject({ problems: [{ variable: 'AUTH_PROVIDER' }] });
    rmSync(path, { recursive: true });
  });

  it('signs in as ever when nothing is configured', async () => {
    bed = await openTestBed();
    expect(bed.container.deps.identityProviders.map(({ kind }) => kind)).toEqual(['link']);
  });
});
