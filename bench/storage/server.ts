/**
 * Large files through the built server: its memory while four of them pass at once, each way, and how soon the zip of a folder
 * begins. The client makes the bytes and throws them away, so that only server and store use the disk.
 */
import { linkSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ROOT_CREDENTIALS } from '../../e2e/servers/versitygw.ts';
import { residentOf, until } from '../process.ts';
import { median, type Row } from '../report.ts';
import { type BenchServer, startServer } from '../server.ts';
import { type Ground, size } from './ground.ts';

const FILES = 4;
const BYTES = 2 * 2 ** 30;
const MAX_GROWTH_MIB = 64;
const SAMPLE_MS = 50;
const SMALL_BYTES = 64 * 1024;
const SETTLE_MS = 2_000;
const ZIP_ROUNDS = 9;
const ZIP_FILES = 1_000;
const ZIP_GOAL_MS = 200;

export async function serverRows({ server: store, scale, note }: Ground): Promise<Row[]> {
  const server = await startServer({
    env: {
      STORAGE_PROVIDER: 'aws',
      AWS_REGION: 'us-east-1',
      S3_ENDPOINT: store.url,
      S3_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey,
    },
  });
  try {
    const { id, bucket } = await readyStorage(server);
    const files = filesOf(server, id);
    const zip = await zipMilliseconds(files, join(store.folder, 'data', bucket), Math.ceil(ZIP_FILES * scale));
    note('.');
    const bytes = Math.ceil(BYTES * scale);
    const names = Array.from({ length: FILES }, (_, index) => `large-${index}`);
    const all = (work: (name: string) => Promise<void>) => () => Promise.all(names.map(work));
    await all((name) => files.put(name, SMALL_BYTES))();
    await all((name) => files.get(name, SMALL_BYTES))();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const rest = residentOf(server.pid);
    const up = await peakDuring(
      server.pid,
      all((name) => files.put(name, bytes)),
    );
    note('.');
    const down = await peakDuring(
      server.pid,
      all((name) => files.get(name, bytes)),
    );
    note('.\n');
    const growth = (way: string, peak: { resident: number; seconds: number }): Row => ({
      measure: `server memory, ${FILES} × ${size(bytes)} ${way} at once`,
      ours: peak.resident - rest,
      peer: rest,
      peerName: `at rest; ${Math.round((FILES * bytes) / 2 ** 20 / peak.seconds)} MiB/s`,
      ratio: null,
      unit: 'MiB',
      goal: `grows ≤ ${MAX_GROWTH_MIB} MiB`,
      ok: peak.resident - rest <= MAX_GROWTH_MIB,
    });
    return [
      growth('up', up),
      growth('down', down),
      {
        measure: `first byte of the zip of ${Math.ceil(ZIP_FILES * scale).toLocaleString('en')} files`,
        ours: zip,
        peer: null,
        peerName: '',
        ratio: null,
        unit: 'ms',
        goal: `≤ ${ZIP_GOAL_MS} ms`,
        ok: zip <= ZIP_GOAL_MS,
      },
    ];
  } finally {
    await server.stop();
  }
}

async function readyStorage(server: BenchServer): Promise<{ id: string; bucket: string }> {
  const list = () => server.query<{ id: string; bucket: string; status: string }[]>('storages.list');
  await until(async () => (await list())[0]?.status === 'active', 30_000);
  const [storage] = await list();
  if (!storage) throw new Error('there is no storage');
  return storage;
}

interface Files {
  put(key: string, bytes: number): Promise<void>;
  get(key: string, bytes: number): Promise<void>;
  /** Milliseconds until the first byte. */
  zip(prefix: string): Promise<number>;
}

function filesOf(server: BenchServer, id: string): Files {
  const ask = (method: string, path: string, body?: Readable, bytes?: number): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const req = request({
        host: '127.0.0.1',
        port: server.port,
        method,
        path: `/api/storages/${id}/${path}`,
        headers: {
          host: `localhost:${server.port}`,
          cookie: server.cookie,
          'sec-fetch-site': 'same-origin',
          ...(bytes === undefined ? {} : { 'content-length': bytes }),
        },
        agent: false,
      });
      req.on('response', resolve).on('error', reject);
      if (body) pipeline(body, req).catch(reject);
      else req.end();
    });
  const good = async (answer: IncomingMessage): Promise<IncomingMessage> => {
    if (answer.statusCode === 200) return answer;
    throw new Error(`${answer.statusCode} ${Buffer.concat(await answer.toArray())}`);
  };
  return {
    async put(key, bytes) {
      const answer = await good(await ask('PUT', `objects?key=${key}`, Readable.from(sized(bytes)), bytes));
      answer.resume();
    },
    async get(key, bytes) {
      let got = 0;
      const count = new Writable({
        write(chunk: Buffer, _, done) {
          got += chunk.length;
          done();
        },
      });
      await pipeline(await good(await ask('GET', `objects?key=${key}&via=server`)), count);
      if (got !== bytes) throw new Error(`${got} of ${bytes} bytes came`);
    },
    async zip(prefix) {
      const begin = performance.now();
      const answer = await good(await ask('GET', `zip?prefix=${encodeURIComponent(prefix)}`));
      return new Promise((resolve, reject) => {
        answer.once('data', () => {
          resolve(performance.now() - begin);
          answer.destroy();
        });
        answer.once('error', reject);
      });
    },
  };
}

const BLOCK = Buffer.alloc(256 * 1024, 'a block of a large file ');

function* sized(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= BLOCK.length) yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
}

/** @param inStore the bucket's own folder: names of one file are objects */
async function zipMilliseconds(files: Files, inStore: string, count: number): Promise<number> {
  await files.put('zip/file-0', SMALL_BYTES);
  for (let index = 1; index < count; index += 1)
    linkSync(join(inStore, 'zip/file-0'), join(inStore, `zip/file-${index}`));
  await files.zip('zip/');
  const times: number[] = [];
  for (let round = 0; round < ZIP_ROUNDS; round += 1) times.push(await files.zip('zip/'));
  return median(times);
}

async function peakDuring(pid: number, work: () => Promise<unknown>): Promise<{ resident: number; seconds: number }> {
  const begin = performance.now();
  let resident = 0;
  const look = () => {
    resident = Math.max(resident, residentOf(pid));
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return { resident, seconds: (performance.now() - begin) / 1000 };
}
