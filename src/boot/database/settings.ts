/**
 * DATABASE_* settings: where the log of the control plane's database lies, under which keys and how long it is kept. Without any of
 * them it is a bucket of this machine below the data folder. Read by config.ts with everything else; opens nothing.
 */
import { isAbsolute } from 'node:path';
import { isBucketName } from '../../domain/storage.ts';

/** The provider whose buckets are folders of this machine. */
export const ON_THIS_MACHINE = 'local';
const OWN_BUCKET = 'database';
const STANDARD_PREFIX = 'control';
const STANDARD_RETENTION_DAYS = 7;
const STANDARD_LEASE_SECONDS = 6;
const DAY_MS = 86_400_000;

/** Where a log lies. */
export interface LogPlace {
  /** Provider that has the bucket. */
  readonly provider: string;
  readonly bucket: string;
  /** Holds the buckets of a provider of this machine; null = `db` in the data folder. Elsewhere without meaning. */
  readonly folder: string | null;
  /** Folder of the log in its bucket; may be empty. */
  readonly prefix: string;
}

export interface DatabaseSettings {
  readonly place: LogPlace;
  /** Whether somebody named the place: then it is never begun anew by itself. */
  readonly placeIsNamed: boolean;
  /** Secrets of the log's keys, newest first; empty: the log is not encrypted. */
  readonly secrets: readonly string[];
  /** How far back the database can be restored; 0 = its present only. */
  readonly retentionMs: number;
  /** A leader that was not heard of for so long has lost its place. */
  readonly leaseMs: number;
}

type Variables = Readonly<Record<string, string | undefined>>;
type Problems = { variable: string; message: string }[];

/**
 * @param storageProvider whose buckets DATABASE_BUCKET names unless DATABASE_STORAGE says otherwise
 * @param problems gets what is wrong
 */
export function readDatabaseSettings(env: Variables, storageProvider: string, problems: Problems): DatabaseSettings {
  const report = (variable: string, message: string) => problems.push({ variable, message });
  const place = readPlace(env, storageProvider, report);
  const given = listOf(env.DATABASE_ENCRYPTION_KEYS);
  if (given && (given.length === 0 || given.some((secret) => secret.length < 32)))
    report(
      'DATABASE_ENCRYPTION_KEYS',
      'Each key needs at least 32 characters; make one with: openssl rand -base64 48. The first one encrypts, the others still decrypt.',
    );
  // A key that the data folder made for itself would be lost with the folder, and the log with it.
  const secrets = given ?? listOf(env.SECRET_KEY) ?? [];
  if (place.provider !== ON_THIS_MACHINE && env.DATABASE_BUCKET && secrets.length === 0)
    report(
      'SECRET_KEY',
      'A log outside this machine is encrypted, and its key must outlive the machine: set SECRET_KEY (or DATABASE_ENCRYPTION_KEYS) and keep a copy.',
    );
  const whole = (variable: string, least: number, most: number, standard: number): number => {
    const text = env[variable];
    if (!text) return standard;
    const value = Number(text);
    if (/^\d{1,6}$/.test(text) && value >= least && value <= most) return value;
    report(variable, `Use a whole number from ${least} to ${most}.`);
    return standard;
  };
  return {
    place,
    placeIsNamed: Boolean(env.DATABASE_BUCKET || env.DATABASE_FOLDER),
    secrets,
    retentionMs: whole('DATABASE_RETENTION_DAYS', 0, 365, STANDARD_RETENTION_DAYS) * DAY_MS,
    leaseMs: whole('DATABASE_LEASE_SECONDS', 6, 10, STANDARD_LEASE_SECONDS) * 1_000,
  };
}

function readPlace(
  env: Variables,
  storageProvider: string,
  report: (variable: string, message: string) => void,
): LogPlace {
  const named = env.DATABASE_STORAGE || null;
  const bucket = env.DATABASE_BUCKET || null;
  const folder = env.DATABASE_FOLDER || null;
  const place = {
    provider: named ?? (bucket === null || folder !== null ? ON_THIS_MACHINE : storageProvider),
    bucket: bucket ?? OWN_BUCKET,
    folder,
    prefix: env.DATABASE_PREFIX || STANDARD_PREFIX,
  };
  const fault = placeFault(place);
  if (fault) report(`DATABASE_${fault.part.toUpperCase()}`, fault.message);
  if (named !== null && named !== ON_THIS_MACHINE && bucket === null)
    report('DATABASE_BUCKET', `Name the bucket of ${named} that holds the database’s log.`);
  return place;
}

/** What is wrong with a place that somebody named, a sentence for people; null when nothing is. Whether it exists is not asked. */
export function placeFault({
  provider,
  bucket,
  folder,
  prefix,
}: LogPlace): { part: 'storage' | 'bucket' | 'folder' | 'prefix'; message: string } | null {
  if (!/^[a-z][a-z0-9-]*$/.test(provider))
    return { part: 'storage', message: 'Use the name of a provider, in lower case.' };
  if (!isBucketName(bucket))
    return { part: 'bucket', message: 'A bucket is named by 3 to 63 lower-case letters, digits and hyphens.' };
  if (folder !== null && provider !== ON_THIS_MACHINE)
    return { part: 'folder', message: `A folder belongs to a log on this machine, not to one in ${provider}.` };
  if (folder !== null && !isAbsolute(folder)) return { part: 'folder', message: 'Use an absolute path.' };
  // A part of dots only would be a way out of the folder on this machine.
  if (!/^(?=.{1,200}$)(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(prefix))
    return {
      part: 'prefix',
      message: 'Use names of letters, digits, dots, hyphens and underscores, with single slashes between them.',
    };
  return null;
}

function listOf(text: string | undefined): string[] | null {
  if (!text) return null;
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
