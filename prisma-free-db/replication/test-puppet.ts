/**
 * A bucket whose requests wait until the test lets each of them through, and says how it ends: with it a test plays one exact schedule of several
 * processes, step by step. One puppet stands for one process's way to the bucket.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyPage, LogBucket, StoredObject } from './bucket.ts';
import { Ambiguous } from './errors.ts';
import type { Operation, Request } from './memory-bucket.ts';

/** `lost`: applied, without an answer. */
export type Passage = 'answered' | 'lost';

interface Held extends Request {
  readonly pass: (how: Passage) => Promise<void>;
}

const LONGEST_WAIT_MS = 5_000;

export class Puppet implements LogBucket {
  /** Lets everything through as it comes. */
  free = false;
  readonly #bucket: LogBucket;
  #held: Held[] = [];

  constructor(bucket: LogBucket) {
    this.#bucket = bucket;
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return this.#hold('putIfAbsent', key, () => this.#bucket.putIfAbsent(key, bytes));
  }

  putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null> {
    return this.#hold('putIfMatch', key, () => this.#bucket.putIfMatch(key, bytes, etag));
  }

  get(key: string): Promise<StoredObject | null> {
    return this.#hold('get', key, () => this.#bucket.get(key));
  }

  list(prefix: string, after: string | null): Promise<KeyPage> {
    return this.#hold('list', prefix, () => this.#bucket.list(prefix, after));
  }

  delete(key: string): Promise<void> {
    return this.#hold('delete', key, () => this.#bucket.delete(key));
  }

  /**
   * Answers requests of `which`, one after another, until `work` is settled; or until `last` was true of one, which ends as told.
   */
  async until(
    work: Promise<unknown>,
    which: (request: Request) => boolean,
    { last = () => false, how = 'answered' }: { last?: (request: Request) => boolean; how?: Passage } = {},
  ): Promise<void> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    for (;;) {
      const held = await this.#next(which, () => settled);
      if (!held) return;
      const isLast = last(held);
      await held.pass(isLast ? how : 'answered');
      if (isLast) return;
    }
  }

  /** From now on nothing waits. */
  async release(): Promise<void> {
    this.free = true;
    for (const { pass } of this.#held.splice(0)) await pass('answered');
  }

  async #next(which: (request: Request) => boolean, over: () => boolean): Promise<Held | null> {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const index = this.#held.findIndex(which);
      if (index >= 0) return this.#held.splice(index, 1)[0] ?? null;
      if (over()) return null;
      if (performance.now() > deadline) throw new Error('no request came in time');
      await nextTurn();
    }
  }

  #hold<T>(operation: Operation, key: string, send: () => Promise<T>): Promise<T> {
    if (this.free) return send();
    return new Promise<T>((resolve, reject) => {
      const pass = async (how: Passage): Promise<void> => {
        try {
          const answer = await send();
          if (how === 'lost') throw new Ambiguous(`${operation} ${key}: the answer was lost`);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
      this.#held.push({ operation, key, pass });
    });
  }
}
