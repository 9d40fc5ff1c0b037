import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ApiClient, linesOf } from './api-client.ts';
import { type Pacing, Reflector, type ReflectorChange } from './reflector.ts';
import { SELECTOR, type StubObject, TestApiServer } from './test-api-server.ts';

const PATH = '/api/v1/pods';
let server: TestApiServer;
let opened: Reflector<string>[];

beforeEach(async () => {
  server = new TestApiServer();
  opened = [];
  await server.listen();
});
afterEach(async () => {
  await Promise.all(opened.map((reflector) => reflector.close()));
  await server.close();
});

function open(
  pacing: Partial<Pacing> = {},
  {
    onChange,
    random = () => 0.5,
    client = server.client(),
  }: { onChange?: () => void; random?: () => number; client?: ApiClient } = {},
) {
  const changes: ReflectorChange<string>[] = [];
  const waits: number[] = [];
  const logged: string[] = [];
  const say = (message: string) => void logged.push(message);
  const reflector = new Reflector<string>({
    client,
    path: PATH,
    labelSelector: SELECTOR,
    keep: (object) => (object as StubObject).value,
    onChange(change) {
      changes.push(change);
      onChange?.();
    },
    log: { info: say, warn: say, error: say },
    now: Date.now,
    random,
    // Waits are noted, not waited for: a turn of the event loop stands for each.
    delay: async (ms) => {
      waits.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
    pacing,
  });
  opened.push(reflector);
  const copy = () => new Map([...reflector.keys()].map((key) => [key, reflector.get(key)]));
  return { reflector, changes, waits, logged, copy };
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 2 });
const converged = ({ copy }: ReturnType<typeof open>) => soon(() => expect(copy()).toEqual(server.state()));
const words = (changes: readonly ReflectorChange<string>[]) =>
  changes.map((change) => (change.kind === 'set' ? `${change.before ?? ''}>${change.value}` : `${change.before}>`));

describe('a copy', () => {
  test('is whole after the first list, page by page, and holds only what is ours', async () => {
    for (let i = 0; i < 25; i += 1) server.set(`p${i}`, String(i));
    server.set('other', 'x', { app: 'theirs' });
    const view = open({ pageSize: 10 });
    await view.reflector.start();
    expect(view.copy()).toEqual(server.state());
    expect(server.counts.lists).toBe(3);
    expect(view.reflector.status()).toMatchObject({ synced: true, objects: 25, lists: 1, failingSince: null });
    expect([...view.reflector.values()]).toHaveLength(25);
  });

  test('follows what is made, changed and removed, in order', async () => {
    server.set('a', '1');
    const view = open();
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    server.set('a', '2');
    server.set('b', 'ü🚀');
    server.remove('a');
    await converged(view);
    expect(words(view.changes)).toEqual(['>1', '1>2', '>ü🚀', '2>']);
    expect(server.requests.at(-1)?.get('allowWatchBookmarks')).toBe('true');
    expect(view.waits).toEqual([]);
  });

  test('tells of nothing twice', async () => {
    server.set('a', '1');
    const view = open({ resyncMs: 0 });
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    server.set('b', '2');
    await soon(() => expect(view.reflector.status().lists).toBeGreaterThan(1));
    await converged(view);
    expect(words(view.changes)).toEqual(['>1', '>2']);
  });

  test('goes on when a change cannot be worked in', async () => {
    const view = open(
      {},
      {
        onChange: () => {
          throw new Error('boom');
        },
      },
    );
    server.set('a', '1');
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    server.set('b', '2');
    await converged(view);
    expect(view.logged.filter((text) => /worked in/.test(text))).toHaveLength(2);
    expect(view.waits).toEqual([]);
  });
});

describe('a watch', () => {
  async function watching(pacing: Partial<Pacing> = {}) {
    server.set('a', '1');
    const view = open(pacing);
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    return view;
  }

  test.each(['broken', 'ended'] as const)('that is %s is taken up where it was: no list, nothing lost', async (how) => {
    const view = await watching();
    server.cut(how);
    server.set('b', '2');
    server.remove('a');
    await converged(view);
    expect(view.reflector.status().lists).toBe(1);
    expect(words(view.changes)).toEqual(['>1', '>2', '1>']);
  });

  test('moves on by bookmarks, so that forgotten history costs no list', async () => {
    const view = await watching();
    server.set('other', 'x', { app: 'theirs' });
    server.bookmark();
    await soon(() => expect(view.reflector.status().heardAt).not.toBeNull());
    server.set('b', '2');
    await converged(view);
    server.compact();
    server.cut();
    server.set('c', '3');
    await converged(view);
    expect(view.reflector.status().lists).toBe(1);
  });

  test('whose history is gone is followed by a list; what went by meanwhile is told', async () => {
    const view = await watching();
    server.set('b', '2');
    server.set('c', '3');
    await converged(view);
    server.cut();
    server.remove('a');
    server.set('a', 'anew');
    server.set('b', '2b');
    server.remove('c');
    server.set('d', '4');
    server.compact();
    await converged(view);
    expect(view.reflector.status().lists).toBe(2);
    expect(words(view.changes).slice(3).sort()).toEqual(['1>', '2>2b', '3>', '>4', '>anew'].sort());
    // Another one of the same name is another one.
    expect(words(view.changes).indexOf('1>')).toBeLessThan(words(view.changes).indexOf('>anew'));
    expect(view.logged.filter((text) => /properly/.test(text)).length).toBeLessThanOrEqual(1);
  });

  test('that falls silent is not trusted', async () => {
    const view = await watching({ silentMs: 60 });
    server.fallSilent();
    server.set('b', '2');
    await converged(view);
    expect(view.reflector.status()).toMatchObject({ lists: 1 });
    expect(view.reflector.status().watches).toBeGreaterThan(1);
    expect(view.waits).toEqual([]);
  });

  test('that tells nonsense is given up and everything listed', async () => {
    const nonsense: (object | string)[] = [
      'no json\n',
      { type: 'ADDED', object: { metadata: { name: 'x' } } },
      { type: 'ODD', object: { metadata: { resourceVersion: '5' } } },
      { type: 'ERROR', object: { code: 410 } },
    ];
    const view = await watching();
    for (const [index, line] of nonsense.entries()) {
      server.send(line);
      server.set(`n${index}`, 'x');
      await soon(() => expect(view.reflector.status().lists).toBe(index + 2));
      await soon(() => expect(server.open).toBe(1));
      await converged(view);
    }
  });

  test('that reports a fault is taken up again after a while', async () => {
    const view = await watching();
    server.send({ type: 'ERROR', object: { code: 500, message: 'etcd', details: { retryAfterSeconds: 7 } } });
    await soon(() => expect(view.waits).toHaveLength(1));
    expect(view.waits[0]).toBeGreaterThanOrEqual(7_000);
    server.set('b', '2');
    await converged(view);
    expect(view.reflector.status().lists).toBe(1);
  });

  test('tells in time what it never told: everything is listed again', async () => {
    const view = await watching({ resyncMs: 200 });
    server.setUnseen('a', '2');
    await soon(() => expect(Date.now()).toBeGreaterThan((view.reflector.status().heardAt ?? 0) + 250));
    server.bookmark();
    await converged(view);
    expect(view.reflector.status().lists).toBeGreaterThan(1);
  });
});

describe('a cluster that does not answer', () => {
  test('is asked ever more seldom, never all at once', async () => {
    server.refuse('list', 500, { times: 12 });
    const view = open({}, { random: () => 0 });
    await view.reflector.start();
    expect(view.waits).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000, 15_000]);
    const spread = open({}, { random: () => 0.999 });
    server.refuse('list', 500);
    await spread.reflector.start();
    expect(spread.waits[0]).toBeGreaterThan(200);
  });

  test.each(['list', 'watch'] as const)('that asks for time at a %s gets it', async (kind) => {
    server.refuse(kind, 429, { retryAfter: '3' });
    const view = open({}, { random: () => 0.5 });
    await view.reflector.start();
    await soon(() => expect(view.waits).toEqual([3500]));
    server.set('a', '1');
    await converged(view);
  });

  test('by a connection on which nothing ever comes back is found out', async () => {
    const { request } = server.client();
    let dead = true;
    const view = open(
      { silentMs: 30 },
      {
        client: {
          request: (asked) =>
            dead && asked.query?.watch
              ? new Promise((_, reject) => asked.signal.addEventListener('abort', () => reject(asked.signal.reason)))
              : request(asked),
        },
      },
    );
    await view.reflector.start();
    await soon(() => expect(view.reflector.status().lastError).toMatch(/in time/));
    dead = false;
    server.set('a', '1');
    await converged(view);
    expect(view.reflector.status()).toMatchObject({ failingSince: null, lists: 1 });
  });

  test('says since when and why, and that it is over', async () => {
    server.refuse('list', 403, { times: 2 });
    const view = open();
    const started = view.reflector.start();
    await soon(() => expect(view.waits.length).toBeGreaterThan(0));
    await started;
    expect(view.reflector.status()).toMatchObject({ failingSince: null, lastError: null });
    expect(view.logged).toEqual(['the cluster does not answer properly', 'the cluster answers again']);
  });

  test('that was restarted is found again, with what it holds now', async () => {
    server.set('a', '1');
    const view = open();
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    await server.close();
    await soon(() => expect(view.reflector.status().failingSince).not.toBeNull());
    expect(view.copy()).toEqual(new Map([['n/a', '1']]));
    server.remove('a');
    server.set('b', '2');
    await server.listen();
    await converged(view);
    expect(view.reflector.status().failingSince).toBeNull();
  });

  test('whose watches end at once is not asked in a circle', async () => {
    const view = open();
    await view.reflector.start();
    for (let round = 0; round < 5; round += 1) {
      await soon(() => expect(server.open).toBe(1));
      server.cut('ended');
    }
    await soon(() => expect(view.waits.length).toBeGreaterThanOrEqual(5));
    expect(view.waits.slice(0, 3)).toEqual([...view.waits.slice(0, 3)].sort((a, b) => a - b));
  });

  test('that forgets again and again is not listed in a circle', async () => {
    server.refuse('watch', 410, { times: 6 });
    const view = open({}, { random: () => 0 });
    await view.reflector.start();
    await soon(() => expect(server.open).toBe(1));
    expect(view.waits).toEqual([125, 250, 500, 1000, 2000, 4000]);
    expect(view.reflector.status().lists).toBe(7);
    server.set('a', '1');
    await converged(view);
    server.cut();
    await soon(() => expect(view.waits[6]).toBe(125));
  });

  test('that forgets the pages of a list under our hands is asked for all at once', async () => {
    for (let i = 0; i < 9; i += 1) server.set(`p${i}`, String(i));
    const { request } = server.client();
    let pages = 0;
    const client: ApiClient = {
      request(asked) {
        pages += 1;
        if (pages === 2) server.compact();
        return request(asked);
      },
    };
    const view = open({ pageSize: 4 }, { client });
    await view.reflector.start();
    expect(view.reflector.status()).toMatchObject({ objects: 9, lists: 1 });
    const lists = server.requests.filter((query) => !query.has('watch'));
    expect(lists.map((query) => query.get('limit'))).toEqual(['4', '4', null]);
  });
});

test('closing ends every connection, and whoever waits is told', async () => {
  server.refuse('list', 500, { times: 1e4 });
  const view = open();
  const started = view.reflector.start();
  await view.reflector.close();
  await expect(started).rejects.toMatchObject({ code: 'unavailable' });

  await server.close();
  server = new TestApiServer();
  await server.listen();
  const healthy = open();
  await healthy.reflector.start();
  await soon(() => expect(server.open).toBe(1));
  await healthy.reflector.close();
  await soon(() => expect(server.open).toBe(0));
});

test('a name that exists is refused by the stand-in as by the server', async () => {
  const body = { metadata: { name: 'a', labels: {} }, value: '1' };
  const create = () =>
    server.client().request({ method: 'POST', path: PATH, body, signal: AbortSignal.timeout(5_000) });
  expect([(await create()).status, (await create()).status]).toEqual([201, 409]);
});

test('whatever happens in whatever order, the copy ends as the cluster is and every change follows from the last', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), name) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('remove' as const), name) },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('cut', 'end', 'compact', 'bookmark', 'silence', 'refuse', 'wait'), name),
    },
  );
  let value = 0;
  const act = async (kind: string, at: string) => {
    value += 1;
    if (kind === 'set') server.set(at, String(value));
    else if (kind === 'remove') server.remove(at);
    else if (kind === 'cut') server.cut();
    else if (kind === 'end') server.cut('ended');
    else if (kind === 'compact') server.compact();
    else if (kind === 'bookmark') server.bookmark();
    else if (kind === 'silence') server.fallSilent();
    else if (kind === 'refuse') server.refuse(value % 2 ? 'list' : 'watch', value % 3 ? 429 : 500);
    else await new Promise((resolve) => setImmediate(resolve));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await server.close();
      server = new TestApiServer();
      await server.listen();
      const view = open({ silentMs: 40, pageSize: 2 });
      const started = view.reflector.start();
      for (const [kind, at] of steps) await act(kind, at);
      await started;
      await converged(view);
      const replayed = new Map<string, string>();
      for (const change of view.changes) {
        expect(replayed.get(change.key) ?? null).toBe(change.before);
        if (change.kind === 'set') replayed.set(change.key, change.value);
        else replayed.delete(change.key);
      }
      expect(replayed).toEqual(server.state());
      await view.reflector.close();
    }),
    { numRuns: 40 },
  );
});

test('lines are whole, however they are cut on the way', async () => {
  const text = 'zwölf\n\n🚀 drei\nlast without an end';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 5, 100]) {
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
    }
    const lines: string[] = [];
    for await (const line of linesOf(pieces(), 100)) lines.push(line);
    expect(lines).toEqual(['zwölf', '', '🚀 drei']);
  }
  async function* endless() {
    for (;;) yield new TextEncoder().encode('x'.repeat(64));
  }
  await expect(linesOf(endless(), 1_000).next()).rejects.toMatchObject({ code: 'unavailable' });
});
