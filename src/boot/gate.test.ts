/**
 * Nothing leaves early: with a durability that is held back, no answer of any route, no message of the live stream and no outside
 * effect may come before it is released. Each route of the table is asked while a write waits; all must stay silent.
 */
import { request } from 'node:http';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heldBack } from '../../prisma-free-db/durability.ts';
import { Unavailable } from '../../prisma-free-db/replication/errors.ts';
import { appRouter } from '../api/root.ts';
import type { StorageId } from '../domain/ids.ts';
import { mintSignInLink } from '../services/auth/links.ts';
import { eventually, openTestBed, type TestBed } from './test-bed.ts';

const SILENCE_MS = 120;
/** How far the log is behind is what an administrator wants to see just then. */
const LOG_STATUS = 'admin.database.status';

describe('the gate', () => {
  let bed: TestBed;
  let durability: ReturnType<typeof heldBack>;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  beforeEach(async () => {
    durability = heldBack();
    bed = await openTestBed({ durability: () => durability });
    person = await bed.signIn('ada');
    await eventually(async () => (await person.api.storages.list())[0]?.status === 'active');
  });
  afterEach(async () => {
    durability.release();
    await bed.close();
  });

  /** A committed write that is not durable. */
  function writeSomething(): void {
    durability.hold();
    const { deps } = bed.container;
    deps.db.write(() => deps.records.setSetting('probe', Math.random()));
    expect(deps.db.settled).toBe(false);
  }

  function call(
    method: string,
    path: string,
    options: { body?: string; cookie?: string } = {},
  ): { answered: () => boolean; status: Promise<number> } {
    let answered = false;
    const status = new Promise<number>((resolve, reject) => {
      const req = request({
        host: '127.0.0.1',
        port: bed.port,
        method,
        path,
        headers: {
          host: `localhost:${bed.port}`,
          cookie: options.cookie ?? person.cookie,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/json',
        },
      });
      req.on('response', (res) => {
        answered = true;
        res.resume();
        resolve(res.statusCode ?? 0);
      });
      req.on('error', reject);
      req.end(options.body);
    });
    return { answered: () => answered, status };
  }

  const silence = () => new Promise((resolve) => setTimeout(resolve, SILENCE_MS));

  it('holds back every query, mutation, file route, redirect, page and sign-in', async () => {
    const { deps } = bed.container;
    const storage = deps.storages.listOwned(person.userId)[0]?.id as StorageId;
    const bucket = deps.storageOf('memory').bucket(deps.storages.find(storage)?.bucket ?? '');
    await bucket.put('a.txt', Buffer.from('hello'));
    const launched = await person.api.environments.launch({
      clientKey: 'key-00001',
      applicationId: deps.applications.findBySlug('terminal')?.id as never,
      name: 'Lab',
      size: { cpuMillicores: 500, memoryMiB: 512, gpus: 0 },
      storage: { kind: 'automatic' },
    });
    await eventually(() => deps.environments.find(launched.id)?.phase === 'running');
    const link = await mintSignInLink(deps, null);
    const secret = link.url.split('#link=')[1];

    writeSomething();
    const procedures = Object.entries(
      appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
    ).filter(([name, { _def }]) => _def.type !== 'subscription' && name !== LOG_STATUS);
    expect(procedures.length).toBeGreaterThan(20);
    const status = call('GET', `/api/trpc/${LOG_STATUS}`);
    const calls = [
      // Refused or not, an answer may have read the undurable row: all must wait.
      ...procedures.map(([name, { _def }]) =>
        _def.type === 'query'
          ? call('GET', `/api/trpc/${name}?input=${encodeURIComponent(JSON.stringify({ id: launched.id, from: 0 }))}`)
          : call('POST', `/api/trpc/${name}`, { body: JSON.stringify({}) }),
      ),
      call('GET', `/api/storages/${storage}/objects?key=a.txt`),
      call('HEAD', `/api/storages/${storage}/objects?key=a.txt`),
      call('PUT', `/api/storages/${storage}/objects?key=b.txt`, { body: 'x' }),
      call('GET', `/open/${launched.id}`),
      call('POST', '/api/auth/link', { body: JSON.stringify({ secret }) }),
      call('POST', '/api/auth/sign-out', { cookie: 'cmbcluster_session=none' }),
      call('POST', '/api/control/link', { body: '{}' }),
      call('GET', '/some/page'),
      // Addresses that begin like static files and lead to a page.
      call('GET', '/_next/static/../../some/page'),
      call('GET', '/_next/static/%2e%2e/%2e%2e/some/page'),
      call('GET', '/_next/static/..%2f..%2fsome/page'),
      call('GET', '/_next/static/..\\..\\some\\page'),
      call('GET', '/api/unknown'),
    ];
    const free = ['/healthz', '/readyz', '/_next/static/x.js'].map((path) => call('GET', path));
    await eventually(() => [status, ...free].every(({ answered }) => answered()));
    await silence();
    expect(calls.filter(({ answered }) => answered())).toHaveLength(0);
    durability.release();
    const statuses = await Promise.all(calls.map(({ status }) => status));
    expect(statuses.every((status) => status >= 200 && status < 600)).toBe(true);
  });

  it('runs no outside effect before the row that orders it is durable', async () => {
    const { deps } = bed.container;
    durability.hold();
    const launched = await person.api.environments.launch({
      clientKey: 'key-00002',
      applicationId: deps.applications.findBySlug('terminal')?.id as never,
      name: 'Lab',
      size: { cpuMillicores: 500, memoryMiB: 512, gpus: 0 },
      storage: { kind: 'new', displayName: 'Second' },
    });
    await silence();
    expect(await deps.spawnerOf('memory').list()).toEqual([]);
    expect(await deps.storageOf('memory').listBuckets()).toHaveLength(1);
    durability.release();
    await eventually(() => deps.environments.find(launched.id)?.phase === 'running');
    expect(await deps.storageOf('memory').listBuckets()).toHaveLength(2);
  });

  it('holds back messages of the live stream', async () => {
    const messages: unknown[] = [];
    const url = `http://localhost:${bed.port}/api/trpc/live.watch?input=${encodeURIComponent(JSON.stringify({}))}`;
    const stream = new EventSource(url, {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, cookie: person.cookie, 'sec-fetch-site': 'same-origin' } }),
    });
    stream.addEventListener('message', (event) => messages.push(JSON.parse(event.data)));
    try {
      await eventually(() => messages.length > 0);
      durability.hold();
      const before = messages.length;
      await person.api.storages.create({ displayName: 'Second' });
      await silence();
      expect(messages).toHaveLength(before);
      durability.release();
      await eventually(() => messages.length > before);
    } finally {
      stream.close();
    }
  });

  it('answers 503, and nothing of what was to be said, when the change does not become durable', async () => {
    writeSomething();
    const url = `http://127.0.0.1:${bed.port}/api/trpc/profile.me`;
    const headers = { cookie: person.cookie, 'sec-fetch-site': 'same-origin' };
    const asked = [fetch(url, { headers }), fetch(url, { headers: { ...headers, accept: 'text/html' } })];
    await silence();
    durability.fail(new Error('the log is gone'));
    const [program, reader] = await Promise.all(asked);
    for (const answer of [program, reader])
      expect([answer?.status, answer?.headers.get('retry-after')]).toEqual([503, '3']);
    expect(await program?.json()).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('may have been'),
    });
    expect(await reader?.text()).toContain('<h1>Not confirmed in time</h1>');
  });

  it('refuses a change that could not be stored, before it is made, with the time to try again', async () => {
    let refusing = true;
    Object.assign(durability, {
      admit() {
        if (refusing) throw new Unavailable('The store of the database does not answer.', 7);
      },
    });
    const answer = await fetch(`http://127.0.0.1:${bed.port}/api/trpc/storages.create`, {
      method: 'POST',
      body: JSON.stringify({ displayName: 'Second' }),
      headers: { cookie: person.cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await person.api.storages.list()).toHaveLength(1);
    refusing = false;
  });

  it('breaks off an answer that has begun', async () => {
    const stream = await fetch(`http://localhost:${bed.port}/api/trpc/live.watch?input=%7B%7D`, {
      headers: { cookie: person.cookie, 'sec-fetch-site': 'same-origin', accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    const text = stream.text();
    durability.hold();
    void person.api.storages.create({ displayName: 'Second' }).catch(() => undefined);
    await silence();
    durability.fail(new Error('the log is gone'));
    await expect(text).rejects.toThrow();
  });
});
