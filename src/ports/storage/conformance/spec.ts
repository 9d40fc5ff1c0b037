/**
 * How the topics of the suite say what a storage promises. A promise is a vitest test with a bucket of its own; what became of
 * it is written down for docs/PARITY.md. Promises that need a capability which the storage declares not to have turn into the
 * test that it then refuses to try.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bucket, BucketCapabilities, ObjectInfo, StorageProvider, WantedSettings } from '../storage.ts';
import { readDeclared } from './declared.ts';
import { refusals } from './probes.ts';
import { type Outcome, type Result, writeResults } from './results.ts';

export interface StorageUnderTest {
  provider: StorageProvider;
  /** The same store opened once more, as a second process would; the suite closes it. */
  another?: () => Promise<StorageProvider>;
  /** Whether bodies pass through; a store that holds them in memory says false. */
  constantMemory: boolean;
  /** Ways to flip a byte without the store's knowledge: of what it keeps, and of all bodies that pass while a switch is on. */
  damage?: {
    stored?(bucket: string, key: string): Promise<void>;
    uploads?(on: boolean): void;
    downloads?(on: boolean): void;
  };
  cleanup(): Promise<void>;
}

export interface StorageSuite {
  /** Column of docs/PARITY.md. */
  name: string;
  /** Called once. */
  open(): Promise<StorageUnderTest>;
  /** Promise → why it does not apply to this target. */
  skips?: Record<string, string>;
  /** Promise → what this test server gets wrong. */
  faults?: Record<string, string>;
  /** Where to write what became of each promise and what the storage says of itself. */
  resultsFile?: string;
  /** Whether what the storage says of itself here is true elsewhere, too: settings, access. Default true. */
  declares?: boolean;
  /** Of each test and hook. */
  timeLimitMs?: number;
  bucketName?: () => string;
}

export interface Tools {
  under: StorageUnderTest;
  provider: StorageProvider;
  /** Fresh and empty; it keeps versions where the storage can. */
  bucket: Bucket;
  put(key: string, text: string): Promise<ObjectInfo>;
  /** Of a bucket that is not there yet; the suite removes it. */
  newName(): string;
  /** To be thrown: ends the promise as one that this storage does not keep, for a declared reason. */
  lack(reason: string): Error;
  /** To be thrown: ends the promise as one that cannot be tested here. */
  skip(reason: string): Error;
}

export interface Need {
  needs?: readonly (keyof BucketCapabilities)[];
}

export interface Spec {
  topic(name: string, declare: () => void): void;
  promise(name: string, run: (tools: Tools) => Promise<void>): void;
  promise(name: string, need: Need, run: (tools: Tools) => Promise<void>): void;
  /** One promise about several inputs; each is a test. */
  each<T>(name: string, inputs: readonly T[], run: (input: T, tools: Tools) => Promise<void>): void;
}

export const WANTED: WantedSettings = { keepVersionsDays: 30, corsOrigins: [], logBucket: null };

class Ended extends Error {
  readonly outcome: 'lacking' | 'skipped';
  constructor(outcome: 'lacking' | 'skipped', reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

/** Declares the suite; `topics` are called with the spec in which they declare their promises. */
export function declareSuite(suite: StorageSuite, topics: readonly ((spec: Spec) => void)[]): void {
  const { timeLimitMs = 15_000, bucketName = () => `t-${randomUUID()}` } = suite;
  const results = new Map<string, Result>();
  const declaredPromises = new Set<string>();
  let under: StorageUnderTest | null = null;

  /** A promise about several inputs keeps the first outcome that is not `passed`. */
  function record(promise: string, outcome: Outcome, reason: string | null): void {
    const known = results.get(promise);
    if (!known || known.outcome === 'passed') results.set(promise, { promise, outcome, reason });
  }

  function declare(topic: string, names: { promise: string; test: string }, need: Need, run: Run): void {
    const promise = `${topic}: ${names.promise}`;
    declaredPromises.add(promise);
    const full = `${topic}: ${names.test}`;
    const lookUp = (reasons: Record<string, string> = {}) => reasons[promise] ?? reasons[full] ?? null;
    test(names.test, { timeout: timeLimitMs }, async ({ skip }) => {
      const skipped = lookUp(suite.skips);
      const fault = lookUp(suite.faults);
      if (skipped !== null || fault !== null) {
        record(promise, skipped === null ? 'fault' : 'skipped', skipped ?? fault);
        skip(skipped ?? `the server under test: ${fault}`);
      }
      if (!under) throw new Error('the storage was not opened');
      try {
        await withBucket(under, bucketName, (tools) => runOrRefuse(tools, need, run));
        record(promise, 'passed', null);
      } catch (error) {
        if (!(error instanceof Ended)) {
          record(promise, 'failed', error instanceof Error ? error.message : String(error));
          throw error;
        }
        record(promise, error.outcome, error.message);
        if (error.outcome === 'skipped') skip(error.message);
      }
    });
  }

  async function report(path: string, { provider }: StorageUnderTest): Promise<void> {
    const promises = [...results.values()];
    if (suite.declares === false) return writeResults(path, { storage: suite.name, declared: null, promises });
    const name = bucketName();
    await provider.createBucket(name, { labels: { suite: 'conformance' } });
    try {
      const declared = await readDeclared(provider, name, WANTED);
      writeResults(path, { storage: suite.name, declared, promises });
    } finally {
      await provider.deleteBucket(name, { force: true });
    }
  }

  describe(`storage contract: ${suite.name}`, () => {
    beforeAll(async () => {
      under = await suite.open();
    }, timeLimitMs);
    afterAll(async () => {
      if (!under) return;
      try {
        const complete = results.size === declaredPromises.size;
        if (suite.resultsFile !== undefined && complete) await report(suite.resultsFile, under);
      } finally {
        await under.provider.close();
        await under.cleanup();
      }
    }, timeLimitMs);
    let topicName = '';
    const spec: Spec = {
      topic(name, declareTopic) {
        // Groups are declared later, one after another.
        describe(name, () => {
          topicName = name;
          declareTopic();
        });
      },
      promise(name: string, ...rest: [Run] | [Need, Run]) {
        const [need, run] = rest.length === 1 ? [{}, rest[0]] : rest;
        declare(topicName, { promise: name, test: name }, need, run);
      },
      each(name, inputs, run) {
        for (const input of inputs) {
          const label = JSON.stringify(input);
          declare(topicName, { promise: name, test: `${name}: ${label}` }, {}, (tools) => run(input, tools));
        }
      },
    };
    for (const topic of topics) topic(spec);
  });
}

type Run = (tools: Tools) => Promise<void>;

async function withBucket(
  under: StorageUnderTest,
  bucketName: () => string,
  run: (tools: Tools) => Promise<void>,
): Promise<void> {
  const { provider } = under;
  const names: string[] = [];
  const newName = (): string => {
    const name = bucketName();
    names.push(name);
    return name;
  };
  const name = newName();
  await provider.createBucket(name, { labels: { suite: 'conformance' } });
  const bucket = provider.bucket(name);
  if (bucket.capabilities.history) await provider.configureBucket(name, 'versions', WANTED);
  try {
    await run({
      under,
      provider,
      bucket,
      newName,
      put: (key, text) => bucket.put(key, Buffer.from(text)),
      lack: (reason) => new Ended('lacking', reason),
      skip: (reason) => new Ended('skipped', reason),
    });
  } finally {
    for (const each of names) await provider.deleteBucket(each, { force: true });
  }
}

async function runOrRefuse(tools: Tools, { needs = [] }: Need, run: Run): Promise<void> {
  const missing = needs.find((capability) => !tools.bucket.capabilities[capability]);
  if (missing === undefined) return run(tools);
  for (const outcome of await refusals(REFUSED[missing](tools.bucket))) {
    expect(outcome).toMatchObject({ code: 'unimplemented', details: { outcome: 'not_applied' } });
  }
  const lacks = await tools.provider.check();
  throw tools.lack(lacks.find(({ what }) => what === missing)?.reason ?? `This storage declares no ${missing}.`);
}

const part = { number: 1, body: Buffer.from('x'), sizeBytes: 1 };
const signed = { expiresInMs: 60_000 };

/** The calls that a storage refuses when it declares the lack of a capability. */
const REFUSED: Readonly<Record<keyof BucketCapabilities, (bucket: Bucket) => Promise<unknown>[]>> = {
  versions: (bucket) => [
    bucket.put('a', Buffer.from('x'), { condition: { ifVersion: 'v' } }),
    bucket.delete('a', { ifVersion: 'v' }),
    bucket.copy('a', 'b', { condition: { ifVersion: 'v' } }),
    bucket.move('a', 'b', { condition: { ifVersion: 'v' } }),
  ],
  history: (bucket) => [
    bucket.listVersions({}),
    bucket.restore('a', 'v'),
    bucket.purgeVersion('a', 'v'),
    bucket.head('a', { versionId: 'v' }),
    bucket.get('a', { versionId: 'v' }),
  ],
  signedUrls: (bucket) => [
    bucket.signedUrl('a', { method: 'GET', ...signed }),
    bucket.signedUrl('a', { method: 'PUT', sizeBytes: 1, ...signed }),
    bucket.signedPart('a', 'u', { number: 1, sizeBytes: 1, ...signed }),
  ],
  uploads: (bucket) => [
    bucket.startUpload('a', { sizeBytes: 1 }),
    bucket.putPart('a', 'u', part),
    bucket.listParts('a', 'u'),
    bucket.completeUpload('a', 'u', { sizeBytes: 1 }),
    bucket.abortUpload('a', 'u'),
  ],
  folders: (bucket) => [bucket.createFolder('a'), bucket.deleteFolder('a'), bucket.moveFolder('a', 'b')],
  atomicMove: () => [],
  keysMayNest: () => [],
};
