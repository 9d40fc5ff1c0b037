import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StorageId, UploadId } from '../../domain/ids.ts';
import {
  isEnded,
  numberedName,
  type QueueEvent,
  queueReducer,
  startable,
  totals,
  type Upload,
} from './upload-queue.ts';

const upload = (id: string, change: Partial<Upload> = {}): Upload => ({
  id,
  storageId: 'sto-1' as StorageId,
  storageName: 'My files',
  folder: 'data/',
  path: `${id}.csv`,
  key: `data/${id}.csv`,
  sizeBytes: 100,
  sentBytes: 0,
  bytesPerSecond: null,
  state: 'waiting',
  session: null,
  begunAt: null,
  replace: false,
  keepBoth: 0,
  problem: null,
  ...change,
});

const session = { uploadId: 'upl-1' as UploadId, partSizeBytes: 40, direct: true };
const progress = (sentBytes: number): QueueEvent => ({
  type: 'progress',
  uploads: new Map([['a', { sentBytes, bytesPerSecond: 7 }]]),
});
const run = (queue: readonly Upload[], ...events: QueueEvent[]) => events.reduce(queueReducer, queue);
const one = (queue: readonly Upload[]) => {
  const first = queue[0];
  if (!first) throw new Error('empty queue');
  return first;
};

describe('upload queue', () => {
  it('sends a file from waiting to done', () => {
    const queue = run([upload('a')], { type: 'started', id: 'a' }, progress(60));
    expect(one(queue)).toMatchObject({ state: 'sending', sentBytes: 60 });
    expect(one(run(queue, { type: 'done', id: 'a' }))).toMatchObject({ state: 'done', sentBytes: 100 });
  });

  it('ignores what a cancelled transfer still reports', () => {
    const queue = run([upload('a')], { type: 'started', id: 'a' }, { type: 'cancel', id: 'a' }, progress(90), {
      type: 'done',
      id: 'a',
    });
    expect(one(queue)).toMatchObject({ state: 'cancelled', sentBytes: 0 });
  });

  it('asks on a conflict, then replaces', () => {
    const asked = run([upload('a')], { type: 'started', id: 'a' }, { type: 'conflict', id: 'a' });
    expect(one(asked).state).toBe('conflict');
    expect(one(run(asked, { type: 'resolve', id: 'a', how: 'replace' }))).toMatchObject({
      state: 'waiting',
      replace: true,
      key: 'data/a.csv',
    });
  });

  it('keeps both under the first free number', () => {
    const conflict: QueueEvent[] = [
      { type: 'started', id: 'a' },
      { type: 'conflict', id: 'a' },
    ];
    const second = run([upload('a')], ...conflict, { type: 'resolve', id: 'a', how: 'keep' });
    expect(one(second)).toMatchObject({ state: 'waiting', key: 'data/a (2).csv' });
    expect(one(run(second, ...conflict))).toMatchObject({ state: 'waiting', key: 'data/a (3).csv', replace: false });
  });

  it('answers every conflict at once and leaves the rest alone', () => {
    const queue = run([upload('a', { state: 'conflict' }), upload('b', { state: 'conflict' }), upload('c')], {
      type: 'resolve',
      id: null,
      how: 'skip',
    });
    expect(queue.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'waiting']);
  });

  it('tries a failed one again and clears only what has ended', () => {
    const failed = run(
      [upload('a'), upload('b')],
      { type: 'started', id: 'a' },
      { type: 'failed', id: 'a', problem: { kind: 'noAnswer' } },
    );
    expect(one(failed)).toMatchObject({ state: 'failed', problem: { kind: 'noAnswer' } });
    expect(one(run(failed, { type: 'retry', id: 'a' }))).toMatchObject({ state: 'waiting', problem: null });
    expect(run(failed, { type: 'clear' }).map(({ id }) => id)).toEqual(['b']);
  });

  it('starts the oldest first and never more than allowed', () => {
    const queue = [upload('a', { state: 'sending' }), upload('b'), upload('c'), upload('d')];
    expect(startable(queue, 3).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(startable(queue, 1)).toEqual([]);
  });

  it('pauses what moves and goes on from what is stored', () => {
    const sending = run([upload('a'), upload('b')], { type: 'started', id: 'a' });
    const paused = run(sending, { type: 'session', id: 'a', session }, progress(60), { type: 'pause', id: null });
    expect(paused).toMatchObject([
      { state: 'paused', sentBytes: 60, bytesPerSecond: null },
      { state: 'paused', sentBytes: 0 },
    ]);
    // What was on its way counts no more.
    const settled = run(paused, progress(40), { type: 'resume', id: 'a' });
    expect(settled).toMatchObject([{ state: 'waiting', sentBytes: 40, session }, { state: 'paused' }]);
    expect(startable(settled, 3).map(({ id }) => id)).toEqual(['a']);
  });

  it('takes what is sent in one request from the beginning after a pause', () => {
    const paused = run([upload('a')], { type: 'started', id: 'a' }, progress(60), { type: 'pause', id: 'a' });
    expect(one(run(paused, { type: 'resume', id: 'a' }, { type: 'started', id: 'a' })).sentBytes).toBe(0);
  });

  it('waits while the connection is gone, but for what is already being put together', () => {
    const queue = run([upload('a', { state: 'sending' }), upload('b', { state: 'finishing' })], {
      type: 'interrupted',
    });
    expect(queue.map(({ state }) => state)).toEqual(['waiting', 'finishing']);
  });

  it('lets nothing stop an upload that is being put together', () => {
    const finishing = run([upload('a')], { type: 'started', id: 'a' }, { type: 'finishing', id: 'a' });
    const queue = run(finishing, { type: 'cancel', id: 'a' }, { type: 'pause', id: 'a' });
    expect(one(queue)).toMatchObject({ state: 'finishing', sentBytes: 100 });
    expect(one(run(queue, { type: 'done', id: 'a' })).state).toBe('done');
  });

  it('keeps the parts of a file that will replace, and drops those of one that is renamed', () => {
    const asked = [upload('a', { state: 'conflict', session, sentBytes: 100 })];
    expect(one(run(asked, { type: 'resolve', id: 'a', how: 'replace' })).session).toBe(session);
    expect(one(run(asked, { type: 'resolve', id: 'a', how: 'keep' }))).toMatchObject({ session: null, sentBytes: 0 });
    expect(one(run(asked, { type: 'resolve', id: 'a', how: 'skip' })).session).toBeNull();
  });

  it('goes on with an unfinished one once its file is there, and says so when it is another', () => {
    const begun = [upload('a', { state: 'unfinished', session, sentBytes: 40 })];
    const refused = run(begun, { type: 'wrongFile', id: 'a' });
    expect(one(refused)).toMatchObject({ state: 'unfinished', problem: { kind: 'otherFile' } });
    expect(one(run(refused, { type: 'chosen', id: 'a' }))).toMatchObject({
      state: 'waiting',
      sentBytes: 40,
      problem: null,
    });
    expect(run(begun, { type: 'discard', id: 'a' })).toEqual([]);
    expect(run([upload('a')], { type: 'discard', id: 'a' })).toHaveLength(1);
  });

  it('sums what is under way or done', () => {
    const queue = [
      upload('a', { state: 'sending', sentBytes: 40 }),
      upload('b', { state: 'cancelled' }),
      upload('c', { state: 'done', sentBytes: 100 }),
      upload('d', { state: 'failed' }),
      upload('e', { state: 'unfinished', sentBytes: 50 }),
      upload('f', { state: 'paused', sentBytes: 10 }),
    ];
    expect(totals(queue)).toEqual({
      ...{ active: 1, paused: 1, unfinished: 1, done: 1, failed: 1, conflicts: 0 },
      ...{ sentBytes: 150, sizeBytes: 300 },
    });
  });

  it('never moves an ended upload except by retry', () => {
    const events = fc.oneof(
      fc.record({
        type: fc.constantFrom('started', 'finishing', 'done', 'conflict', 'cancel', 'pause', 'resume', 'interrupted'),
        id: fc.constant('a'),
      }),
      fc.nat(200).map(progress),
      fc.record({ type: fc.constant('session'), id: fc.constant('a'), session: fc.constant(session) }),
      fc.record({ type: fc.constant('failed'), id: fc.constant('a'), problem: fc.constant({ kind: 'noAnswer' }) }),
      fc.record({
        type: fc.constant('resolve'),
        id: fc.constant(null),
        how: fc.constantFrom('replace', 'keep', 'skip'),
      }),
    ) as fc.Arbitrary<QueueEvent>;
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (history) => {
        let queue: readonly Upload[] = [upload('a')];
        for (const event of history) {
          const before = one(queue);
          queue = queueReducer(queue, event);
          if (isEnded(before)) expect(one(queue).state).toBe(before.state);
          expect(one(queue).sentBytes).toBeLessThanOrEqual(one(queue).sizeBytes);
        }
      }),
    );
  });
});

describe('numberedName', () => {
  it.each([
    ['plot.png', 'plot (2).png'],
    ['a.b/plot', 'a.b/plot (2)'],
    ['.bashrc', '.bashrc (2)'],
    ['runs/x.tar.gz', 'runs/x.tar (2).gz'],
  ])('%s', (path, expected) => expect(numberedName(path, 2)).toBe(expected));
});
