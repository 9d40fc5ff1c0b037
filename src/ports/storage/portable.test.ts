/** What the wrapper adds to a driver: retries within a budget, time limits, one error shape, and emulated moves. */
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { AppError } from '../../domain/errors.ts';
import type { RetryPolicy } from './attempts.ts';
import { crc32cOf } from './checksum.ts';
import { refusal } from './conformance/probes.ts';
import type { BucketDriver, Classified, StorageDriver } from './driver.ts';
import { portableStorage } from './portable.ts';
import type { Bucket, BucketCapabilities, ObjectInfo } from './storage.ts';

class Fault extends Error {
  readonly known: Partial<Classified>;
  constructor(known: Partial<Classified> = {}) {
    super('fault');
    this.known = known;
  }
}

const INFO: ObjectInfo = {
  key: 'a',
  sizeBytes: 1,
  modifiedAt: 0,
  version: 'v1',
  contentType: null,
  metadata: {},
  crc32c: null,
  versionId: null,
};

const NOTHING: BucketCapabilities = {
  versions: false,
  history: false,
  signedUrls: false,
  uploads: false,
  atomicMove: false,
  folders: false,
  keysMayNest: false,
};

function unused(): never {
  throw new Error('not part of this test');
}

/** A driver of which each test gives the part that it looks at. */
function bucketOver(part: Partial<BucketDriver>, policy: Partial<RetryPolicy> = {}): Bucket {
  const driver: BucketDriver = {
    capabilities: { ...NOTHING, versions: true, keysMayNest: true },
    head: unused,
    get: unused,
    put: unused,
    delete: unused,
    copy: unused,
    list: unused,
    ...part,
  };
  const storage: StorageDriver = {
    name: 'scripted',
    classify: (error) =>
      error instanceof Fault
        ? { code: 'unavailable', message: 'Busy.', outcome: 'unknown', retryable: true, ...error.known }
        : null,
    check: unused,
    createBucket: unused,
    configureBucket: unused,
    inspectBucket: unused,
    emptySome: unused,
    deleteBucket: unused,
    listBuckets: unused,
    getBucketMetadata: unused,
    bucket: () => driver,
    mount: unused,
    ensureBucketAccess: unused,
    revokeBucketAccess: unused,
    usage: unused,
    close: async () => {},
  };
  return portableStorage(storage, { policy: { basePauseMs: 1, maxPauseMs: 2, ...policy } }).bucket('bucket');
}

/** Fails `times` times, then answers. */
function flaky<T>(
  times: number,
  answer: T,
  known?: Partial<Classified>,
): { run: () => Promise<T>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    run: async () => {
      calls += 1;
      if (calls <= times) throw new Fault(known);
      return answer;
    },
  };
}

const swallow = async (_key: string, body: Readable): Promise<void> => {
  for await (const _ of body);
};

test('reads are repeated until they succeed', async () => {
  const head = flaky(3, INFO);
  expect(await bucketOver({ head: head.run }).head('a')).toEqual(INFO);
  expect(head.calls()).toBe(4);
});

test('a call ends after its attempts, with the classified error and its cause', async () => {
  const head = flaky(99, INFO);
  const error = await bucketOver({ head: head.run })
    .head('a')
    .catch((thrown: unknown) => thrown);
  expect(head.calls()).toBe(4);
  expect(error).toMatchObject({
    name: 'AppError',
    code: 'unavailable',
    message: 'Busy.',
    details: { outcome: 'unknown' },
  });
  expect(error).toHaveProperty('cause', expect.any(Fault));
});

test('what is not retryable is not repeated, and what is not known is internal', async () => {
  const denied = flaky(99, INFO, { code: 'permission_denied', retryable: false });
  expect(await refusal(bucketOver({ head: denied.run }).head('a'))).toMatchObject({ code: 'permission_denied' });
  expect(denied.calls()).toBe(1);
  const bug = bucketOver({ head: async () => Promise.reject(new TypeError('secret detail')) }).head('a');
  const error = await bug.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'internal', details: { outcome: 'unknown' } });
  expect(error instanceof Error && error.message).not.toContain('secret');
});

test('a conditional put is repeated only when it certainly changed nothing', async () => {
  for (const [outcome, calls] of [
    ['unknown', 1],
    ['not_applied', 2],
  ] as const) {
    const flakyPut = flaky(1, INFO, { outcome });
    const bucket = bucketOver({
      put: async (key, body) => {
        await swallow(key, body);
        return flakyPut.run();
      },
    });
    await bucket.put('a', Buffer.from('x'), { condition: { ifAbsent: true } }).catch(() => {});
    expect(flakyPut.calls()).toBe(calls);
    const flakyDelete = flaky(1, undefined, { outcome });
    await bucketOver({ delete: flakyDelete.run })
      .delete('a', { ifVersion: 'v1' })
      .catch(() => {});
    expect(flakyDelete.calls()).toBe(calls);
  }
});

test('once an attempt may have been carried out, no later one says that nothing was', async () => {
  const outcomes = (['unknown', 'not_applied'] as const).map((outcome) => new Fault({ outcome }));
  const bucket = (limits: Partial<RetryPolicy>) => {
    const left = [...outcomes];
    return bucketOver({ delete: async () => Promise.reject(left.shift()) }, limits);
  };
  expect(await refusal(bucket({ attempts: 2 }).delete('a'))).toMatchObject({ details: { outcome: 'unknown' } });
  const cancelled = new AbortController();
  const call = bucket({ basePauseMs: 10_000, maxPauseMs: 10_000 }).delete('a', { signal: cancelled.signal });
  setImmediate(() => cancelled.abort());
  expect(await refusal(call)).toMatchObject({ details: { aborted: true, outcome: 'unknown' } });
});

test('a condition that the call itself may have met before is no proof that nothing was changed', async () => {
  const conflict = () => Promise.reject(new AppError('conflict', 'Changed.', { details: { outcome: 'not_applied' } }));
  const sum = crc32cOf(Buffer.from('mine'));
  const condition = { ifAbsent: true } as const;
  for (const [crc32c, outcome] of [
    [sum, 'unknown'],
    [crc32cOf(Buffer.from('theirs')), 'not_applied'],
  ]) {
    const there: ObjectInfo = { ...INFO, crc32c: crc32c ?? null };
    const bucket = bucketOver({
      head: async (key) => (key === 'from' ? { ...INFO, crc32c: sum } : there),
      put: (key, body) => swallow(key, body).then(conflict),
      copy: conflict,
    });
    expect(await refusal(bucket.put('to', Buffer.from('mine'), { condition }))).toMatchObject({
      code: 'conflict',
      details: { outcome },
    });
    expect(await refusal(bucket.copy('from', 'to', { condition }))).toMatchObject({ details: { outcome } });
  }
  const gone = async () => Promise.reject(new AppError('not_found', 'Gone.', { details: { outcome: 'not_applied' } }));
  for (const [head, outcome] of [
    [gone, 'unknown'],
    [async () => INFO, 'not_applied'],
  ] as const) {
    const bucket = bucketOver({ head, delete: conflict });
    expect(await refusal(bucket.delete('a', { ifVersion: 'v1' }))).toMatchObject({ details: { outcome } });
  }
});

test('bytes are sent again whole; a stream is never sent twice', async () => {
  const bodies: string[] = [];
  const script = () => {
    const flakyPut = flaky(1, INFO);
    return {
      put: async (_key: string, body: Readable) => {
        bodies.push(Buffer.concat(await body.toArray()).toString());
        return flakyPut.run();
      },
    };
  };
  await bucketOver(script()).put('a', Buffer.from('again'));
  expect(bodies).toEqual(['again', 'again']);
  expect(await refusal(bucketOver(script()).put('a', Readable.from(['once'])))).toMatchObject({ code: 'unavailable' });
  expect(bodies).toEqual(['again', 'again', 'once']);
});

test('a store that is down is not buried under repeats: the budget is shared by all calls', async () => {
  const head = flaky(10_000, INFO);
  const bucket = bucketOver({ head: head.run });
  await Promise.allSettled(Array.from({ length: 100 }, () => bucket.head('a')));
  expect(head.calls()).toBeLessThanOrEqual(100 + 20);
});

test('a driver that does not answer is left, by its signal', async () => {
  let told = false;
  const bucket = bucketOver(
    {
      head: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = true;
            reject(signal.reason);
          });
        }),
    },
    { attemptMs: 5, attempts: 1 },
  );
  expect(await refusal(bucket.head('a'))).toMatchObject({ code: 'deadline_exceeded', details: { outcome: 'unknown' } });
  expect(told).toBe(true);
});

test('a download that comes when nobody waits for it any more ends its body', async () => {
  const late = Promise.withResolvers<void>();
  const body = Readable.from([Buffer.from('x')]);
  const bucket = bucketOver(
    {
      async get() {
        await late.promise;
        return { info: INFO, body };
      },
    },
    { attemptMs: 5, attempts: 1 },
  );
  // It gets a while to tidy up first.
  expect(await refusal(bucket.get('a'))).toMatchObject({ code: 'deadline_exceeded' });
  expect(body.destroyed).toBe(false);
  late.resolve();
  await expect.poll(() => body.destroyed).toBe(true);
});

test('an upload that the store no longer takes ends, and so does its source', async () => {
  const source = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536);
    })(),
  );
  const bucket = bucketOver(
    {
      put: (_key, body, { signal }) =>
        new Promise((_resolve, reject) => {
          body.once('data', () => body.pause());
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
    { stallMs: 20 },
  );
  expect(await refusal(bucket.put('a', source))).toMatchObject({ code: 'deadline_exceeded' });
  expect(source.destroyed).toBe(true);
});

test('a download that stands still ends in an error; a reader who pauses does not', async () => {
  const silent = new Readable({ read() {} });
  const stuck = await bucketOver({ get: async () => ({ info: INFO, body: silent }) }, { stallMs: 20 }).get('a');
  expect(await refusal(stuck.body.toArray())).toMatchObject({ code: 'deadline_exceeded' });
  expect(silent.destroyed).toBe(true);

  const whole = bucketOver(
    { get: async () => ({ info: INFO, body: Readable.from([Buffer.from('x')]) }) },
    { stallMs: 20 },
  );
  const paused = await whole.get('a');
  const stalledElsewhere = await bucketOver(
    { get: async () => ({ info: INFO, body: new Readable({ read() {} }) }) },
    { stallMs: 60 },
  ).get('a');
  // By the time the other one has been given up, this one's limit is long over.
  await refusal(stalledElsewhere.body.toArray());
  expect(Buffer.concat(await paused.body.toArray()).toString()).toBe('x');
});

test('a download with missing or surplus bytes is an error', async () => {
  for (const sent of ['', 'xx']) {
    const bucket = bucketOver({ get: async () => ({ info: INFO, body: Readable.from([Buffer.from(sent)]) }) });
    const { body } = await bucket.get('a');
    expect(await refusal(body.toArray())).toMatchObject({ code: 'unavailable' });
  }
});

test('the reason why the store gave up an upload is told, not that its body was cut', async () => {
  const bucket = bucketOver({
    put: async (_key, body) => {
      for await (const _ of body) throw new AppError('resource_exhausted', 'Full.');
      return INFO;
    },
  });
  const source = Readable.from([Buffer.alloc(10), Buffer.alloc(10)]);
  expect(await refusal(bucket.put('a', source))).toMatchObject({ code: 'resource_exhausted' });
});

test('refused arguments end the source, too', async () => {
  const source = Readable.from(['x']);
  expect(await refusal(bucketOver({}).put('../a', source))).toMatchObject({ code: 'invalid_argument' });
  expect(source.destroyed).toBe(true);
});

test('a move without the store’s help deletes only the version that it copied', async () => {
  const deleted: (string | undefined)[] = [];
  const copied: (string | undefined)[] = [];
  const bucket = bucketOver({
    head: async () => INFO,
    copy: async (_from, to, { fromVersion }) => {
      copied.push(fromVersion);
      return { ...INFO, key: to };
    },
    delete: async (_key, { ifVersion }) => {
      deleted.push(ifVersion);
    },
  });
  await bucket.move('a', 'b');
  expect({ copied, deleted }).toEqual({ copied: ['v1'], deleted: ['v1'] });
});

test('a move whose source stays has been half carried out', async () => {
  const bucket = bucketOver({
    head: async () => INFO,
    copy: async (_from, to) => ({ ...INFO, key: to }),
    delete: async () => {
      throw new AppError('permission_denied', 'No.', { details: { outcome: 'not_applied' } });
    },
  });
  expect(await refusal(bucket.move('a', 'b'))).toMatchObject({
    code: 'permission_denied',
    details: { outcome: 'unknown' },
  });
});

test('what the capabilities lack is refused before the driver is asked', async () => {
  const bucket = bucketOver({
    capabilities: { ...NOTHING, keysMayNest: true },
  });
  const condition = { ifVersion: 'v1' };
  const calls = [
    bucket.put('a', Buffer.from('x'), { condition }),
    bucket.copy('a', 'b', { condition }),
    bucket.move('a', 'b', { condition }),
    bucket.delete('a', condition),
    bucket.createFolder('a'),
    bucket.deleteFolder('a'),
    bucket.moveFolder('a', 'b'),
    bucket.signedUrl('a', { method: 'GET', expiresInMs: 60_000 }),
  ];
  for (const outcome of await Promise.all(calls.map(refusal))) {
    expect(outcome).toMatchObject({ code: 'unimplemented', details: { outcome: 'not_applied' } });
  }
});

test('A short body at hand goes as it is where the driver takes it so; a long one and a stream do not', async () => {
  const ways: string[] = [];
  const took = (way: string) => async () => {
    ways.push(way);
    return INFO;
  };
  const bucket = bucketOver({
    putWhole: took('whole'),
    put: async (_key, body) => {
      for await (const _ of body);
      return took('stream')();
    },
  });
  await bucket.put('a', Buffer.from('x'));
  await bucket.put('a', Readable.from(['x'], { objectMode: false }));
  await bucket.put('a', Buffer.alloc(2 ** 20 + 1));
  expect(ways).toEqual(['whole', 'stream', 'stream']);
});

test('A body that goes as it is keeps what was promised of it: length, checksum, cancelling, standstill, repeats', async () => {
  let calls = 0;
  const bucket = bucketOver(
    {
      putWhole: (key, bytes, { crc32c, signal }) => {
        calls += 1;
        expect(crc32c()).toBe(crc32cOf(bytes));
        if (key === 'never')
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        if (calls === 1) throw new Fault();
        return Promise.resolve({ ...INFO, crc32c: key === 'damaged' ? crc32cOf(Buffer.from('y')) : crc32c() });
      },
      delete: async () => {},
    },
    { stallMs: 20, attempts: 2 },
  );
  const body = Buffer.from('x');
  expect((await bucket.put('a', body)).crc32c).toBe(crc32cOf(body));
  expect(calls).toBe(2);
  expect(await refusal(bucket.put('a', body, { sizeBytes: 2 }))).toMatchObject({ code: 'invalid_argument' });
  expect(await refusal(bucket.put('a', body, { crc32c: 'AAAAAA==' }))).toMatchObject({ code: 'invalid_argument' });
  expect(await refusal(bucket.put('a', body, { signal: AbortSignal.abort() }))).toMatchObject({
    details: { aborted: true, outcome: 'not_applied' },
  });
  expect(calls).toBe(2);
  expect(await refusal(bucket.put('damaged', body))).toMatchObject({ details: { damaged: true } });
  expect(await refusal(bucket.put('never', body))).toMatchObject({
    code: 'deadline_exceeded',
    details: { outcome: 'unknown' },
  });
});
