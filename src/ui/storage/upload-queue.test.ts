import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StorageId } from '../../domain/ids.ts';
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
  state: 'waiting',
  replace: false,
  keepBoth: 0,
  message: null,
  ...change,
});

const run = (queue: readonly Upload[], ...events: QueueEvent[]) => events.reduce(queueReducer, queue);
const one = (queue: readonly Upload[]) => {
  const first = queue[0];
  if (!first) throw new Error('empty queue');
  return first;
};

describe('upload queue', () => {
  it('sends a file from waiting to done', () => {
    const queue = run([upload('a')], { type: 'started', id: 'a' }, { type: 'progress', id: 'a', sentBytes: 60 });
    expect(one(queue)).toMatchObject({ state: 'sending', sentBytes: 60 });
    expect(one(run(queue, { type: 'done', id: 'a' }))).toMatchObject({ state: 'done', sentBytes: 100 });
  });

  it('ignores what a cancelled transfer still reports', () => {
    const queue = run(
      [upload('a')],
      { type: 'started', id: 'a' },
      { type: 'cancel', id: 'a' },
      { type: 'progress', id: 'a', sentBytes: 90 },
      { type: 'done', id: 'a' },
    );
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
      { type: 'failed', id: 'a', message: 'no' },
    );
    expect(one(failed)).toMatchObject({ state: 'failed', message: 'no' });
    expect(one(run(failed, { type: 'retry', id: 'a' }))).toMatchObject({ state: 'waiting', message: null });
    expect(run(failed, { type: 'clear' }).map(({ id }) => id)).toEqual(['b']);
  });

  it('starts the oldest first and never more than allowed', () => {
    const queue = [upload('a', { state: 'sending' }), upload('b'), upload('c'), upload('d')];
    expect(startable(queue, 3).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(startable(queue, 1)).toEqual([]);
  });

  it('sums everything but the cancelled', () => {
    const queue = [
      upload('a', { state: 'sending', sentBytes: 40 }),
      upload('b', { state: 'cancelled' }),
      upload('c', { state: 'done', sentBytes: 100 }),
    ];
    expect(totals(queue)).toEqual({ active: 1, done: 1, failed: 0, conflicts: 0, sentBytes: 140, sizeBytes: 200 });
  });

  it('never moves an ended upload except by retry', () => {
    const events = fc.oneof(
      fc.record({ type: fc.constantFrom('started', 'done', 'conflict', 'cancel'), id: fc.constant('a') }),
      fc.record({ type: fc.constant('progress'), id: fc.constant('a'), sentBytes: fc.nat(200) }),
      fc.record({ type: fc.constant('failed'), id: fc.constant('a'), message: fc.string() }),
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
