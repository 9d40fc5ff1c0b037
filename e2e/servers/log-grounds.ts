/** Real servers as the place of the database's log, opened by the variables that a deployment would set. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Env, readConfig } from '../../src/boot/config.ts';
import { type DatabaseLog, openLogBucket } from '../../src/boot/database/open-log.ts';
import { startFakeGcs } from './fake-gcs.ts';
import { MOTO_CREDENTIALS, startMoto } from './moto.ts';
import { startRacyProxy } from './racy-proxy.ts';
import type { RunningServer } from './server.ts';
import { startStrictGcs } from './strict-gcs/server.ts';
import { type Credentials, ROOT_CREDENTIALS, startVersitygw } from './versitygw.ts';

export interface LogGround {
  /** What a deployment would set; the bucket exists. */
  readonly env: Env;
  /** The caller closes it. */
  open(variables?: Env): Promise<DatabaseLog>;
  stop(): Promise<void>;
}

const SECRET_KEY = 'the secret of the tests is long enough';
const quiet = { info() {}, warn() {}, error() {} };

/** Servers that hold a log. */
export const LOG_GROUNDS: readonly { name: string; start: () => Promise<LogGround> }[] = [
  { name: 'S3 (versitygw)', start: async () => onS3(await startVersitygw(), ROOT_CREDENTIALS) },
  { name: 'GCS (fake-gcs-server)', start: onFakeGcs },
  { name: 'GCS (strict fake)', start: onStrictGcs },
];

/** Keeps every setting of a bucket; now and then one of its races has two winners, so it is for the doctor's eyes alone. */
export async function motoGround(): Promise<LogGround & { url: string }> {
  const server = await startMoto();
  return { ...(await onS3(server, MOTO_CREDENTIALS)), url: server.url };
}

/** A store whose races have several winners: no place for a log. */
export async function racyGround(): Promise<LogGround> {
  const server = await startFakeGcs();
  const proxy = await startRacyProxy(server);
  return ground({ STORAGE_PROVIDER: 'gcp', PROJECT_ID: 'fake-project', GCS_ENDPOINT: proxy.url }, async () => {
    await proxy.close();
    await server.stop();
  });
}

function onS3(server: RunningServer, { accessKeyId, secretAccessKey }: Credentials): Promise<LogGround> {
  return ground(
    {
      ...{ STORAGE_PROVIDER: 'aws', AWS_REGION: 'us-east-1', S3_ENDPOINT: server.url },
      ...{ S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey },
    },
    () => server.stop(),
  );
}

async function onFakeGcs(): Promise<LogGround> {
  const server = await startFakeGcs();
  return ground({ STORAGE_PROVIDER: 'gcp', PROJECT_ID: 'fake-project', GCS_ENDPOINT: server.url }, () => server.stop());
}

async function onStrictGcs(): Promise<LogGround> {
  const fake = await startStrictGcs();
  const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-log-gcs-'));
  const keyFile = join(folder, 'key.json');
  writeFileSync(keyFile, fake.keyFile);
  const gcs = { PROJECT_ID: 'strict-fake', GCS_ENDPOINT: fake.url, GCS_CREDENTIALS_FILE: keyFile };
  return ground({ STORAGE_PROVIDER: 'gcp', ...gcs }, async () => {
    await fake.stop();
    rmSync(folder, { recursive: true });
  });
}

async function ground(server: Env, stop: () => Promise<void>): Promise<LogGround> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cmbcluster-log-'));
  const env = { CMBCLUSTER_DATA: dataDir, SECRET_KEY, DATABASE_BUCKET: 'the-log', ...server };
  const open = (variables: Env = {}) => {
    const all = { ...env, ...variables };
    return openLogBucket(readConfig(all), { env: all, log: quiet, now: Date.now });
  };
  const first = await open();
  await first.storage.createBucket('the-log', { labels: {} });
  await first.close();
  return {
    env,
    open,
    async stop() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
