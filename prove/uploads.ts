/**
 * Ten gigabytes go up in parts over HTTP to the built server, which is ended by kill -9 at random moments, and come down again:
 * the parts that a new server tells of are not sent twice, the file is whole, and the server's memory does not grow with it. The
 * bytes are made from their place in the file, so that no disk holds them but the store's.
 */
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { residentOf, until } from '../bench/process.ts';
import { type BenchServer, newDataFolder, startServer } from '../bench/server.ts';

/** CMBCLUSTER_PROVE_BYTES makes it smaller, for work on the proof. */
const BYTES = Number(process.env.CMBCLUSTER_PROVE_BYTES ?? 10 * 2 ** 30);
const AT_ONCE = 4;
const MAX_GROWTH_MIB = 128;
const SAMPLE_MS = 100;
const WORD = 8;
const BLOCK = 256 * 1024;

interface Upload {
  uploadId: string;
  partSizeBytes: number;
}

/** @returns what did not hold; empty = all did */
export async function prove({ kills }: { kills: number }): Promise<string[]> {
  const dataDir = newDataFolder();
  const begun = performance.now();
  const broken: string[] = [];
  let server = await startServer({ dataDir });
  try {
    const id = await readyStorage(server);
    const upload = await server.mutate<Upload>('uploads.start', { id, key: 'large', sizeBytes: BYTES, replace: false });
    const count = Math.ceil(BYTES / upload.partSizeBytes);
    // Where in the course of the file each kill falls.
    const deaths = Array.from({ length: kills }, () => Math.random() * count).sort((a, b) => a - b);
    const stored = async (): Promise<Set<number>> => {
      const list = await server.query<{ number: number }[]>('uploads.parts', { id, uploadId: upload.uploadId });
      return new Set(list.map(({ number }) => number));
    };
    let there = new Set<number>();
    let sent = 0;
    let growth = 0;
    while (there.size < count) {
      const { port, pid, cookie } = server;
      const rest = residentOf(pid);
      const watch = setInterval(() => {
        growth = Math.max(growth, residentOf(pid) - rest);
      }, SAMPLE_MS);
      const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !there.has(number));
      const done = new Set(there);
      let killed = false;
      const lane = async () => {
        for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
          const start = (number - 1) * upload.partSizeBytes;
          const bytes = Math.min(upload.partSizeBytes, BYTES - start);
          const path = `/api/storages/${id}/uploads/${upload.uploadId}/${number}`;
          await sendPart({ port, cookie, path }, start, bytes);
          done.add(number);
          sent += 1;
          if (!killed && deaths[0] !== undefined && done.size >= deaths[0]) {
            deaths.shift();
            killed = true;
            clearInterval(watch);
            process.kill(pid, 'SIGKILL');
          }
        }
      };
      const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
      clearInterval(watch);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) {
        if (!killed) throw failed.reason;
        await until(async () => !alive(pid), 30_000);
        server = await startServer({ dataDir });
      }
      there = await stored();
      const lost = [...done].filter((number) => !there.has(number));
      if (lost.length > 0) broken.push(`parts ${lost} were acknowledged and are gone`);
      process.stderr.write(`${there.size} of ${count} parts, ${kills - deaths.length} kills\n`);
    }
    await server.mutate('uploads.complete', { id, uploadId: upload.uploadId });
    broken.push(...(await readBack(server, id)));
    if (growth > MAX_GROWTH_MIB) broken.push(`the server's memory grew by ${Math.round(growth)} MiB`);
    const seconds = Math.round((performance.now() - begun) / 1000);
    process.stderr.write(
      `${(BYTES / 1e9).toFixed(1)} GB in ${count} parts, ${sent} sent, ${seconds} s, memory grew by ${Math.round(growth)} MiB at most\n`,
    );
    return broken;
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function readyStorage(server: BenchServer): Promise<string> {
  const list = () => server.query<{ id: string; status: string }[]>('storages.list');
  await until(async () => (await list())[0]?.status === 'active', 30_000);
  return (await list())[0]?.id ?? '';
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Each eight bytes of the file are the number of their place: nothing can change places unseen. */
function* content(start: number, bytes: number): Generator<Buffer> {
  for (let at = start; at < start + bytes; at += BLOCK) {
    const block = Buffer.alloc(Math.min(BLOCK, start + bytes - at));
    for (let word = 0; word + WORD <= block.length; word += 512) block.writeDoubleLE(at + word, word);
    yield block;
  }
}

interface To {
  port: number;
  cookie: string;
  path: string;
}

function requestTo({ port, cookie, path }: To, method: string, length?: number) {
  const headers = { host: `localhost:${port}`, cookie, 'sec-fetch-site': 'same-origin' };
  const own = length === undefined ? {} : { 'content-length': length };
  return request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...own }, agent: false });
}

async function sendPart(to: To, start: number, bytes: number): Promise<void> {
  const req = requestTo(to, 'PUT', bytes);
  const status = new Promise<number>((resolve, reject) => {
    req.once('response', (answer) => {
      answer.on('error', () => {}).resume();
      resolve(answer.statusCode ?? 0);
    });
    req.on('error', reject);
    req.once('close', () => reject(new Error('the connection ended')));
    req.once('socket', (socket) => socket.on('error', reject));
  });
  status.catch(() => {});
  await pipeline(Readable.from(content(start, bytes)), req);
  if ((await status) !== 200) throw new Error(`a part was answered with ${await status}`);
}

async function readBack({ port, cookie }: BenchServer, id: string): Promise<string[]> {
  const req = requestTo({ port, cookie, path: `/api/storages/${id}/objects?key=large&via=server` }, 'GET');
  const expected = content(0, BYTES);
  let block: Buffer = Buffer.alloc(0);
  let at = 0;
  const answer = await new Promise<Readable>((resolve, reject) =>
    req.once('response', resolve).on('error', reject).end(),
  );
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    for (let seen = 0; seen < chunk.length; ) {
      if (block.length === 0) block = expected.next().value ?? Buffer.alloc(0);
      const same = Math.min(block.length, chunk.length - seen);
      if (same === 0 || block.compare(chunk, seen, seen + same, 0, same) !== 0) return [`it differs near byte ${at}`];
      block = block.subarray(same);
      seen += same;
      at += same;
    }
  }
  return at === BYTES ? [] : [`${at} of ${BYTES} bytes came back`];
}
