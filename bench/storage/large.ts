/** One large file from the disk to the store and back: through the S3 provider, through the SDK, by rclone. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { program } from '../../e2e/servers/programs.mjs';
import { ROOT_CREDENTIALS } from '../../e2e/servers/versitygw.ts';
import type { Row } from '../report.ts';
import { atLeast, BUCKET, beside, type Ground, inTurns, millisecondsOf, SDK, size } from './ground.ts';

const BYTES = 2 ** 30;
const ROUNDS = 5;
const WITHIN_MS = 60_000;

type Side = (key: string, file: string) => Promise<unknown>;

export async function largeRows({ server, sides, folder, scale, note }: Ground): Promise<Row[]> {
  const bytes = Math.ceil(BYTES * scale);
  const file = join(folder, 'large');
  fill(file, bytes);
  const { ours, sdk } = sides;
  const copy = await rcloneFor(server.url);
  const up: Record<string, Side> = {
    ours: (key) => ours.put(key, createReadStream(file), { sizeBytes: bytes }),
    sdk: (key) =>
      new Upload({ client: sdk, params: { Bucket: BUCKET, Key: key, Body: createReadStream(file) } }).done(),
    ...(copy ? { rclone: (key: string) => copy(file, `bench:${BUCKET}/${key}`) } : {}),
  };
  const down: Record<string, Side> = {
    ours: async (key, target) => pipeline((await ours.get(key)).body, createWriteStream(target)),
    async sdk(key, target) {
      const { Body } = await sdk.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      if (!(Body instanceof Readable)) throw new Error('no stream');
      await pipeline(Body, createWriteStream(target));
    },
    ...(copy ? { rclone: (key: string, target: string) => copy(`bench:${BUCKET}/${key}`, target) } : {}),
  };
  const inMiB = (sidesOf: Record<string, Side>, before: (key: string, target: string) => Promise<unknown>) =>
    inTurns({
      rounds: ROUNDS,
      withinMs: WITHIN_MS,
      note,
      sides: Object.fromEntries(
        Object.entries(sidesOf).map(([name, work]) => [
          name,
          async () => {
            const [key, target] = [`large/${name}`, join(folder, `got-${name}`)];
            await before(key, target);
            return bytes / 2 ** 20 / ((await millisecondsOf(() => work(key, target))) / 1000);
          },
        ]),
      ),
    });
  const sent = await inMiB(up, (key) => ours.delete(key));
  const got = await inMiB(down, async (_, target) => {
    if (statSync(target, { throwIfNoEntry: false })) rmSync(target);
  });
  for (const name of Object.keys(down)) {
    if (statSync(join(folder, `got-${name}`)).size !== bytes) throw new Error(`${name} did not bring all of it`);
    rmSync(join(folder, `got-${name}`));
    await ours.delete(`large/${name}`);
  }
  rmSync(file);
  return [...rowsOf(`${size(bytes)} up`, sent, 'lib-storage'), ...rowsOf(`${size(bytes)} down`, got, 'GetObject')];
}

function rowsOf(measure: string, { ours = [], sdk = [], rclone }: Record<string, number[]>, by: string): Row[] {
  const row = (peerName: string, peer: number[], part: number) =>
    beside(measure, { ours, peer, peerName, unit: 'MiB/s' }, atLeast(part));
  return [row(`${SDK}, ${by}`, sdk, 0.95), ...(rclone ? [row('rclone 1.76.0', rclone, 1)] : [])];
}

/** Bytes that nothing can shorten. */
function fill(file: string, bytes: number): void {
  const block = randomBytes(Math.min(bytes, 8 * 2 ** 20));
  const fd = openSync(file, 'w');
  for (let at = 0; at < bytes; ) at += writeSync(fd, block, 0, Math.min(block.length, bytes - at));
  closeSync(fd);
}

/** Copies one file by rclone with its own defaults; null where it cannot be made, which the table then shows. */
async function rcloneFor(endpoint: string): Promise<((from: string, to: string) => Promise<unknown>) | null> {
  const bin = await program('rclone').catch(() => null);
  if (bin === null) return null;
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'production',
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_BENCH_TYPE: 's3',
    RCLONE_CONFIG_BENCH_PROVIDER: 'Other',
    RCLONE_CONFIG_BENCH_REGION: 'us-east-1',
    RCLONE_CONFIG_BENCH_ENDPOINT: endpoint,
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId,
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey,
  };
  const run = promisify(execFile);
  return (from, to) => run(join(bin, 'rclone'), ['copyto', '--s3-no-check-bucket', from, to], { env });
}
