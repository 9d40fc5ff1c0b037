/**
 * Kills the server's part that makes and removes buckets, at any moment, as often as asked, always on the same database and the
 * same buckets. After each kill the two must agree: no bucket without a record, no record of a finished storage without its
 * bucket; and in the end everything that was begun comes to its end.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalStorage } from '../src/providers/local/storage/local-storage.ts';
import { findOrphans } from '../src/services/storage/orphans.ts';
import { openBench } from '../src/services/test-bench.ts';

const PROGRAM = join(import.meta.dirname, 'sagas-program.ts');
/** Long enough for several storages to come and go. */
const LONGEST_LIFE_MS = 300;
const SETTLE_MS = 30_000;

const log = { info: () => {}, warn: () => {}, error: () => {} };

/** @returns what did not hold; empty = all did */
export async function prove({ kills }: { kills: number }): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'cmb-prove-sagas-'));
  const broken: string[] = [];
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const child = fork(PROGRAM, [root], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      if (!(await works(child))) return [...broken, `kill ${kill}: the program did not start again`];
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE_MS));
      child.kill('SIGKILL');
      await once(child, 'exit');
      broken.push(...(await disagreements(root)).map((line) => `kill ${kill}: ${line}`));
    }
    broken.push(...(await settle(root)));
    return broken;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function works(child: ChildProcess): Promise<boolean> {
  return Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)]);
}

async function disagreements(root: string): Promise<string[]> {
  const store = openLocalStorage({ root, now: Date.now, log });
  const bench = await openBench({ file: join(root, 'control.sqlite'), store, reconcile: false });
  try {
    const { buckets, records, unreachable } = await findOrphans(bench.deps);
    return [
      ...buckets.map(({ bucket }) => `the bucket ${bucket} has no record`),
      ...records.map(({ bucket, status }) => `the record of ${bucket} (${status}) has no bucket`),
      ...unreachable.map(({ message }) => `buckets could not be listed: ${message}`),
    ];
  } finally {
    await bench.kill();
    await store.close();
  }
}

async function settle(root: string): Promise<string[]> {
  const store = openLocalStorage({ root, now: Date.now, log });
  const bench = await openBench({ file: join(root, 'control.sqlite'), store });
  const { storages } = bench.deps;
  try {
    for (const end = Date.now() + SETTLE_MS; Date.now() < end && storages.unsettled().length > 0; )
      await new Promise((resolve) => setTimeout(resolve, 50));
    const left = storages.all().filter(({ status }) => status !== 'active');
    return left.map(({ bucket, status, failure, waiting }) => `${bucket} is ${status}: ${failure ?? waiting ?? ''}`);
  } finally {
    await bench.kill();
    await store.close();
  }
}
