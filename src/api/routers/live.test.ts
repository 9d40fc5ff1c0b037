/** The live stream over real HTTP: what a browser that comes back is told, and that it leaves nothing behind when it goes. */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { LiveMessage } from '../../services/live/message.ts';
import { appRouter } from '../root.ts';
import { createCallerFactory } from '../trpc.ts';

interface Message {
  id: string;
  data: LiveMessage;
}

describe('the live stream', () => {
  let bed: TestBed;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let storage: StorageId;
  const closers: (() => void)[] = [];
  beforeEach(async () => {
    bed = await openTestBed();
    person = await bed.signIn('ada');
    storage = (await eventually(async () => (await person.api.storages.list()).find((row) => row.status === 'active')))
      .id;
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) close();
    await bed.close();
  });

  function watch(lastEventId?: string, cookie = person.cookie): { messages: Message[]; close: () => void } {
    const input = encodeURIComponent(JSON.stringify(lastEventId === undefined ? {} : { lastEventId }));
    const messages: Message[] = [];
    let rest = '';
    const req = request(
      {
        host: '127.0.0.1',
        port: bed.port,
        path: `/api/trpc/live.watch?input=${input}`,
        headers: { host: `localhost:${bed.port}`, cookie, 'sec-fetch-site': 'same-origin' },
      },
      (res) => {
        res.on('error', () => {});
        res.on('data', (chunk: Buffer) => {
          const blocks = (rest + chunk.toString()).split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) {
            const id = /^id: ?(.*)$/m.exec(block)?.[1];
            const data = /^data: ?(.*)$/m.exec(block)?.[1];
            if (id && data) messages.push({ id, data: JSON.parse(data) });
          }
        });
      },
    );
    req.on('error', () => {});
    req.end();
    const close = () => req.destroy();
    closers.push(close);
    return { messages, close };
  }

  const rename = (displayName: string) => person.api.storages.rename({ id: storage, displayName });
  const last = () => bed.container.deps.records.liveBounds().last;

  it('leaves no listener behind after fifty reconnects', async () => {
    const { feed, revocations } = bed.container.deps;
    let open = 0;
    for (const source of [feed, revocations]) {
      const subscribe = source.subscribe as (...args: unknown[]) => () => void;
      source.subscribe = ((...args: unknown[]) => {
        open += 1;
        const end = subscribe(...args);
        return () => {
          open -= 1;
          return end();
        };
      }) as never;
    }
    for (let i = 0; i < 50; i += 1) {
      const { messages, close } = watch(String(last()));
      await eventually(() => messages.length > 0);
      expect(open).toBeGreaterThan(0);
      close();
    }
    await eventually(() => open === 0);
    await eventually(async () => (await bed.server.connections()) === 0);
  });

  it('begins for nobody who has gone already', async () => {
    const { deps } = bed.container;
    const { subscribe } = deps.feed;
    let subscribed = 0;
    deps.feed.subscribe = (...args) => {
      subscribed += 1;
      return subscribe(...args);
    };
    const gone = new AbortController();
    gone.abort();
    const caller = createCallerFactory(appRouter)(
      { deps, actor: person.actor, correlationId: 'x' },
      { signal: gone.signal },
    );
    for await (const message of await caller.live.watch()) expect(message).toBeUndefined();
    expect(subscribed).toBe(0);
  });

  it('replays exactly what was missed, in order, then goes on', async () => {
    const first = watch();
    await eventually(() => first.messages.length > 0);
    const since = first.messages[0]?.id ?? '';
    first.close();
    for (let i = 0; i < 7; i += 1) await rename(`name ${i}`);
    const again = watch(since);
    await eventually(() => again.messages.length >= 8);
    await rename('live');
    await eventually(() => again.messages.length >= 9);
    const ids = again.messages.map(({ id }) => Number(id));
    const start = Number(since);
    expect(ids).toEqual([start, ...Array.from({ length: 8 }, (_, i) => start + 1 + i)]);
    expect(again.messages[0]?.data).toEqual({ kind: 'hello', reset: false });
    expect(again.messages.at(-1)?.data).toMatchObject({ kind: 'storage', storage: { displayName: 'live' } });
  });

  it('misses nothing and doubles nothing while changes race with the reconnect', async () => {
    const since = String(last());
    const stream = watch(since);
    for (let i = 0; i < 40; i += 1) {
      await rename(`name ${i}`);
      await new Promise(setImmediate);
    }
    await eventually(() => stream.messages.at(-1)?.id === String(last()));
    const ids = stream.messages.map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: 41 }, (_, i) => Number(since) + i));
  });

  it.each([
    ['too much was missed', () => '1', 501],
    ['the id is of a future that never was', () => String(last() + 100), 0],
    ['the id means nothing', () => 'abc', 0],
    ['the id is negative', () => '-5', 0],
  ])('asks to read everything again when %s', async (_name, since, changes) => {
    const { deps } = bed.container;
    deps.db.write(() => {
      for (let i = 0; i < changes; i += 1) deps.feed.publish(person.userId, 'profile', person.userId);
    });
    const { messages } = watch(since());
    await eventually(() => messages.length > 0);
    expect(messages).toEqual([{ id: String(last()), data: { kind: 'hello', reset: true } }]);
    await rename('after');
    await eventually(() => messages.length === 2);
    expect(messages[1]?.id).toBe(String(last()));
  });

  it('asks to read everything again when what was missed is no longer kept', async () => {
    const { deps } = bed.container;
    const since = last();
    await rename('lost');
    deps.db.write(() => deps.records.pruneLive(deps.now() + 1));
    await rename('kept');
    const { messages } = watch(String(since));
    await eventually(() => messages.length > 0);
    expect(messages[0]?.data).toEqual({ kind: 'hello', reset: true });
  });

  it('tells nobody of what belongs to others', async () => {
    const eve = await bed.signIn('eve');
    await eventually(async () => (await eve.api.storages.list())[0]?.status === 'active');
    const since = last();
    const stream = watch(String(since), eve.cookie);
    const own = watch(String(since));
    await eventually(() => stream.messages.length > 0);
    await rename('secret');
    await eventually(() => own.messages.length === 2);
    await eve.api.profile.update({ preferences: { theme: 'dark' } });
    await eventually(() => stream.messages.length >= 2);
    expect(stream.messages.map(({ data }) => data.kind)).toEqual(['hello', 'profile']);
  });

  it('tells a reader that fell behind to read everything again', async () => {
    const { deps } = bed.container;
    const stream = watch();
    await eventually(() => stream.messages.length > 0);
    deps.db.write(() => {
      for (let i = 0; i < 2_000; i += 1) deps.feed.publish(person.userId, 'profile', person.userId);
    });
    await eventually(() => stream.messages.at(-1)?.id === String(last()));
    expect(stream.messages.length).toBeLessThan(600);
    expect(stream.messages.some(({ data }) => data.kind === 'hello' && data.reset)).toBe(true);
  });
});
