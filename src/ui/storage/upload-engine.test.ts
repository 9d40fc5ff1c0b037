import { describe, expect, it, vi } from 'vitest';
import type { StorageId, UploadId } from '../../domain/ids.ts';
import { fileOf, holds, openTestStore, STORAGE, type TestStore, toolsFor } from './test-store.ts';
import { UploadFault } from './upload-api.ts';
import { UploadEngine } from './upload-engine.ts';
import type { UploadState } from './upload-queue.ts';
import type { UploadTraces } from './upload-traces.ts';

const PART = 4 * 1024 * 1024;
/** Three parts, the last one short. */
const LARGE = 10 * 1024 * 1024;
const TARGET = { storageId: STORAGE, storageName: 'Maps', folder: 'runs/' };

/** What stays in the browser when a page is loaded again. */
function tracesInMemory(): UploadTraces & { running: Set<string> } {
  const changed = new Map<string, number>();
  const taken = new Map<string, Set<number>>();
  const running = new Set<string>();
  return {
    running,
    remember: (id, file) => {
      changed.set(id, file.lastModified);
      taken.set(id, new Set());
    },
    noteTaken: (id, part) => void taken.get(id)?.add(part),
    taken: (id) => taken.get(id) ?? null,
    forget: (id) => void changed.delete(id),
    changedAt: (id) => changed.get(id) ?? null,
    hold: (id) => {
      running.add(id);
      return () => running.delete(id);
    },
    held: async () => running,
  };
}

function page(store: TestStore, traces = tracesInMemory()) {
  const stored: StorageId[] = [];
  const engine = new UploadEngine({ ...toolsFor(store), traces, onStored: (id) => stored.push(id) });
  const states = () => engine.shown().queue.map(({ state }) => state);
  return {
    engine,
    traces,
    stored,
    reach: (...expected: UploadState[]) =>
      vi.waitFor(() => expect(states()).toEqual(expected), { timeout: 8000, interval: 10 }),
    first: () => {
      const [upload] = engine.shown().queue;
      if (!upload) throw new Error('The queue is empty.');
      return upload;
    },
  };
}

const add = (engine: UploadEngine, ...files: File[]) =>
  engine.add(
    files.map((file) => ({ file, path: file.name })),
    TARGET,
  );

/** Answers for parts from that number on only after `open` was called. */
function gate(store: TestStore, from: number) {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  store.answer = async ({ number }) => {
    if (number < from) return null;
    reached.resolve();
    await opened.promise;
    return null;
  };
  return { reached: reached.promise, open: opened.resolve };
}

describe('uploads of a page', () => {
  it('sends small files whole and large ones in parts, few requests at a time', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, stored } = page(store);
    const files = [fileOf('large.fits', LARGE), ...Array.from({ length: 8 }, (_, n) => fileOf(`${n}.csv`, 100 + n))];
    add(engine, ...files);
    await reach(...files.map(() => 'done' as const));
    for (const file of files) expect(await holds(store, `runs/${file.name}`, file)).toBe(true);
    expect(store.arrived.filter(({ route }) => route === 'whole')).toHaveLength(8);
    expect(store.arrived.filter(({ route }) => route === 'signed')).toHaveLength(3);
    expect(store.mostAtOnce).toBeLessThanOrEqual(4);
    expect(new Set(stored)).toEqual(new Set([STORAGE]));
    expect(engine.shown().queue.every(({ sentBytes, sizeBytes }) => sentBytes === sizeBytes)).toBe(true);
  });

  it('pauses, keeps what is there, and goes on with the rest', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first, traces } = page(store);
    const file = fileOf('large.fits', LARGE);
    const { reached, open } = gate(store, 2);
    add(engine, file);
    await reached;
    await vi.waitFor(() => expect([...store.uploads.keys()].map((id) => traces.taken(id)?.has(1))).toEqual([true]));
    engine.act({ type: 'pause', id: null });
    await reach('paused');
    await vi.waitFor(() => expect(first().sentBytes).toBe(PART));
    open();
    engine.act({ type: 'resume', id: null });
    await reach('done');
    expect(await holds(store, 'runs/large.fits', file)).toBe(true);
    expect(store.arrived.filter(({ number }) => number === 1)).toHaveLength(1);
  });

  it('gives up on the server too when it is cancelled', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store);
    const { reached } = gate(store, 1);
    add(engine, fileOf('large.fits', LARGE));
    await reached;
    engine.act({ type: 'cancel', id: first().id });
    await reach('cancelled');
    await vi.waitFor(() => expect(store.uploads.size).toBe(0));
  });

  it('gives up on the server when it was cancelled before the server had answered', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store);
    const { start } = store.api;
    const answered = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    store.api.start = async (input) => {
      const begun = await start(input);
      asked.resolve();
      await answered.promise;
      return begun;
    };
    add(engine, fileOf('large.fits', LARGE));
    await asked.promise;
    engine.act({ type: 'cancel', id: first().id });
    await reach('cancelled');
    answered.resolve();
    await vi.waitFor(() => expect(store.uploads.size).toBe(0));
  });

  it('waits while the connection is gone and goes on by itself', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach } = page(store);
    const { reached, open } = gate(store, 2);
    add(engine, fileOf('large.fits', LARGE), fileOf('small.csv', 10));
    await reached;
    engine.setOnline(false);
    await vi.waitFor(() => expect(engine.shown().online).toBe(false));
    expect(engine.shown().queue[0]?.state).toBe('waiting');
    open();
    engine.setOnline(true);
    await reach('done', 'done');
  });

  it('asks at the end when the name was taken meanwhile', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store);
    const file = fileOf('large.fits', LARGE);
    store.answer = () => {
      store.files.set('runs/large.fits', Buffer.from('theirs'));
      return null;
    };
    add(engine, file);
    await reach('conflict');
    expect(store.uploads.size).toBe(1);
    store.answer = () => null;
    engine.act({ type: 'resolve', id: first().id, how: 'replace' });
    await reach('done');
    expect(await holds(store, 'runs/large.fits', file)).toBe(true);
  });

  it('keeps both under another name and leaves no parts of the first behind', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store);
    store.answer = () => {
      store.files.set('runs/large.fits', Buffer.from('theirs'));
      return null;
    };
    add(engine, fileOf('large.fits', LARGE));
    await reach('conflict');
    engine.act({ type: 'resolve', id: first().id, how: 'keep' });
    await reach('done');
    expect(store.files.get('runs/large.fits')?.toString()).toBe('theirs');
    expect(store.files.get('runs/large (2).fits')).toHaveLength(LARGE);
    await vi.waitFor(() => expect(store.uploads.size).toBe(0));
  });

  it('sends all in one request where the storage takes no parts, and asks it once', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach } = page(store);
    let asked = 0;
    store.api.start = async () => {
      asked += 1;
      throw new UploadFault({ code: 'unimplemented', message: '', retryable: false });
    };
    const file = fileOf('large.fits', LARGE);
    add(engine, file);
    await reach('done');
    add(engine, fileOf('second.fits', LARGE));
    await reach('done', 'done');
    expect(await holds(store, 'runs/large.fits', file)).toBe(true);
    expect(asked).toBe(1);
  });
});

describe('after a reload', () => {
  const file = fileOf('large.fits', LARGE);

  /** A page that is closed with one part sent. */
  async function leftBehind(store: TestStore) {
    const { engine, traces } = page(store);
    const { reached, open } = gate(store, 2);
    add(engine, file);
    await reached;
    await vi.waitFor(() => expect([...store.uploads.keys()].map((id) => traces.taken(id)?.has(1))).toEqual([true]));
    store.answer = () => 'cut';
    engine.act({ type: 'pause', id: null });
    open();
    await vi.waitFor(() => expect(traces.running.size).toBe(0));
    store.answer = () => null;
    // Broken off, and yet listed as if all of it were there.
    for (const { parts } of store.uploads.values()) parts.set(2, Buffer.alloc(PART)).delete(3);
    store.arrived.length = 0;
    return traces;
  }

  it('shows what was begun, and goes on with the missing parts when the same file comes again', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store, await leftBehind(store));
    await engine.look(TARGET);
    await engine.look(TARGET);
    await reach('unfinished');
    expect(first()).toMatchObject({ key: 'runs/large.fits', path: 'large.fits', folder: 'runs/', sentBytes: PART });
    add(engine, file);
    await reach('done');
    expect(await holds(store, 'runs/large.fits', file)).toBe(true);
    expect(store.arrived.some(({ number }) => number === 1)).toBe(false);
  });

  it('never mixes in another file of the same name and length', async () => {
    await using store = await openTestStore(PART);
    const { engine, reach, first } = page(store, await leftBehind(store));
    await engine.look(TARGET);
    const other = fileOf('large.fits', LARGE, 2000);
    engine.choose(first().id, other);
    expect(first()).toMatchObject({ state: 'unfinished', problem: { kind: 'otherFile' } });
    add(engine, other);
    await reach('unfinished', 'done');
  });

  it('goes on in another browser only when the person says which upload the file belongs to', async () => {
    await using store = await openTestStore(PART);
    await leftBehind(store);
    for (const { parts } of store.uploads.values()) parts.delete(2);
    const { engine, reach, first } = page(store);
    await engine.look(TARGET);
    engine.choose(first().id, fileOf('large.fits', LARGE, Date.now() + 60_000));
    expect(first().problem).toEqual({ kind: 'otherFile' });
    engine.choose(first().id, file);
    await reach('done');
    expect(await holds(store, 'runs/large.fits', file)).toBe(true);
  });

  it('discards it on the server', async () => {
    await using store = await openTestStore(PART);
    const { engine, first } = page(store, await leftBehind(store));
    await engine.look(TARGET);
    engine.act({ type: 'discard', id: first().id });
    expect(engine.shown().queue).toEqual([]);
    await vi.waitFor(() => expect(store.uploads.size).toBe(0));
  });

  it('leaves alone what runs in another tab, and what the store has tidied up', async () => {
    await using store = await openTestStore(PART);
    const traces = await leftBehind(store);
    const [uploadId] = store.uploads.keys();
    traces.hold(uploadId as UploadId);
    const { engine } = page(store, traces);
    await engine.look(TARGET);
    expect(engine.shown().queue).toEqual([]);
    traces.running.clear();
    store.api.parts = () => Promise.reject(new UploadFault({ code: 'not_found', message: '', retryable: false }));
    const { engine: another } = page(store, traces);
    await another.look(TARGET);
    expect(another.shown().queue).toEqual([]);
  });
});
