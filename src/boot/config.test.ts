import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkConfig } from './check-config.ts';
import { ConfigError, type Env, readConfig, readEnvironment } from './config.ts';
import { explain } from './explain.ts';

async function problemsOf(env: Env) {
  const error: unknown = await checkConfig(env).then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof ConfigError)) throw error ?? new Error(`accepted: ${JSON.stringify(env)}`);
  return error.problems;
}

describe('configuration', () => {
  it('needs nothing', async () => {
    const config = await checkConfig({});
    expect(config).toMatchObject({ cloudProvider: 'local', host: '127.0.0.1', port: 8080, secretKeys: null });
    expect(config.dataDir).toBe(`${homedir()}/.local/share/cmbcluster`);
  });

  it.each<[string, string, RegExp]>([
    ['PORT', '80a', /whole number from 0 to 65535/],
    ['PORT', '70000', /whole number from 0 to 65535/],
    ['PORT', '-1', /whole number/],
    ['CMBCLUSTER_DATA', 'relative/path', /absolute path/],
    ['BASE_DOMAIN', 'https://cluster.example.org/', /without https/],
    ['APPS_DOMAIN', '-x.example', /host name/],
    ['SECRET_KEY', 'short', /at least 32 characters.*openssl/],
    ['SECRET_KEY', `${'k'.repeat(32)},short`, /at least 32 characters/],
    ['SECRET_KEY', ',', /at least 32 characters/],
    ['FIRST_USER_IS_ADMIN', 'maybe', /yes or no/],
    ['DEFAULT_TIER', 'gold', /free, basic, premium, enterprise/],
    ['BUCKET_PREFIX', 'My_Bucket', /lower-case letters/],
    ['SESSION_HOURS', '0', /whole number from 1/],
    ['SESSION_IDLE_HOURS', '800', /not be longer than SESSION_HOURS/],
    ['LOG_LEVEL', 'loud', /error, warn or info/],
    ['CLOUD_PROVIDER', 'azure', /Known ones: .*local/],
    ['CLOUD_PROVIDER', '../local', /name of a provider/],
    ['STORAGE_PROVIDER', 'floppy', /Known ones: .*local/],
    ['AUTH_PROVIDER', 'memory, nobody', /“nobody”.*Known ones/],
    ['TIER_FREE', 'environments=1,cpu=2', /"environments=1,cpu=2" is not understood/],
    ['TIER_FREE', 'cpu=two', /not understood.*for example/],
    ['TIER_FREE', 'environments=1.5', /not understood/],
    ['TIER_FREE', 'memory=4h', /not understood/],
    ['TIER_FREE', 'uptime=8', /not understood/],
    ['TIER_FREE', 'cpu=unlimited', /not understood/],
    ['TIER_BASIC', 'disk=10', /not understood/],
  ])('refuses %s=%j and says how to mend it', async (variable, value, message) => {
    const problems = await problemsOf({ [variable]: value });
    expect(problems).toEqual([{ variable, message: expect.stringMatching(message) }]);
  });

  it('names every problem of one start, also those of providers and tiers', async () => {
    const error = await checkConfig({
      PORT: 'x',
      SECRET_KEY: 'short',
      TIER_FREE: 'cpu=x memory=y',
      SESSION_HOURS: 'soon',
      CLOUD_PROVIDER: 'azure',
      AUTH_PROVIDER: 'nobody',
    }).catch((caught: unknown) => caught);
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual(
      ['AUTH_PROVIDER', 'CLOUD_PROVIDER', 'PORT', 'SECRET_KEY', 'SESSION_HOURS', 'TIER_FREE', 'TIER_FREE'].sort(),
    );
    const text = explain(error);
    for (const { variable, message } of error.problems) expect(text).toContain(`  ${variable}\n    ${message}`);
    expect(text).toContain('7 configuration problems');
    expect(text).not.toContain('short');
  });

  it('counts the idle limit among the other problems', async () => {
    const problems = await problemsOf({ SESSION_IDLE_HOURS: '800', TIER_FREE: 'cpu=x' });
    expect(problems.map(({ variable }) => variable)).toEqual(['TIER_FREE', 'SESSION_IDLE_HOURS']);
  });

  it('reads tiers in parts, leaving the rest at their defaults', () => {
    const { limits } = readConfig({
      TIER_FREE: ' cpu=0.5  memory=1.5 uptime=2d ',
      TIER_ENTERPRISE: 'uptime=unlimited',
    });
    expect(limits.free).toEqual({
      environments: 1,
      cpuMillicores: 500,
      memoryMiB: 1536,
      gpus: 0,
      uptimeMs: 2 * 86_400_000,
    });
    expect(limits.enterprise.uptimeMs).toBeNull();
    expect(readConfig({}).limits.free.cpuMillicores).toBe(2_000);
  });

  it('takes several secret keys, the first to sign', () => {
    const [first, second] = ['a'.repeat(32), 'b'.repeat(40)];
    expect(readConfig({ SECRET_KEY: ` ${first} , ${second}` }).secretKeys).toEqual([first, second]);
  });

  it('takes an empty variable as not given, and ignores a relative XDG_DATA_HOME', () => {
    expect(readConfig({ PORT: '', SECRET_KEY: '', XDG_DATA_HOME: 'rel' })).toMatchObject({
      port: 8080,
      secretKeys: null,
      dataDir: `${homedir()}/.local/share/cmbcluster`,
    });
    expect(readConfig({ XDG_DATA_HOME: '/xdg' }).dataDir).toBe('/xdg/cmbcluster');
  });

  it('listens where the links it prints lead to', async () => {
    for (const HOST of ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost']) expect(readConfig({ HOST }).host).toBe(HOST);
    expect(await problemsOf({ HOST: '192.168.1.5' })).toMatchObject([
      { variable: 'HOST', message: expect.stringMatching(/0\.0\.0\.0.*BASE_DOMAIN/) },
    ]);
    expect(readConfig({ HOST: '192.168.1.5', BASE_DOMAIN: 'lab.example.org' }).host).toBe('192.168.1.5');
  });

  it('warns when environments share the site of the app', () => {
    expect(readConfig({ BASE_DOMAIN: 'lab.example.org' }).warnings).toHaveLength(1);
    expect(readConfig({ BASE_DOMAIN: 'lab.example.org', APPS_DOMAIN: 'apps.example.org' }).warnings).toHaveLength(1);
    expect(readConfig({ BASE_DOMAIN: 'lab.example.org', APPS_DOMAIN: 'lab-apps.net' }).warnings).toEqual([]);
  });

  it.each<[string[], string, RegExp]>([
    [['--prot', '1'], '--prot', /Known: --port, --host, --data/],
    [['--port'], '--port', /needs a value/],
  ])('refuses the options %j', (argv, variable, message) => {
    let error: unknown;
    try {
      readEnvironment(argv);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ problems: [{ variable, message: expect.stringMatching(message) }] });
  });

  it('lets options win over variables', () => {
    expect(readEnvironment(['--port=9', '--host', '::1', '--data', 'x'])).toMatchObject({
      PORT: '9',
      HOST: '::1',
      CMBCLUSTER_DATA: `${process.cwd()}/x`,
    });
  });
});
