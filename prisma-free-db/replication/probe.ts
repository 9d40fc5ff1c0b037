/**
 * Start-up probe (format document, section 3): shows that the store keeps the promises on which every guarantee of the log rests,
 * before anything is written there. Some stores silently ignore conditions or lose races; such a one is refused. Leaves nothing
 * behind. A pass is evidence, not proof: a rare race may escape it, which is why several rounds of racers run (and many more when
 * somebody asks for them, with `probeRaces`).
 */
import { randomBytes } from 'node:crypto';
import type { LogBucket } from './bucket.ts';
import { Ambiguous, UnsafeStore } from './errors.ts';
import type { LogKeys } from './names.ts';
import { Backoff, type Pacing, unlessAborted } from './pacing.ts';

const RACERS = 8;
const RACES = 4;
/** Whole probes that may meet an indefinite answer before the store counts as away. */
const TRIES = 8;

/**
 * @param name where below the prefix it works; random, so that probes at the same time do not meet
 * @throws UnsafeStore naming the broken promise; Ambiguous when the store gives no definite answers; its own errors, as a lack of permission
 */
export async function probeStore(
  bucket: LogBucket,
  keys: LogKeys,
  pacing: Pacing,
  name: () => string = () => randomBytes(12).toString('hex'),
): Promise<void> {
  const backoff = new Backoff(pacing);
  for (let left = TRIES; ; left -= 1) {
    // No folder of its own: on a disk it would stay.
    const folder = `${keys.root}probe/${name()}-`;
    try {
      await unlessAborted(probeOnce(bucket, folder), pacing.signal);
      return;
    } catch (error) {
      if (!(error instanceof Ambiguous) || left === 1) throw error;
    } finally {
      await sweep(bucket, folder);
    }
    await backoff.wait();
  }
}

async function probeOnce(bucket: LogBucket, folder: string): Promise<void> {
  const key = `${folder}object`;
  const [first, second, third] = ['first', 'second', 'third'].map((text) => Buffer.from(text));
  if (!first || !second || !third) return;

  must((await bucket.get(key)) === null, 'it answers for an object that was never written');
  must((await bucket.putIfAbsent(key, first)) === 'created', 'it refuses to create an object that is not there');
  must((await bucket.putIfAbsent(key, second)) === 'exists', 'it ignores create-if-absent');
  const created = await bucket.get(key);
  must(
    created !== null && first.equals(created.bytes),
    'a refused create changed the object, or a read does not see it',
  );
  must((await namesIn(bucket, folder)).includes(key), 'a list does not show an object just created');

  const etag = created?.etag ?? '';
  must((await bucket.putIfMatch(key, second, null)) === null, 'it ignores the condition that an object be absent');
  const changed = await bucket.putIfMatch(key, second, etag);
  must(changed !== null && changed !== etag, 'it refuses a replacement whose version is right');
  must((await bucket.putIfMatch(key, third, etag)) === null, 'it ignores the version of a replacement');
  const replaced = await bucket.get(key);
  must(replaced !== null && second.equals(replaced.bytes), 'a read shows another version than was written last');
  must(replaced?.etag === changed, 'a read names another version than the write did');

  for (let round = 0; round < RACES; round += 1) {
    await raceToCreate(bucket, `${folder}race-${round}`);
    await raceToReplace(bucket, `${folder}race-${round}`);
  }

  await bucket.delete(key);
  must((await bucket.get(key)) === null, 'a read shows an object just deleted');
  must(!(await namesIn(bucket, folder)).includes(key), 'a list shows an object just deleted');
}

/**
 * Many more races than a start has time for: a store that loses one in some hundreds is found.
 * @throws UnsafeStore; Ambiguous
 */
export async function probeRaces(bucket: LogBucket, folder: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const key = `${folder}race`;
    await raceToCreate(bucket, key);
    await raceToReplace(bucket, key);
    await bucket.delete(key);
  }
}

async function raceToCreate(bucket: LogBucket, key: string): Promise<void> {
  const bodies = Array.from({ length: RACERS }, (_, racer) => Buffer.from(`racer ${racer}`));
  const settled = await Promise.allSettled(bodies.map((body) => bucket.putIfAbsent(key, body)));
  await judge(bucket, key, { bodies, settled, won: (answer) => answer === 'created', what: 'creates of one object' });
}

async function raceToReplace(bucket: LogBucket, key: string): Promise<void> {
  const before = await bucket.get(key);
  const bodies = Array.from({ length: RACERS }, (_, racer) => Buffer.from(`replacement ${racer}`));
  const settled = await Promise.allSettled(bodies.map((body) => bucket.putIfMatch(key, body, before?.etag ?? null)));
  await judge(bucket, key, {
    ...{ bodies, settled, won: (answer: string | null) => answer !== null },
    what: 'replacements of one version',
  });
}

interface Race<T> {
  readonly bodies: readonly Buffer[];
  readonly settled: readonly PromiseSettledResult<T>[];
  readonly won: (answer: T) => boolean;
  readonly what: string;
}

async function judge<T>(bucket: LogBucket, key: string, { bodies, settled, won, what }: Race<T>): Promise<void> {
  const winners = bodies.filter((_, racer) => {
    const answer = settled[racer];
    return answer?.status === 'fulfilled' && won(answer.value);
  });
  must(winners.length <= 1, `${winners.length} ${what} at once all succeeded`);
  // An indefinite answer may hide the winner: this round says nothing more, the caller starts again.
  for (const answer of settled) if (answer.status === 'rejected') throw answer.reason;
  const held = await bucket.get(key);
  must(
    winners.length === 1 && held !== null && winners[0]?.equals(held.bytes) === true,
    `a race of ${what} had no winner, or another one than it told`,
  );
}

async function namesIn(bucket: LogBucket, folder: string): Promise<string[]> {
  const { keys } = await bucket.list(folder, null);
  return [...keys];
}

function must(held: boolean, broken: string): void {
  if (!held) throw new UnsafeStore(`This storage cannot hold the database's log: ${broken}.`);
}

/** What a probe leaves would do no harm; its failure must not hide what the probe found. */
async function sweep(bucket: LogBucket, folder: string): Promise<void> {
  const names = ['object', ...Array.from({ length: RACES }, (_, round) => `race-${round}`)];
  await Promise.allSettled(names.map((each) => bucket.delete(folder + each)));
}
