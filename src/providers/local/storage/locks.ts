/**
 * Mutual exclusion between processes over keys of a bucket, for the moment between checking a condition and putting the new
 * object in place. Survives kill -9 of the holder at any point.
 *
 * Each of 256 stripes is a folder holding a chain of numbered files. Whoever creates the next number by link(2) (which fails
 * when it exists, and shows the file with its content at once) and sees no higher one holds the stripe; it writes down who it
 * is. Freeing empties the file. The next holder may follow on an empty file or one whose owner is dead, and removes the
 * numbers below its own. The highest number never goes away, so a contender that slept for long can only create a number below
 * it, sees that, and withdraws. No step takes something over that another one could have taken in between.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../../domain/errors.ts';
import { afterChange, errnoOf, refused, unless } from './errors.ts';
import { liveness, thisProcess } from './owner.ts';

const STRIPES = 256;
const WAIT_MS = 15_000;
/** A holder in another container counts as dead after this; a hold takes milliseconds. */
const FOREIGN_MS = 30_000;

/** Tail of the waiting line per stripe within this process: only its head contends with other processes. */
const lines = new Map<string, Promise<void>>();
let serial = 0;
/** This module may be loaded more than once in a process; each copy has lines of its own and counts as a holder of its own. */
const self = `${thisProcess()}.${randomBytes(6).toString('hex')}`;

/**
 * Runs `use` while no other process or call holds any of the keys below this folder. Not re-entrant.
 * @param folder holds the stripes; made when missing
 * @throws unavailable when a living process keeps it for long
 */
export async function holdKeys<T>(folder: string, keys: readonly string[], use: () => Promise<T>): Promise<T> {
  // One order for everybody: two calls over the same pair of keys never wait for one another.
  const stripes = [...new Set(keys.map(stripeOf))].sort();
  const [first, ...rest] = stripes.map((stripe) => join(folder, stripe));
  if (first === undefined) return use();
  const nested = rest.reduceRight<() => Promise<T>>((inner, path) => () => holdStripe(path, inner), use);
  return holdStripe(first, nested);
}

function stripeOf(key: string): string {
  const byte = createHash('sha256').update(key).digest()[0] ?? 0;
  return (byte % STRIPES).toString(16).padStart(2, '0');
}

async function holdStripe<T>(stripe: string, use: () => Promise<T>): Promise<T> {
  const before = lines.get(stripe) ?? Promise.resolve();
  const turn = Promise.withResolvers<void>();
  const tail = before.then(() => turn.promise);
  lines.set(stripe, tail);
  await before;
  try {
    const held = await acquire(stripe);
    try {
      return await use();
    } finally {
      await afterChange(() => unless(['ENOENT'], truncate(held)));
    }
  } finally {
    turn.resolve();
    if (lines.get(stripe) === tail) lines.delete(stripe);
  }
}

/** Path of the file that stands for the hold. */
async function acquire(stripe: string): Promise<string> {
  const deadline = performance.now() + WAIT_MS;
  for (let tries = 0; ; tries += 1) {
    const { numbers, drafts } = await chain(stripe);
    const top = numbers.at(-1) ?? 0;
    if (top === 0 || (await isFree(join(stripe, String(top))))) {
      const held = await follow(stripe, top + 1);
      if (held) {
        for (const name of [...numbers, ...(await abandoned(drafts))])
          await unless(['ENOENT'], unlink(join(stripe, `${name}`)));
        return held;
      }
    }
    if (performance.now() > deadline) {
      throw new AppError('unavailable', 'Another program is busy with this storage. Try again in a moment.', {
        details: { outcome: 'not_applied' },
      });
    }
    await pause(1 + Math.random() * Math.min(20, 2 * tries));
  }
}

async function chain(stripe: string): Promise<{ numbers: number[]; drafts: string[] }> {
  const names = (await unless(['ENOENT'], readdir(stripe))) ?? [];
  const isNumber = (name: string): boolean => /^[1-9]\d*$/.test(name);
  return {
    numbers: names
      .filter(isNumber)
      .map(Number)
      .sort((a, b) => a - b),
    drafts: names.filter((name) => !isNumber(name)),
  };
}

async function abandoned(drafts: readonly string[]): Promise<string[]> {
  const states = await Promise.all(drafts.map(liveness));
  return drafts.filter((_, i) => states[i] === 'dead');
}

async function isFree(file: string): Promise<boolean> {
  const owner = await unless(['ENOENT'], readFile(file, 'utf8'));
  // Gone: somebody follows already; look again.
  if (owner === null) return false;
  if (owner === '') return true;
  // Our own holds are waited for in line, never here: this one was left by an earlier failure to free it.
  if (owner === self) return true;
  const state = await liveness(owner);
  if (state !== 'unknown') return state === 'dead';
  const info = await unless(['ENOENT'], stat(file));
  return info !== null && Date.now() - info.mtimeMs > FOREIGN_MS;
}

async function follow(stripe: string, number: number): Promise<string | null> {
  serial += 1;
  const draft = join(stripe, `${self}.${serial}`);
  const claim = join(stripe, String(number));
  try {
    await writeFile(draft, self, { flag: 'wx' });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(stripe, { recursive: true });
    return null;
  }
  try {
    const created = await link(draft, claim).then(
      () => true,
      (error: unknown) => {
        if (errnoOf(error) === 'EEXIST') return false;
        throw linkFault(error);
      },
    );
    if (!created) return null;
  } finally {
    await unless(['ENOENT'], unlink(draft));
  }
  const top = (await chain(stripe)).numbers.at(-1) ?? 0;
  if (top === number) return claim;
  await unless(['ENOENT'], unlink(claim));
  return null;
}

function linkFault(error: unknown): unknown {
  if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error) ?? '')) return error;
  return refused(
    'failed_precondition',
    'The disk of the data folder has no hard links. Choose a data folder on a Linux disk.',
  );
}
