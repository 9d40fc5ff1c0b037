import { describe, expect, it } from 'vitest';
import { checkConfig } from '../check-config.ts';
import { ConfigError, type Env, readConfig } from '../config.ts';
import { encryptionKeys } from './encryption-keys.ts';

const KEY = 'k'.repeat(32);
const OTHER = 'o'.repeat(32);

function problemsOf(env: Env): { variable: string; message: string }[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

describe('DATABASE_* settings', () => {
  it('need nothing: a bucket of this machine, not encrypted, a week back', () => {
    expect(readConfig({}).database).toEqual({
      place: { provider: 'local', bucket: 'database', folder: null, prefix: 'control' },
      placeIsNamed: false,
      secrets: [],
      retentionMs: 7 * 86_400_000,
      leaseMs: 6_000,
    });
  });

  it('stay on this machine while no bucket is named, wherever people’s files are', () => {
    const { place, placeIsNamed } = readConfig({ STORAGE_PROVIDER: 'memory' }).database;
    expect({ provider: place.provider, placeIsNamed }).toEqual({ provider: 'local', placeIsNamed: false });
  });

  it('name a bucket of the storage, or of another one', () => {
    const env = { STORAGE_PROVIDER: 'memory', DATABASE_BUCKET: 'the-log', SECRET_KEY: KEY };
    expect(readConfig(env).database).toMatchObject({
      place: { provider: 'memory', bucket: 'the-log', prefix: 'control' },
      placeIsNamed: true,
      secrets: [KEY],
    });
    const place = readConfig({ ...env, DATABASE_STORAGE: 'other', DATABASE_PREFIX: 'a/b' }).database.place;
    expect(place).toMatchObject({ provider: 'other', prefix: 'a/b' });
    expect(readConfig({ STORAGE_PROVIDER: 'memory', DATABASE_FOLDER: '/mnt/log' }).database.place).toMatchObject({
      provider: 'local',
      folder: '/mnt/log',
    });
  });

  it('take keys of their own before SECRET_KEY', () => {
    const env = { SECRET_KEY: KEY, DATABASE_ENCRYPTION_KEYS: `${OTHER}, ${KEY}` };
    expect(readConfig(env).database.secrets).toEqual([OTHER, KEY]);
    expect(readConfig({ SECRET_KEY: KEY }).database.secrets).toEqual([KEY]);
  });

  it.each<[string, Env, RegExp]>([
    ['DATABASE_BUCKET', { DATABASE_BUCKET: 'My_Bucket', SECRET_KEY: KEY }, /3 to 63 lower-case/],
    ['DATABASE_BUCKET', { DATABASE_STORAGE: 'memory' }, /Name the bucket of memory/],
    ['DATABASE_STORAGE', { DATABASE_STORAGE: '../x', DATABASE_BUCKET: 'abc', SECRET_KEY: KEY }, /name of a provider/],
    ['DATABASE_FOLDER', { DATABASE_FOLDER: 'relative' }, /absolute path/],
    [
      'DATABASE_FOLDER',
      { DATABASE_FOLDER: '/x', DATABASE_STORAGE: 'memory', DATABASE_BUCKET: 'abc', SECRET_KEY: KEY },
      /on this machine/,
    ],
    ['DATABASE_PREFIX', { DATABASE_PREFIX: '/x' }, /single slashes/],
    ['DATABASE_PREFIX', { DATABASE_PREFIX: 'a/../../b' }, /single slashes/],
    ['DATABASE_PREFIX', { DATABASE_PREFIX: 'a//b' }, /single slashes/],
    ['DATABASE_ENCRYPTION_KEYS', { DATABASE_ENCRYPTION_KEYS: 'short' }, /at least 32 characters/],
    ['DATABASE_ENCRYPTION_KEYS', { DATABASE_ENCRYPTION_KEYS: ',' }, /at least 32 characters/],
    ['DATABASE_RETENTION_DAYS', { DATABASE_RETENTION_DAYS: '366' }, /from 0 to 365/],
    ['DATABASE_LEASE_SECONDS', { DATABASE_LEASE_SECONDS: '5' }, /from 6 to 10/],
    ['DATABASE_LEASE_SECONDS', { DATABASE_LEASE_SECONDS: '1e1' }, /from 6 to 10/],
    ['SECRET_KEY', { STORAGE_PROVIDER: 'memory', DATABASE_BUCKET: 'abc' }, /must outlive the machine/],
  ])('refuse a wrong %s: %j', (variable, env, message) => {
    expect(problemsOf(env)).toEqual([{ variable, message: expect.stringMatching(message) }]);
  });

  it('are told with the other problems of a start', () => {
    const variables = problemsOf({ PORT: 'x', DATABASE_LEASE_SECONDS: 'soon' }).map(({ variable }) => variable);
    expect(variables.sort()).toEqual(['DATABASE_LEASE_SECONDS', 'PORT']);
  });
});

it('the provider of the log is checked as the others are', async () => {
  const env = { DATABASE_STORAGE: 'floppy', DATABASE_BUCKET: 'abc', SECRET_KEY: KEY };
  await expect(checkConfig(env)).rejects.toMatchObject({
    problems: [{ variable: 'DATABASE_STORAGE', message: expect.stringMatching(/Known ones/) }],
  });
});

describe('the encryption keys', () => {
  it('depend on their secret alone, not on its place', () => {
    const [first, second] = encryptionKeys([KEY, OTHER]);
    expect(encryptionKeys([OTHER, KEY])).toEqual([second, first]);
    expect(first?.secret).toHaveLength(32);
    expect(first?.id).not.toBe(second?.id);
    expect(first?.secret).not.toEqual(second?.secret);
  });
});
