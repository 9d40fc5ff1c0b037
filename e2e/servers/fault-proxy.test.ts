/** The proxy itself: each fault is what it says, on both sides of it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FAULT_KINDS, type Fault, type SeenRequest, seededPlan } from './fault-plan.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const SENT = Buffer.alloc(100_000, 'up');
const STORED = Buffer.alloc(300_000, 'down');

interface Arrival {
  method: string;
  body: Buffer;
  whole: boolean;
}

let arrivals: Arrival[] = [];
const origin = createServer(async (incoming, reply) => {
  const chunks: Buffer[] = [];
  const keep = (whole: boolean) => {
    arrivals.push({ method: incoming.method ?? '', body: Buffer.concat(chunks), whole });
  };
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('error', () => keep(false));
  incoming.on('end', () => {
    keep(true);
    const status = arrivals.length > 1 && incoming.url === '/once' ? 412 : 200;
    reply.writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': STORED.length });
    reply.end(STORED);
  });
});
let proxy: FaultProxy;

beforeAll(async () => {
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const address = origin.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await startFaultProxy(address);
});
afterAll(async () => {
  await proxy.close();
  origin.close();
});
beforeEach(() => {
  arrivals = [];
});

interface Seen {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Code of the error that ended it; null = it ended well. */
  broken: string | null;
  ms: number;
}

function ask(fault: Fault | null, { method = 'PUT', path = '/', body = SENT } = {}): Promise<Seen> {
  proxy.setPlan(() => fault);
  const begun = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const end = (broken: string | null, answer?: IncomingMessage) =>
      resolve({
        status: answer?.statusCode ?? 0,
        headers: answer?.headers ?? {},
        body: Buffer.concat(chunks),
        broken,
        ms: performance.now() - begun,
      });
    const req = request({ host: '127.0.0.1', port: proxy.port, method, path, agent: false }, (answer) => {
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => end(null, answer));
      answer.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'broken', answer));
    });
    req.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'broken'));
    req.setHeader('content-length', body.length);
    req.end(body);
  });
}

const differing = (a: Buffer, b: Buffer) => a.reduce((count, byte, i) => count + (byte === b[i] ? 0 : 1), 0);
const allArrived = () => expect.poll(() => arrivals.length, { timeout: 5_000 });

test('without a fault everything passes as it is', async () => {
  const seen = await ask(null);
  expect([seen.status, seen.broken]).toEqual([200, null]);
  expect(seen.body.equals(STORED)).toBe(true);
  expect(arrivals[0]?.body.equals(SENT)).toBe(true);
});

test('a delay, then the answer', async () => {
  const seen = await ask({ kind: 'delay', ms: 120 });
  expect(seen.ms).toBeGreaterThan(110);
  expect(seen.body.length).toBe(STORED.length);
});

test('a reset before the request: the server saw nothing', async () => {
  const seen = await ask({ kind: 'reset-before' });
  expect(seen.broken).toMatch(/ECONNRESET|EPIPE/);
  expect(arrivals).toEqual([]);
});

test('a reset on the way up: the server saw a part', async () => {
  const seen = await ask({ kind: 'reset-up', part: 0.6 });
  expect(seen.broken).toMatch(/ECONNRESET|EPIPE/);
  await allArrived().toBe(1);
  expect(arrivals[0]?.whole).toBe(false);
  expect(arrivals[0]?.body.length).toBeLessThan(SENT.length);
});

test('a reset on the way down: the server saw everything, the client a part or nothing', async () => {
  const seen = await ask({ kind: 'reset-down', part: 0.5 });
  expect(seen.broken).toMatch(/ECONNRESET/);
  expect(seen.body.length).toBeLessThanOrEqual(STORED.length / 2);
  expect(arrivals[0]?.whole).toBe(true);
  expect((await ask({ kind: 'reset-down', part: 0 })).status).toBe(0);
});

test('a truncated answer: less than was announced, and a quiet end', async () => {
  const seen = await ask({ kind: 'truncate', part: 0.5 });
  expect(seen.headers['content-length']).toBe(String(STORED.length));
  expect(seen.body.length).toBe(STORED.length / 2);
  expect(arrivals[0]?.whole).toBe(true);
});

test('an answer from somebody on the way, before or after the server did its work', async () => {
  const before = await ask({ kind: 'status', status: 503, retryAfterSeconds: 2, applied: false });
  expect([before.status, before.headers['retry-after'], arrivals.length]).toEqual([503, '2', 0]);
  const after = await ask({ kind: 'status', status: 500, retryAfterSeconds: null, applied: true });
  expect([after.status, arrivals.length]).toEqual([500, 1]);
});

test('a request that is delivered twice', async () => {
  expect((await ask({ kind: 'duplicate', answer: 'first' }, { path: '/once' })).status).toBe(200);
  expect(arrivals.map(({ body }) => body.equals(SENT))).toEqual([true, true]);
  arrivals = [];
  expect((await ask({ kind: 'duplicate', answer: 'last' }, { path: '/once' })).status).toBe(412);
});

test('a flipped bit, up and down', async () => {
  const up = await ask({ kind: 'flip-up', part: 0.7 });
  expect([up.status, differing(arrivals[0]?.body ?? Buffer.alloc(0), SENT)]).toEqual([200, 1]);
  const down = await ask({ kind: 'flip-down', part: 0.7 }, { method: 'GET', body: Buffer.alloc(0) });
  expect([down.body.length, differing(down.body, STORED)]).toEqual([STORED.length, 1]);
});

test('a seeded plan gives the same faults in any order of requests, every kind, at its rate', () => {
  const requests = Array.from(
    { length: 4_000 },
    (_, i): SeenRequest => ({
      method: i % 3 === 0 ? 'GET' : 'PUT',
      path: `/bucket/${i % 50}`,
      query: [],
      occurrence: Math.floor(i / 50) + 1,
      bodyBytes: i % 3 === 0 ? 0 : 10_000,
      bodyType: 'application/octet-stream',
      ranged: false,
      headers: {},
    }),
  );
  const first = seededPlan({ seed: 7, rate: 0.25 });
  const faults = requests.map(first);
  const again = seededPlan({ seed: 7, rate: 0.25 });
  expect([...requests].reverse().map(again).reverse()).toEqual(faults);
  expect(requests.map(seededPlan({ seed: 8, rate: 0.25 }))).not.toEqual(faults);
  const met = faults.filter((fault) => fault !== null);
  expect(met.length / requests.length).toBeCloseTo(0.25, 1);
  expect(new Set(met.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
});

test('a plan flips nothing that no checksum covers', () => {
  const plan = seededPlan({ seed: 1, rate: 1, kinds: ['flip-up', 'flip-down'] });
  const request: SeenRequest = {
    method: 'PUT',
    path: '/',
    query: [],
    occurrence: 1,
    bodyBytes: 10_000,
    bodyType: 'application/xml',
    ranged: false,
    headers: {},
  };
  expect(plan(request)).toBeNull();
  expect(plan({ ...request, bodyType: '' })?.kind).toBe('flip-up');
  expect(plan({ ...request, bodyBytes: 100, bodyType: '' })).toBeNull();
  expect(plan({ ...request, method: 'GET', bodyBytes: 0, ranged: true })).toBeNull();
});
