import { describe, expect, it } from 'vitest';
import { type PartsJob, sendParts } from './send-parts.ts';
import { fileOf, holds, openTestStore, STORAGE, type TestStore, toolsFor } from './test-store.ts';
import { UploadFault } from './upload-api.ts';
import type { UploadSession } from './upload-queue.ts';

const KEY = 'maps/full.fits';
const PART = 1000;

async function sending(store: TestStore, change: Partial<PartsJob> = {}) {
  const tools = toolsFor(store);
  const progress: number[] = [];
  const taken = new Set<number>();
  let session: UploadSession | null = null;
  const file = fileOf('full.fits', 9500);
  const job: PartsJob = {
    ...{ storageId: STORAGE, key: KEY, file, replace: false, session: null, signal: new AbortController().signal },
    onProgress: (sentBytes) => progress.push(sentBytes),
    onSession: (begun) => {
      session = begun;
    },
    onTaken: (_, part) => taken.add(part),
    taken: () => null,
    onFinishing: () => {},
    ...change,
  };
  const result = await sendParts(job, tools);
  return { result, tools, progress, taken, session: session as UploadSession | null, file: job.file };
}

const routes = ({ arrived }: TestStore) => [...new Set(arrived.map(({ route }) => route))];
const numbers = ({ arrived }: TestStore) => arrived.map(({ number }) => number).sort((a, b) => a - b);

describe('a file in parts', () => {
  it('goes straight to the store, four parts at a time, and arrives as it was', async () => {
    await using store = await openTestStore(PART);
    const { result, progress, file } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(await holds(store, KEY, file)).toBe(true);
    expect(routes(store)).toEqual(['signed']);
    expect(numbers(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(store.mostAtOnce).toBeLessThanOrEqual(4);
    expect(progress[0]).toBe(0);
    expect(progress.at(-1)).toBe(9500);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('goes through the server where the store does not sign', async () => {
    await using store = await openTestStore(PART);
    store.direct = false;
    const { result, file } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(await holds(store, KEY, file)).toBe(true);
    expect(routes(store)).toEqual(['part']);
  });

  it('learns from a resumed upload that the store does not sign', async () => {
    await using store = await openTestStore(PART);
    store.direct = false;
    const { uploadId } = await store.api.start({
      ...{ id: STORAGE, key: KEY, sizeBytes: 9500, contentType: undefined, replace: false },
    });
    const { result } = await sending(store, { session: { uploadId, partSizeBytes: PART, direct: true } });
    expect(result).toEqual({ kind: 'done' });
    expect(routes(store)).toEqual(['part']);
  });

  it('tries a part again after what the store asked for', async () => {
    await using store = await openTestStore(PART);
    let refused = 0;
    store.answer = ({ number }) =>
      number === 3 && refused++ < 2 ? { status: 503, headers: { 'retry-after': '7' } } : null;
    const { result, tools, file } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(tools.waits).toEqual([7000, 7000]);
    expect(await holds(store, KEY, file)).toBe(true);
  });

  it('has an expired address signed anew and stays direct', async () => {
    await using store = await openTestStore(PART);
    let expired: number | null = null;
    store.answer = ({ number, signature }) => {
      if (number !== 2 || (expired !== null && signature !== expired)) return null;
      expired = signature;
      return { status: 403 };
    };
    const { result, tools } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(routes(store)).toEqual(['signed']);
    expect(tools.waits).toEqual([]);
  });

  it('takes the way through the server when the store cannot be reached, and remembers it', async () => {
    await using store = await openTestStore(PART);
    store.signedOrigin = 'http://127.0.0.1:1';
    const { result, tools, file } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(await holds(store, KEY, file)).toBe(true);
    expect(routes(store)).toEqual(['part']);
    expect(tools.waits).toEqual([]);
    expect([...tools.indirect]).toEqual([STORAGE]);
  });

  it('waits for a store that was reached before, instead of turning away from it', async () => {
    await using store = await openTestStore(PART);
    let cut = 0;
    store.answer = ({ number }) => (number === 9 && cut++ < 3 ? 'cut' : null);
    const { result, tools } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(routes(store)).toEqual(['signed']);
    expect(tools.waits).toHaveLength(3);
  });

  it('takes the way through the server when the store goes on refusing', async () => {
    await using store = await openTestStore(PART);
    store.answer = ({ route }) => (route === 'signed' ? { status: 403 } : null);
    expect((await sending(store)).result).toEqual({ kind: 'done' });
  });

  it('says what the server says when a part is refused for good, and stops the others', async () => {
    await using store = await openTestStore(PART);
    store.direct = false;
    store.answer = ({ number }) =>
      number === 2 ? { status: 403, body: '{"code":"permission_denied","message":"Not yours."}' } : null;
    const { result } = await sending(store);
    expect(result).toEqual({ kind: 'failed', problem: { kind: 'said', message: 'Not yours.' } });
    expect(store.arrived.length).toBeLessThan(10);
  });

  it('gives up after some attempts', async () => {
    await using store = await openTestStore(PART);
    store.direct = false;
    store.answer = () => 'cut';
    const { result, tools } = await sending(store, { file: fileOf('small.fits', 900) });
    expect(result).toEqual({ kind: 'failed', problem: { kind: 'noAnswer' } });
    expect(tools.waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000]);
  });

  it('knows a file that changed from a connection that broke', async () => {
    await using store = await openTestStore(PART);
    class ChangedFile extends File {
      override slice(): Blob {
        const gone = new Blob([]);
        gone.arrayBuffer = () => Promise.reject(new DOMException('changed', 'NotReadableError'));
        gone.slice = () => gone;
        return gone;
      }
    }
    store.answer = () => 'cut';
    const { result, tools } = await sending(store, { file: new ChangedFile([new Uint8Array(9500)], 'full.fits') });
    expect(result).toEqual({ kind: 'failed', problem: { kind: 'fileChanged' } });
    expect(tools.waits).toEqual([]);
  });
});

describe('a file in parts that stops', () => {
  it('goes on with what is missing', async () => {
    await using store = await openTestStore(PART);
    const pause = new AbortController();
    store.answer = ({ number }) => {
      if (number < 5) return null;
      pause.abort();
      return 'cut';
    };
    const stopped = await sending(store, { signal: pause.signal });
    expect(stopped.result).toEqual({ kind: 'stopped' });
    const { uploadId } = stopped.session ?? { uploadId: null };
    const there = [...(uploadId ? (store.uploads.get(uploadId)?.parts.keys() ?? []) : [])];
    expect(there.length).toBeGreaterThan(0);
    // What was on its way does not count.
    expect(stopped.progress.at(-1)).toBe(there.length * PART);

    store.answer = () => null;
    store.arrived.length = 0;
    const { result, file } = await sending(store, { session: stopped.session });
    expect(result).toEqual({ kind: 'done' });
    expect(numbers(store).filter((number) => there.includes(number))).toEqual([]);
    expect(await holds(store, KEY, file)).toBe(true);
  });

  it('sends a part again whose answer never came, whatever the store lists', async () => {
    await using store = await openTestStore(PART);
    const { uploadId } = await store.api.start({
      ...{ id: STORAGE, key: KEY, sizeBytes: 9500, contentType: undefined, replace: false },
    });
    const parts = store.uploads.get(uploadId)?.parts;
    const whole = Buffer.from(await fileOf('full.fits', 9500).arrayBuffer());
    parts?.set(1, whole.subarray(0, PART)).set(2, Buffer.alloc(PART));
    const session = { uploadId, partSizeBytes: PART, direct: true };
    const { result, file, taken } = await sending(store, { session, taken: () => new Set([1]) });
    expect(result).toEqual({ kind: 'done' });
    expect(numbers(store)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...taken].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await holds(store, KEY, file)).toBe(true);
  });

  it('begins anew when nothing is left of it', async () => {
    await using store = await openTestStore(PART);
    const gone = { uploadId: 'upl-gone' as UploadSession['uploadId'], partSizeBytes: PART, direct: true };
    const { result, session } = await sending(store, { session: gone });
    expect(result).toEqual({ kind: 'done' });
    expect(session?.uploadId).not.toBe(gone.uploadId);
  });

  it('is there when only the answer was lost', async () => {
    await using store = await openTestStore(PART);
    const { complete } = store.api;
    store.api.complete = async (ref, options) => {
      await complete(ref, options);
      throw new UploadFault({ code: 'offline', message: '', retryable: true });
    };
    const { result } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
  });

  it('sends what the store lost once more', async () => {
    await using store = await openTestStore(PART);
    let lost = false;
    const { complete } = store.api;
    store.api.complete = async (ref, options) => {
      if (!lost) store.uploads.get(ref.uploadId)?.parts.delete(4);
      lost = true;
      return complete(ref, options);
    };
    const { result, file } = await sending(store);
    expect(result).toEqual({ kind: 'done' });
    expect(await holds(store, KEY, file)).toBe(true);
    expect(numbers(store).filter((number) => number === 4)).toHaveLength(2);
  });

  it('asks when the name was taken meanwhile, and replaces without sending again', async () => {
    await using store = await openTestStore(PART);
    store.answer = () => {
      store.files.set(KEY, Buffer.from('theirs'));
      return null;
    };
    const asked = await sending(store);
    expect(asked.result).toEqual({ kind: 'conflict' });
    expect(store.files.get(KEY)?.toString()).toBe('theirs');
    store.arrived.length = 0;
    const { result, file } = await sending(store, { session: asked.session, replace: true });
    expect(result).toEqual({ kind: 'done' });
    expect(store.arrived).toEqual([]);
    expect(await holds(store, KEY, file)).toBe(true);
  });

  it('hands back what the store takes in one piece only', async () => {
    await using store = await openTestStore(PART);
    store.api.start = () => Promise.reject(new UploadFault({ code: 'unimplemented', message: '', retryable: false }));
    expect((await sending(store)).result).toEqual({ kind: 'whole' });
  });
});
