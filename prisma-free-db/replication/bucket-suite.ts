/**
 * What every implementation of the bucket must show (format document, sections 3 and 18): one list for memory, folder and real stores.
 * Knows no test framework, so that a command can run it against a customer's bucket too. Each check uses keys of its own.
 */
import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { type LogBucket, listAll } from './bucket.ts';
import { systemClock } from './clock.ts';
import { Ambiguous } from './errors.ts';

export interface BucketCheck {
  readonly name: string;
  /** @param folder ends in a slash; nothing lies below it @throws AssertionError */
  run(bucket: LogBucket, folder: string): Promise<void>;
}

const RACERS = 50;
/** More than one page of any store. */
const MANY = 1_100;
const body = (text: string): Uint8Array => Buffer.from(text);
const textOf = (object: { bytes: Uint8Array } | null): string | null =>
  object && Buffer.from(object.bytes).toString('utf8');
const namesIn = (bucket: LogBucket, prefix: string, after: string | null = null): Promise<string[]> =>
  listAll(bucket, { prefix, after }, { clock: systemClock, random: Math.random });

export const BUCKET_SUITE: readonly BucketCheck[] = [
  {
    name: 'creates once; the second create changes nothing, whatever its bytes',
    async run(bucket, folder) {
      assert.equal(await bucket.putIfAbsent(`${folder}a`, body('one')), 'created');
      assert.equal(await bucket.putIfAbsent(`${folder}a`, body('two')), 'exists');
      assert.equal(await bucket.putIfAbsent(`${folder}a`, body('one')), 'exists');
      assert.equal(textOf(await bucket.get(`${folder}a`)), 'one');
    },
  },
  {
    name: `${RACERS} creates at once have one winner, whose bytes are there`,
    async run(bucket, folder) {
      const answers = await Promise.allSettled(
        Array.from({ length: RACERS }, (_, racer) => bucket.putIfAbsent(`${folder}a`, body(`racer ${racer}`))),
      );
      const winners = answers.flatMap((each, racer) =>
        each.status === 'fulfilled' && each.value === 'created' ? [racer] : [],
      );
      const unclear = answers.flatMap((each, racer) => {
        if (each.status === 'fulfilled') return [];
        assert.ok(each.reason instanceof Ambiguous, String(each.reason));
        return [racer];
      });
      assert.ok(winners.length === 1 || (winners.length === 0 && unclear.length > 0), `winners: ${winners}`);
      const held = textOf(await bucket.get(`${folder}a`));
      assert.ok(
        (winners.length === 1 ? winners : unclear).some((racer) => held === `racer ${racer}`),
        String(held),
      );
    },
  },
  {
    name: 'replaces by version only; a create by version needs absence',
    async run(bucket, folder) {
      const key = `${folder}a`;
      assert.equal(await bucket.putIfMatch(key, body('x'), 'no-such-version'), null);
      assert.equal(await bucket.get(key), null);
      const first = await bucket.putIfMatch(key, body('one'), null);
      assert.ok(first !== null);
      assert.equal(await bucket.putIfMatch(key, body('x'), null), null);
      const second = await bucket.putIfMatch(key, body('two'), first);
      assert.ok(second !== null && second !== first);
      assert.equal(await bucket.putIfMatch(key, body('x'), first), null);
      assert.deepEqual(
        { text: textOf(await bucket.get(key)), etag: (await bucket.get(key))?.etag },
        { text: 'two', etag: second },
      );
    },
  },
  {
    name: 'of replacements at once on one version one succeeds',
    async run(bucket, folder) {
      const key = `${folder}a`;
      const etag = await bucket.putIfMatch(key, body('start'), null);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, racer) => bucket.putIfMatch(key, body(`racer ${racer}`), etag)),
      );
      const winners = answers.flatMap((answer, racer) => (answer === null ? [] : [racer]));
      assert.equal(winners.length, 1);
      assert.equal(textOf(await bucket.get(key)), `racer ${winners[0]}`);
    },
  },
  {
    name: 'reads and lists show each write and delete at once',
    async run(bucket, folder) {
      for (let round = 0; round < 10; round += 1) {
        const key = `${folder}${round}`;
        await bucket.putIfAbsent(key, body(`${round}`));
        assert.equal(textOf(await bucket.get(key)), `${round}`);
        assert.deepEqual(await namesIn(bucket, folder), [key]);
        await bucket.delete(key);
        assert.equal(await bucket.get(key), null);
        assert.deepEqual(await namesIn(bucket, folder), []);
      }
    },
  },
  {
    name: 'lists in byte order, strictly after a key, within the prefix',
    async run(bucket, folder) {
      const names = ['log/0a', 'log/10', 'log/b', 'log/B', 'lo', 'log0'];
      for (const name of names) await bucket.putIfAbsent(folder + name, body(name));
      const inside = ['0a', '10', 'B', 'b'].map((name) => `${folder}log/${name}`);
      assert.deepEqual(await namesIn(bucket, `${folder}log/`), inside);
      assert.deepEqual(await namesIn(bucket, `${folder}log/`, `${folder}log/10`), inside.slice(2));
      assert.deepEqual(await namesIn(bucket, `${folder}log/`, `${folder}log/0b`), inside.slice(1));
      assert.deepEqual(await namesIn(bucket, `${folder}log/`, `${folder}log/b`), []);
    },
  },
  {
    name: `lists ${MANY} keys page by page, each once`,
    async run(bucket, folder) {
      const keys = Array.from({ length: MANY }, (_, index) => `${folder}${index.toString(16).padStart(16, '0')}`);
      const queue = keys[Symbol.iterator]();
      const write = async () => {
        for (const key of queue) await bucket.putIfAbsent(key, body('x'));
      };
      await Promise.all(Array.from({ length: 16 }, write));
      assert.deepEqual(await namesIn(bucket, folder), keys);
      const rest = async () => {
        for (const key of drain) await bucket.delete(key);
      };
      const drain = keys[Symbol.iterator]();
      await Promise.all(Array.from({ length: 16 }, rest));
      assert.deepEqual(await namesIn(bucket, folder), []);
    },
  },
  {
    name: 'deletes what is not there; a deleted key can be created again',
    async run(bucket, folder) {
      await bucket.delete(`${folder}a`);
      await bucket.putIfAbsent(`${folder}a`, body('one'));
      await bucket.delete(`${folder}a`);
      await bucket.delete(`${folder}a`);
      assert.equal(await bucket.putIfAbsent(`${folder}a`, body('two')), 'created');
      assert.equal(textOf(await bucket.get(`${folder}a`)), 'two');
    },
  },
  {
    name: 'keeps every byte, none and many',
    async run(bucket, folder) {
      const contents = [
        Buffer.alloc(0),
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        randomBytes(3_000_000),
      ];
      for (const [index, bytes] of contents.entries()) {
        await bucket.putIfAbsent(`${folder}${index}`, bytes);
        const held = await bucket.get(`${folder}${index}`);
        assert.ok(held && bytes.equals(held.bytes), `content ${index}`);
      }
    },
  },
];
