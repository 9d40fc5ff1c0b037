/**
 * The only reader of process.env. Everything is validated at once: a start with five mistakes names all five, each with the
 * variable, what is wrong and how to mend it. Providers add their own variables through their schemas.
 */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { trustedProxies } from '../api/client-address.ts';
import { type Door, SIGN_UPS } from '../domain/admission.ts';
import {
  DEFAULT_KEPT_ENVIRONMENTS,
  DEFAULT_LIMITS,
  type LimitOverrides,
  type Limits,
  limitsWith,
  TIERS,
  type Tier,
} from '../domain/quota.ts';
import type { RateLimits } from '../domain/rate-limit.ts';
import { AUTOMATIC } from '../domain/sign-in.ts';
import { NO_PROXIES, PROXY_FIELDS, type TrustedProxies } from '../domain/trusted-proxies.ts';
import type { Provider } from '../ports/provider.ts';
import { type DatabaseSettings, readDatabaseSettings } from './database/settings.ts';
import { readRateLimits } from './rate-limit-settings.ts';

export interface Problem {
  variable: string;
  message: string;
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(`${problems.length} configuration ${problems.length === 1 ? 'problem' : 'problems'}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const yesNo = z
  .enum(['yes', 'no', 'true', 'false', '1', '0'], 'Use yes or no.')
  .transform((text) => text === 'yes' || text === 'true' || text === '1');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const emails = list
  .prefault('')
  .transform((addresses) => addresses.map((address) => address.toLowerCase()))
  .refine(
    (addresses) => addresses.every((address) => /^[^\s@]+@[^\s@]+$/.test(address)),
    'Use e-mail addresses with commas between them.',
  );
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `Use a whole number from ${least} to ${most}.`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `Use a whole number from ${least} to ${most}.`);
const hostName = z
  .string()
  .toLowerCase()
  .regex(
    /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*(:\d{1,5})?$/,
    'Use a host name such as cluster.example.org, without https:// and without a slash.',
  );

const schema = z.object({
  CLOUD_PROVIDER: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'Use the name of a provider, in lower case.')
    .default('local'),
  STORAGE_PROVIDER: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'Use the name of a provider, in lower case.')
    .optional(),
  AUTH_PROVIDER: list
    .refine((names) => names.every((name) => /^[a-z][a-z0-9-]*$/.test(name)), 'Use names of providers, in lower case.')
    .refine((names) => names.length > 0, 'Name a provider, or leave it out.')
    .refine(
      (names) => names.length < 2 || !names.includes(AUTOMATIC),
      `Use ${AUTOMATIC} alone, or name the providers that you want.`,
    )
    .prefault(AUTOMATIC),
  CMBCLUSTER_DATA: z.string().refine(isAbsolute, 'Use an absolute path.').optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).prefault('8080'),
  BASE_DOMAIN: hostName.optional(),
  APPS_DOMAIN: hostName.optional(),
  TRUSTED_PROXIES: list
    .prefault('')
    .refine(
      (entries) => trustedProxies(entries, 'x-forwarded-for') !== null,
      'Use addresses and networks such as 10.0.0.0/8, or loopback, with commas between them.',
    ),
  PROXY_HEADER: z
    .string()
    .toLowerCase()
    .pipe(z.enum(PROXY_FIELDS, 'Use X-Forwarded-For or Forwarded: the one that your proxy sets.'))
    .prefault('x-forwarded-for'),
  REPLICA_URL: z
    .string()
    .regex(/^http:\/\/[^\s/?#@]+$/, 'Use an address such as http://10.1.2.3:8080, with no path behind it.')
    .optional(),
  SECRET_KEY: list
    .refine(
      (keys) => keys.length > 0 && keys.every((key) => key.length >= 32),
      'Each key needs at least 32 characters; make one with: openssl rand -base64 48',
    )
    .optional(),
  METRICS_TOKEN: z.string().min(16, 'Use at least 16 characters; make one with: openssl rand -base64 24').optional(),
  ADMIN_EMAILS: emails,
  ALLOWED_EMAILS: emails,
  ALLOWED_EMAIL_DOMAINS: list
    .prefault('')
    .transform((domains) => domains.map((domain) => domain.toLowerCase()))
    .refine(
      (domains) => domains.every((domain) => /^(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+$/.test(domain)),
      'Use domains such as example.org, or *.example.org for every name below it, with commas between them.',
    ),
  SIGN_UP: z.enum(SIGN_UPS, `Use one of ${SIGN_UPS.join(', ')}.`).default('open'),
  CONTACT: z
    .string()
    .max(200)
    .regex(
      /^([^\s@<>"]+@[^\s@<>"]+|https:\/\/[^\s<>"]+)$/,
      'Use an e-mail address, or a web address that begins with https://.',
    )
    .optional(),
  FIRST_USER_IS_ADMIN: yesNo.prefault('yes'),
  DEFAULT_TIER: z.enum(TIERS, `Use one of ${TIERS.join(', ')}.`).default('free'),
  KEPT_ENVIRONMENTS: wholeNumber(1, 10_000).prefault(String(DEFAULT_KEPT_ENVIRONMENTS)),
  DEPLOYMENT_NAME: z.string().min(1).max(64).default('CMBCluster'),
  BUCKET_PREFIX: z
    .string()
    .regex(
      /^[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/,
      'Use at most 16 lower-case letters, digits and dashes, a letter first and no dash last.',
    )
    .default('cmb'),
  KEEP_VERSIONS_DAYS: wholeNumber(1, 365).prefault('30'),
  SESSION_HOURS: wholeNumber(1, 24 * 365).prefault('720'),
  SESSION_IDLE_HOURS: wholeNumber(1, 24 * 365).prefault('168'),
  WORKSPACE_MODE: z.enum(['mount', 'sync'], 'Use mount or sync.').optional(),
  ALLOW_SHARED_ACCOUNT: yesNo.prefault('no'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info'], 'Use error, warn or info.').default('warn'),
  LOG_FORMAT: z.enum(['text', 'json'], 'Use text or json.').default('text'),
});

export interface Config {
  cloudProvider: string;
  storageProvider: string;
  authProviders: readonly string[];
  dataDir: string;
  host: string;
  port: number;
  baseDomain: string | null;
  appsDomain: string | null;
  trustedProxies: TrustedProxies;
  rateLimits: RateLimits;
  database: DatabaseSettings;
  /** Where the other servers of this deployment reach this one; null: taken from HOST and the machine. */
  replicaUrl: string | null;
  /** null: generated and kept in the data folder. */
  secretKeys: readonly string[] | null;
  /** What a collector of figures shows; null: there are none. */
  metricsToken: string | null;
  door: Door;
  contact: string | null;
  limits: Record<Tier, Limits>;
  /** Which of them, and whether the tier of newcomers, stand in variables. */
  configured: { limits: Record<Tier, LimitOverrides>; defaultTier: boolean };
  keptEnvironments: number;
  deploymentName: string;
  bucketPrefix: string;
  keepVersionsDays: number;
  sessionTtlMs: number;
  sessionIdleMs: number;
  /** null: synced where a storage of another provider meets this machine's own environments, mounted elsewhere. */
  workspaceMode: 'mount' | 'sync' | null;
  allowSharedAccount: boolean;
  logLevel: 'error' | 'warn' | 'info';
  logFormat: 'text' | 'json';
  /** Next runs in development mode with hot reload. */
  development: boolean;
  /** Shown with the data folder's own setting; nothing secret. */
  warnings: readonly string[];
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The process's environment with options of the command line on top, which win. @throws ConfigError for unknown options */
export function readEnvironment(argv: readonly string[]): Env {
  const env: Record<string, string | undefined> = { ...process.env };
  // Next and React choose their production code by this variable.
  if (!env.NODE_ENV) Object.assign(process.env, { NODE_ENV: env.CMBCLUSTER_DEV ? 'development' : 'production' });
  const options: Readonly<Record<string, string>> = { '--port': 'PORT', '--host': 'HOST', '--data': 'CMBCLUSTER_DATA' };
  for (let i = 0; i < argv.length; i += 1) {
    const [name = '', inline] = (argv[i] ?? '').split(/=(.*)/s);
    const variable = options[name];
    if (!variable)
      throw new ConfigError([
        { variable: name, message: `This option does not exist. Known: ${Object.keys(options).join(', ')}.` },
      ]);
    const value = inline ?? argv[++i];
    if (value === undefined) throw new ConfigError([{ variable: name, message: 'It needs a value.' }]);
    env[variable] = name === '--data' ? resolve(value) : value;
  }
  return env;
}

/** next-auth takes its own address from the process's environment, else from the two headers that we give it. */
export function letNextAuthUseOurOrigin(): void {
  delete process.env.NEXTAUTH_URL;
  process.env.AUTH_TRUST_HOST = 'true';
}

/** Loopback, or every address of the machine. */
const REACHED_BY_LOCALHOST = /^(localhost|127\.0\.0\.1|::1|0\.0\.0\.0|::)$/;

/** @throws ConfigError with every problem of the core and of the chosen providers' schemas */
export function readConfig(env: Env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  const problems: Problem[] = [];
  const inVariables = readLimits(given, problems);
  const rateLimits = readRateLimits(given, problems);
  const storageProvider = given.STORAGE_PROVIDER ?? given.CLOUD_PROVIDER ?? 'local';
  const database = readDatabaseSettings(given, storageProvider, problems);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push({ variable: String(issue.path[0]), message: issue.message });
  }
  if (parsed.success && parsed.data.SESSION_IDLE_HOURS > parsed.data.SESSION_HOURS)
    problems.push({ variable: 'SESSION_IDLE_HOURS', message: 'It must not be longer than SESSION_HOURS.' });
  if (parsed.success && !parsed.data.BASE_DOMAIN && !REACHED_BY_LOCALHOST.test(parsed.data.HOST))
    problems.push({
      variable: 'HOST',
      message:
        'Without BASE_DOMAIN people come by http://localhost, where this address is not reached. Use 127.0.0.1, 0.0.0.0 for every address, or set BASE_DOMAIN.',
    });
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const v = parsed.data;
  return {
    cloudProvider: v.CLOUD_PROVIDER,
    storageProvider: v.STORAGE_PROVIDER ?? v.CLOUD_PROVIDER,
    authProviders: v.AUTH_PROVIDER,
    dataDir: v.CMBCLUSTER_DATA ?? join(dataHome(given.XDG_DATA_HOME), 'cmbcluster'),
    host: v.HOST,
    port: v.PORT,
    baseDomain: v.BASE_DOMAIN ?? null,
    appsDomain: v.APPS_DOMAIN ?? null,
    trustedProxies: trustedProxies(v.TRUSTED_PROXIES, v.PROXY_HEADER) ?? NO_PROXIES,
    rateLimits,
    database,
    replicaUrl: v.REPLICA_URL ?? null,
    secretKeys: v.SECRET_KEY ?? null,
    metricsToken: v.METRICS_TOKEN ?? null,
    door: {
      signUp: v.SIGN_UP,
      allowedDomains: v.ALLOWED_EMAIL_DOMAINS,
      allowedEmails: v.ALLOWED_EMAILS,
      adminEmails: v.ADMIN_EMAILS,
      firstUserIsAdmin: v.FIRST_USER_IS_ADMIN,
      defaultTier: v.DEFAULT_TIER,
    },
    contact: v.CONTACT ?? null,
    limits: {
      free: limitsWith(DEFAULT_LIMITS.free, inVariables.free),
      basic: limitsWith(DEFAULT_LIMITS.basic, inVariables.basic),
      premium: limitsWith(DEFAULT_LIMITS.premium, inVariables.premium),
      enterprise: limitsWith(DEFAULT_LIMITS.enterprise, inVariables.enterprise),
    },
    configured: { limits: inVariables, defaultTier: given.DEFAULT_TIER !== undefined },
    keptEnvironments: v.KEPT_ENVIRONMENTS,
    deploymentName: v.DEPLOYMENT_NAME,
    bucketPrefix: v.BUCKET_PREFIX,
    keepVersionsDays: v.KEEP_VERSIONS_DAYS,
    sessionTtlMs: v.SESSION_HOURS * 3_600_000,
    sessionIdleMs: v.SESSION_IDLE_HOURS * 3_600_000,
    workspaceMode: v.WORKSPACE_MODE ?? null,
    allowSharedAccount: v.ALLOW_SHARED_ACCOUNT,
    logLevel: v.LOG_LEVEL,
    logFormat: v.LOG_FORMAT,
    development: given.CMBCLUSTER_DEV !== undefined,
    warnings: warningsOf(v.BASE_DOMAIN, v.APPS_DOMAIN),
  };
}

/** A relative one is to be ignored (XDG Base Directory Specification). */
function dataHome(xdg: string | undefined): string {
  return xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local/share');
}

/** Environments on the app's own site could read its cookies' neighbours: say so. */
function warningsOf(baseDomain: string | undefined, appsDomain: string | undefined): string[] {
  if (!baseDomain || (appsDomain && siteOf(appsDomain) !== siteOf(baseDomain))) return [];
  return [
    `Environments are served on the same site as the app (${siteOf(baseDomain)}). Set APPS_DOMAIN to another registered domain to keep them fully apart.`,
  ];
}

function siteOf(host: string): string {
  return host.split(':')[0]?.split('.').slice(-2).join('.') ?? host;
}

/** `TIER_FREE="environments=1 cpu=2 memory=4 gpu=0 uptime=8h"`: any part may be left out; uptime takes h, d or unlimited. */
function readLimits(env: Env, problems: Problem[]): Record<Tier, LimitOverrides> {
  const result: Record<Tier, LimitOverrides> = { free: {}, basic: {}, premium: {}, enterprise: {} };
  for (const tier of TIERS) {
    const variable = `TIER_${tier.toUpperCase()}`;
    const text = env[variable];
    if (!text) continue;
    for (const part of text.trim().split(/\s+/)) {
      if (!applyLimit(result[tier], part)) {
        problems.push({
          variable,
          message: `"${part}" is not understood. Use for example: environments=1 cpu=2 memory=4 gpu=0 uptime=8h (GiB; h, d or unlimited).`,
        });
      }
    }
  }
  return result;
}

function applyLimit(limits: LimitOverrides, part: string): boolean {
  const [, name = '', number, unit = ''] = /^([a-z]+)=(?:(\d+(?:\.\d+)?)(h|d)?|unlimited)$/.exec(part) ?? [];
  const value = Number(number);
  if (name === 'uptime') {
    if (number !== undefined && !unit) return false;
    limits.uptimeMs = number === undefined ? null : value * (unit === 'd' ? 86_400_000 : 3_600_000);
    return true;
  }
  if (number === undefined || unit) return false;
  if (name === 'environments' && Number.isInteger(value)) limits.environments = value;
  else if (name === 'cpu') limits.cpuMillicores = Math.round(value * 1000);
  else if (name === 'memory') limits.memoryMiB = Math.round(value * 1024);
  else if (name === 'gpu' && Number.isInteger(value)) limits.gpus = value;
  else return false;
  return true;
}

/** A provider's own variables, checked by its own schema. @throws ConfigError */
export function readProviderConfig<Config>(provider: Provider<Config>, env: Env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = provider.config.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({ variable: String(issue.path[0] ?? provider.name), message: issue.message })),
  );
}
