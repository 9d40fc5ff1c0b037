/**
 * The drivers of the clouds on real servers behind a proxy that does what networks do. Whatever it does: no file is lost or half, no
 * success is false, every error is an AppError whose `outcome` is true, and every call ends.
 */
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AppError, isAppError } from '../../src/domain/errors.ts';
import { bytesOf, countedBody, MIB, refusal } from '../../src/ports/storage/conformance/probes.ts';
import { BUCKET_SETTINGS, type Bucket, type StorageProvider } from '../../src/ports/storage/storage.ts';
import { type FaultGround, GROUNDS, onlyOn } from '../servers/fault-ground.ts';
import { numbers, type SeenRequest, seededPlan } from '../servers/fault-plan.ts';

const WANTED = { keepVersionsDays: 30, corsOrigins: ['https://cmb.example.org'], logBucket: null };
const SEED = 20_261_124;
/** Of each of four hands. */
const CALLS = 60;
const DEADLINE_MS = 20_000;

const LOST = { kind: 'reset-down', part: 0 } as const;
const TWICE = { kind: 'duplicate', answer: 'last' } as const;
const writes = ({ method }: SeenRequest) => method === 'PUT' || method === 'POST';
const content = ({ method, path, query }: SeenRequest) =>
  method === 'GET' && (query.includes('alt') || (path.split('/').length > 2 && !path.startsWith('/storage/')));

/** What is really there. */
async function actual(bucket: Bucket, key: string): Promise<Buffer | null> {
  try {
    return await bytesOf((await bucket.get(key)).body);
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return null;
    throw error;
  }
}

const same = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b));

describe.each(GROUNDS)('$name behind a proxy that fails', ({ name, holdsInMemory, start }) => {
  let ground: FaultGround;
  let faulty: StorageProvider;
  let bucket: Bucket;
  let direct: Bucket;
  let keys = 0;
  const fresh = () => {
    keys += 1;
    return `named/${keys}`;
  };

  beforeAll(async () => {
    ground = await start();
    await ground.direct.createBucket('faulty', { labels: { owner: 'ada' } });
    await ground.direct.configureBucket('faulty', 'versions', WANTED);
    direct = ground.direct.bucket('faulty');
  });
  // With its repeats not yet used up by the tests before it.
  beforeEach(async () => {
    faulty = await ground.open({});
    bucket = faulty.bucket('faulty');
  });
  afterEach(() => ground.proxy.setPlan(null));
  afterAll(async () => {
    process.stdout.write(`${name}: ${ground.summary()}\n`);
    await ground.close();
  });

  test('the answer to a conditional write is lost: nobody says that nothing was stored', async () => {
    const key = fresh();
    ground.proxy.setPlan(onlyOn(writes, LOST));
    const put = bucket.put(key, Buffer.from('kept'), { condition: { ifAbsent: true } });
    expect(await refusal(put)).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
    expect(String(await actual(direct, key))).toBe('kept');
  });

  test('the answer to a write without a condition is lost: it is sent again', async () => {
    const key = fresh();
    ground.proxy.setPlan(onlyOn(writes, LOST));
    expect(await bucket.put(key, Buffer.from('kept'))).toMatchObject({ sizeBytes: 4 });
    expect(String(await actual(direct, key))).toBe('kept');
  });

  test('the answer is lost, and from then on the store is busy: what was done is not denied', async () => {
    const key = fresh();
    const busy = { kind: 'status', status: 429, retryAfterSeconds: null, applied: false } as const;
    const once = (method: (request: SeenRequest) => boolean) => {
      let met = false;
      ground.proxy.setPlan((request) => {
        if (met) return busy;
        met = method(request);
        return met ? LOST : null;
      });
    };
    once(writes);
    expect(await refusal(bucket.put(key, Buffer.from('kept')))).toMatchObject({ details: { outcome: 'unknown' } });
    expect(String(await actual(direct, key))).toBe('kept');
    once(({ method }) => method === 'DELETE');
    expect(await refusal(bucket.delete(key))).toMatchObject({ details: { outcome: 'unknown' } });
    expect(await actual(direct, key)).toBeNull();
  });

  test.each([
    ['one request', 100_000],
    ['several', 12 * MIB],
  ])('an upload in %s that breaks off half way leaves nothing', async (_, sizeBytes) => {
    const key = fresh();
    const large = (request: SeenRequest) => writes(request) && (request.bodyBytes ?? MIB) >= 100_000;
    ground.proxy.setPlan(onlyOn(large, { kind: 'reset-up', part: 0.5 }, 99));
    const put = bucket.put(key, Readable.from([Buffer.alloc(sizeBytes, 'x')]), { sizeBytes });
    expect(await refusal(put)).toMatchObject({ code: 'unavailable' });
    expect(await actual(direct, key)).toBeNull();
  });

  test('the answer to the last request of a large upload is lost: the store is asked what became of it', async () => {
    for (const fault of [
      LOST,
      TWICE,
      { kind: 'status', status: 500, retryAfterSeconds: null, applied: true },
    ] as const) {
      const key = fresh();
      const last = ({ method, query, headers }: SeenRequest) =>
        (method === 'POST' && query.includes('uploadId')) ||
        /^bytes (\d+-\d+|\*)\/\d+$/.test(headers['content-range'] ?? '');
      ground.proxy.setPlan(onlyOn(last, fault));
      const sent = await bucket.put(key, countedBody(12).body, { sizeBytes: 12 * MIB, condition: { ifAbsent: true } });
      expect(ground.proxy.injected.at(-1)?.fault).toEqual(fault);
      expect(sent).toMatchObject({ sizeBytes: 12 * MIB, version: (await direct.head(key)).version });
      expect((await actual(direct, key))?.equals(Buffer.alloc(12 * MIB, 'x'))).toBe(true);
    }
  });

  test.each(['reset-down', 'truncate'] as const)('a download that ends early (%s) is an error', async (kind) => {
    const key = fresh();
    await direct.put(key, Buffer.alloc(4 * MIB, 'y'));
    for (const range of [undefined, { start: 10, end: 3 * MIB }]) {
      ground.proxy.setPlan(onlyOn(content, { kind, part: 0.5 }));
      const { body } = await bucket.get(key, range && { range });
      expect(await refusal(bytesOf(body))).toMatchObject({ code: 'unavailable' });
    }
  });

  test('a list that is cut is asked for again, never shorter', async () => {
    for (let i = 0; i < 20; i += 1) await direct.put(`listed/${i}`, Buffer.from('x'));
    for (const kind of ['truncate', 'reset-down'] as const) {
      ground.proxy.setPlan(onlyOn(({ method }) => method === 'GET', { kind, part: 0.5 }));
      expect((await bucket.list({ prefix: 'listed/' })).objects).toHaveLength(20);
    }
  });

  test('a store that asks for a pause gets it; one that asks for a long one is left alone', async () => {
    const key = fresh();
    await direct.put(key, Buffer.from('x'));
    const busy = (retryAfterSeconds: number) =>
      onlyOn(() => true, { kind: 'status', status: 503, retryAfterSeconds, applied: false });
    ground.proxy.setPlan(busy(1));
    const begun = performance.now();
    await bucket.head(key);
    expect(performance.now() - begun).toBeGreaterThan(950);
    ground.proxy.setPlan(busy(60));
    expect(await refusal(bucket.head(key))).toMatchObject({ code: 'unavailable', details: { retryAfterMs: 60_000 } });
  });

  test('too many requests: refused ones are asked again, conditional ones too', async () => {
    const key = fresh();
    const many = { kind: 'status', status: 429, retryAfterSeconds: null, applied: false } as const;
    ground.proxy.setPlan(onlyOn(writes, many));
    await bucket.put(key, Buffer.from('x'), { condition: { ifAbsent: true } });
    ground.proxy.setPlan(onlyOn(() => true, many, 99));
    expect(await refusal(bucket.head(key))).toMatchObject({ code: 'unavailable', details: { outcome: 'not_applied' } });
  });

  test('a request that is delivered twice is not told to have done nothing', async () => {
    const [key, copied] = [fresh(), fresh()];
    ground.proxy.setPlan(onlyOn(writes, TWICE));
    const put = bucket.put(key, Buffer.from('mine'), { condition: { ifAbsent: true } });
    expect(await refusal(put)).toMatchObject({ code: 'conflict', details: { outcome: 'unknown' } });
    expect(String(await actual(direct, key))).toBe('mine');
    const makes = (request: SeenRequest) => request.method === 'POST' && !request.query.includes('uploads');
    ground.proxy.setPlan(onlyOn(makes, TWICE));
    const copy = await bucket.copy(key, copied, { condition: { ifAbsent: true } }).catch((error: AppError) => error);
    if (isAppError(copy)) expect(copy.details).toMatchObject({ outcome: 'unknown' });
    expect(String(await actual(direct, copied))).toBe('mine');
    ground.proxy.setPlan(onlyOn(({ method }) => method === 'DELETE', TWICE));
    const { version } = await direct.head(key);
    const removed = await bucket.delete(key, { ifVersion: version }).catch((error: AppError) => error);
    if (isAppError(removed)) expect(removed).toMatchObject({ code: 'conflict', details: { outcome: 'unknown' } });
    expect(await actual(direct, key)).toBeNull();
  });

  test.each(['POST', 'PUT', 'DELETE', 'GET', 'HEAD'])(
    'a move whose %s loses its answers loses no file',
    async (method) => {
      const [from, to] = [fresh(), fresh()];
      await direct.put(from, Buffer.from('precious'));
      ground.proxy.setPlan(onlyOn((request) => request.method === method, LOST, 2));
      await bucket.move(from, to, { condition: { ifAbsent: true } }).catch((error: unknown) => {
        if (!isAppError(error)) throw error;
        expect(['unavailable', 'conflict', 'not_found']).toContain(error.code);
      });
      const [source, target] = [await actual(direct, from), await actual(direct, to)];
      expect([source, target].map(String)).toContain('precious');
      ground.proxy.setPlan(null);
      if (source) await bucket.move(from, to, { condition: { ifAbsent: true } });
      expect([await actual(direct, from), String(await actual(direct, to))]).toEqual([null, 'precious']);
    },
  );

  test('an upload in parts goes on after every kind of break, and its end is never denied', async () => {
    const key = fresh();
    const { id, partSizeBytes } = await bucket.startUpload(key, { sizeBytes: 9 * MIB });
    const whole = Buffer.alloc(9 * MIB, 'parts');
    const parts = [whole.subarray(0, partSizeBytes), whole.subarray(partSizeBytes)];
    for (const fault of [{ kind: 'reset-up', part: 0.5 }, LOST, { ...TWICE, answer: 'first' }] as const) {
      ground.proxy.setPlan(onlyOn(writes, fault));
      for (const [i, body] of parts.entries())
        await bucket.putPart(key, id, { number: i + 1, body, sizeBytes: body.length });
    }
    ground.proxy.setPlan(onlyOn(({ method }) => method === 'GET', { kind: 'truncate', part: 0.5 }));
    expect(await bucket.listParts(key, id)).toHaveLength(2);
    ground.proxy.setPlan(onlyOn(({ method }) => method === 'POST', LOST));
    const done = bucket.completeUpload(key, id, { sizeBytes: whole.length, condition: { ifAbsent: true } });
    const error = await done.then(
      () => null,
      (thrown: AppError) => thrown,
    );
    ground.proxy.setPlan(null);
    if (error) {
      expect(error).toMatchObject({ code: 'unavailable', details: { outcome: 'unknown' } });
      await bucket.completeUpload(key, id, { sizeBytes: whole.length });
    }
    expect((await actual(direct, key))?.equals(whole)).toBe(true);
  });

  test('an upload that ended is not denied by the question after it', async () => {
    const key = fresh();
    const { id } = await bucket.startUpload(key, { sizeBytes: 3 });
    await bucket.putPart(key, id, { number: 1, body: Buffer.from('abc'), sizeBytes: 3 });
    let made = false;
    ground.proxy.setPlan((request) => {
      if (made) return { kind: 'status', status: 429, retryAfterSeconds: null, applied: false };
      made = request.method === 'POST';
      return null;
    });
    const done = await bucket.completeUpload(key, id, { sizeBytes: 3 }).catch((error: AppError) => error);
    if (isAppError(done) && (await actual(direct, key))) expect(done.details).toMatchObject({ outcome: 'unknown' });
  });

  test('settings are made whatever happens to their requests', async () => {
    await ground.direct.createBucket('settled', { labels: { owner: 'ada' } });
    for (const fault of [LOST, TWICE, { kind: 'status', status: 500, retryAfterSeconds: null, applied: true }] as const)
      for (const setting of BUCKET_SETTINGS) {
        ground.proxy.setPlan(onlyOn(({ method }) => method === 'PUT' || method === 'PATCH', fault));
        const state = await faulty.configureBucket('settled', setting, WANTED);
        expect(['on', 'lacking']).toContain(state.state);
      }
    ground.proxy.setPlan(null);
    const told = await faulty.inspectBucket('settled', WANTED);
    expect(told.filter(({ state }) => state === 'off')).toEqual([]);
  });

  test('a bucket is made and removed once, whatever happens to the requests', async () => {
    for (const fault of [LOST, TWICE, { kind: 'reset-before' }] as const) {
      ground.proxy.setPlan(onlyOn(({ method }) => method === 'PUT' || method === 'POST', fault));
      await faulty.createBucket('short-lived', { labels: { owner: 'ada' } });
      await ground.direct.bucket('short-lived').put('a/b', Buffer.from('x'));
      ground.proxy.setPlan(onlyOn(({ method }) => method === 'DELETE' || method === 'POST', fault, 2));
      await faulty.deleteBucket('short-lived', { force: true });
      expect(await ground.direct.listBuckets({ prefix: 'short' })).toEqual([]);
    }
  });

  test('a store that never answers is given up in time', async () => {
    const key = fresh();
    await direct.put(key, Buffer.alloc(MIB));
    const impatient = (await ground.open({ attemptMs: 200, stallMs: 300, attempts: 2 })).bucket('faulty');
    ground.proxy.setPlan(() => ({ kind: 'delay', ms: 3_600_000 }));
    const begun = performance.now();
    const calls = [
      impatient.head(key),
      impatient.get(key),
      impatient.list(),
      impatient.listVersions({}),
      impatient.delete(key),
      impatient.startUpload(key, { sizeBytes: 5 }),
      impatient.put(key, Buffer.from('x'), { condition: { ifAbsent: true } }),
      impatient.put(key, countedBody(12).body, { sizeBytes: 12 * MIB }),
    ];
    for (const outcome of await Promise.all(calls.map(refusal)))
      expect(outcome).toMatchObject({ code: 'deadline_exceeded', details: { outcome: 'unknown' } });
    expect(performance.now() - begun).toBeLessThan(8_000);
    expect((await actual(direct, key))?.length).toBe(MIB);
  });

  test.skipIf(holdsInMemory)('memory stays constant while large transfers break', async () => {
    await direct.put('large', countedBody(24).body, { sizeBytes: 24 * MIB });
    const round = async (i: number) => {
      const large = ({ method, bodyBytes }: SeenRequest) => (i % 2 ? method === 'GET' : (bodyBytes ?? 0) > MIB);
      ground.proxy.setPlan(onlyOn(large, { kind: i % 2 ? 'reset-down' : 'reset-up', part: 0.9 }));
      if (i % 2) await refusal(bucket.get('large').then(({ body }) => body.resume().toArray()));
      else await refusal(bucket.put(`broken/${i}`, countedBody(24).body, { sizeBytes: 24 * MIB }));
    };
    for (let i = 0; i < 4; i += 1) await round(i);
    const base = process.memoryUsage().rss;
    for (let i = 0; i < 16; i += 1) await round(i);
    expect(process.memoryUsage().rss - base).toBeLessThan(64 * MIB);
  });

  test('a seeded storm: every claim is checked against the store itself', async () => {
    ground.proxy.setPlan(seededPlan({ seed: SEED, rate: 0.25, longestDelayMs: 60 }));
    const told = await Promise.all(
      ['a', 'b', 'c', 'd'].map((lane) => storm({ bucket, direct, prefix: `storm/${lane}`, calls: CALLS })),
    );
    ground.proxy.setPlan(null);
    const sum = (pick: (lane: Told) => number) => told.reduce((all, lane) => all + pick(lane), 0);
    const [failed, unknown] = [sum((lane) => lane.failed), sum((lane) => lane.unknown)];
    process.stdout.write(`${name}, storm ${SEED}: ${4 * CALLS} calls, ${failed} failed, ${unknown} of them in doubt\n`);
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(2 * CALLS);
  });
});

interface Told {
  failed: number;
  unknown: number;
}

interface Lane {
  bucket: Bucket;
  direct: Bucket;
  prefix: string;
  calls: number;
}

/** Calls of one hand, one after the other, on keys of its own. After each, the store itself says what is there. */
async function storm({ bucket, direct, prefix, calls }: Lane): Promise<Told> {
  const random = numbers(`${SEED} ${prefix}`);
  const upTo = (n: number) => Math.floor(random() * n);
  const held = new Map<string, Buffer>();
  const told: Told = { failed: 0, unknown: 0 };
  let made = 0;

  const newKey = () => {
    made += 1;
    return `${prefix}/${made}`;
  };
  const newContent = () => {
    const size = [0, 10, 5_000, 70_000, 300_000, 6 * MIB][upTo(20) === 0 ? 5 : upTo(5)] ?? 0;
    return Buffer.alloc(size, `${prefix} ${made} ${random()}`);
  };
  const anyKey = () => [...held.keys()][upTo(held.size)];

  /** `after`: what each touched key holds once the call was carried out; a move may also stop half way. */
  async function write(call: Promise<unknown>, after: Record<string, Buffer | null>, conditional: boolean) {
    const error = await ended(call, conditional);
    const done: boolean[] = [];
    for (const [key, content] of Object.entries(after)) {
      const now = await actual(direct, key);
      const before = held.get(key) ?? null;
      const [isBefore, isAfter] = [same(now, before), same(now, content)];
      if (error === null) expect(isAfter, `${key} after a success`).toBe(true);
      else if (error.details?.outcome === 'not_applied') expect(isBefore, `${key} after ${error.message}`).toBe(true);
      else expect(isBefore || isAfter, `${key} after ${error.message}`).toBe(true);
      done.push(isAfter);
      if (now) held.set(key, now);
      else held.delete(key);
    }
    return done;
  }

  async function ended(call: Promise<unknown>, conditional = false): Promise<AppError | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`a call did not end within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    });
    const error: unknown = await Promise.race([call, late]).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    clearTimeout(timer);
    if (error === null) return null;
    if (!isAppError(error)) throw error;
    told.failed += 1;
    if (error.details?.outcome === 'unknown') told.unknown += 1;
    expect(['not_applied', 'unknown']).toContain(error.details?.outcome);
    const allowed = ['unavailable', 'deadline_exceeded', ...(conditional ? ['conflict'] : [])];
    expect(allowed, `${error.code}: ${error.message} ${String(error.cause)}`).toContain(error.code);
    return error;
  }

  const steps: (() => Promise<unknown>)[] = [
    async () => {
      const [key, bytes] = [newKey(), newContent()];
      const condition = upTo(2) ? ({ ifAbsent: true } as const) : undefined;
      const body = upTo(2)
        ? bytes
        : Readable.from([bytes.subarray(0, 3), bytes.subarray(3)].filter(({ length }) => length));
      await write(
        bucket.put(key, body, { condition, sizeBytes: bytes.length }),
        { [key]: bytes },
        condition !== undefined,
      );
    },
    async () => {
      const key = anyKey();
      if (key === undefined) return;
      const bytes = newContent();
      const { version } = await direct.head(key);
      await write(bucket.put(key, bytes, { condition: { ifVersion: version } }), { [key]: bytes }, true);
    },
    async () => {
      const key = anyKey();
      if (key === undefined) return;
      const whole = held.get(key) ?? Buffer.alloc(0);
      const range = whole.length > 10 && upTo(2) ? { start: 2, end: upTo(whole.length - 3) + 2 } : undefined;
      let got: Buffer | null = null;
      const read = async () => {
        got = await bytesOf((await bucket.get(key, { range })).body);
      };
      if ((await ended(read())) === null)
        expect(same(got, range ? whole.subarray(range.start, range.end + 1) : whole)).toBe(true);
    },
    async () => {
      const [from, to] = [anyKey(), newKey()];
      if (from === undefined) return;
      const condition = upTo(2) ? ({ ifAbsent: true } as const) : undefined;
      await write(bucket.copy(from, to, { condition }), { [to]: held.get(from) ?? null }, condition !== undefined);
    },
    async () => {
      const [from, to] = [anyKey(), newKey()];
      if (from === undefined) return;
      const bytes = held.get(from) ?? null;
      const move = bucket.move(from, to, { condition: { ifAbsent: true } });
      const [gone, there] = await write(move, { [from]: null, [to]: bytes }, true);
      expect(!gone || there, `${from} is neither here nor there`).toBe(true);
    },
    async () => {
      const key = anyKey();
      if (key === undefined) return;
      const ifVersion = upTo(2) ? (await direct.head(key)).version : undefined;
      await write(bucket.delete(key, { ifVersion }), { [key]: null }, ifVersion !== undefined);
    },
    async () => {
      const listed: string[] = [];
      const list = async () => {
        const page = await bucket.list({ prefix: `${prefix}/` });
        listed.push(...page.objects.map(({ key }) => key));
      };
      if ((await ended(list())) === null) expect(listed.sort()).toEqual([...held.keys()].sort());
    },
    async () => {
      const key = anyKey();
      if (key === undefined) return;
      const ids = async (of: Bucket) => (await of.listVersions({ key })).versions.map(({ versionId }) => versionId);
      let seen: string[] = [];
      const look = async () => {
        seen = await ids(bucket);
      };
      const there = await ids(direct);
      if ((await ended(look())) === null) expect(seen).toEqual(there);
      const old = there.at(-1);
      if (old === undefined) return;
      const bytes = await bytesOf((await direct.get(key, { versionId: old })).body);
      await write(bucket.restore(key, old), { [key]: bytes }, false);
    },
    async () => {
      const [key, bytes] = [newKey(), Buffer.from(`in parts ${random()}`)];
      const upload = async () => {
        const { id } = await bucket.startUpload(key, { sizeBytes: bytes.length });
        await bucket.putPart(key, id, { number: 1, body: bytes, sizeBytes: bytes.length });
        if (upTo(4) === 0) await bucket.abortUpload(key, id);
        else await bucket.completeUpload(key, id, { sizeBytes: bytes.length });
      };
      const error = await upload().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      const now = await actual(direct, key);
      expect(now === null || now.equals(bytes)).toBe(true);
      if (now) held.set(key, now);
      if (error === null) return;
      if (!isAppError(error)) throw error;
      told.failed += 1;
      if (error.details?.outcome === 'unknown') told.unknown += 1;
      else expect(now, error.message).toBeNull();
    },
  ];
  // Writers more often than readers, so that there is something to read.
  const order = [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
  for (let call = 0; call < calls; call += 1) await steps[order[upTo(order.length)] ?? 0]?.();
  return told;
}
