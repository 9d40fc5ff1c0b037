/** The start-up probe and, when asked for, the whole suite of the log's bucket, against the storage that is configured. */

import { listAll } from '../../../prisma-free-db/replication/bucket.ts';
import { BUCKET_SUITE } from '../../../prisma-free-db/replication/bucket-suite.ts';
import { UnsafeStore } from '../../../prisma-free-db/replication/errors.ts';
import { probeRaces, probeStore } from '../../../prisma-free-db/replication/probe.ts';
import type { LogTools } from './tools.ts';

/** A test server that loses one race in five hundred is found more often than not. */
const RACES = 300;

export interface ProbeCheck {
  readonly name: string;
  /** Null: kept. */
  readonly fault: string | null;
}

/** @throws the store's refusals, such as a lack of permission; a broken promise is a `fault` */
export async function probeBucket(tools: LogTools, { full }: { full: boolean }): Promise<{ checks: ProbeCheck[] }> {
  const { log, pacing, say, id } = tools;
  const checks = [await checkOf('the promises that a start looks at', () => probeStore(log.bucket, log.keys, pacing))];
  if (!full) return { checks };
  const folder = `${log.keys.root}probe/${id()}/`;
  try {
    for (const [index, { name, run }] of BUCKET_SUITE.entries()) {
      say(name);
      checks.push(await checkOf(name, () => run(log.bucket, `${folder}${index}/`)));
    }
    const races = `${RACES} races to create and to replace have one winner each`;
    say(races);
    checks.push(await checkOf(races, () => probeRaces(log.bucket, folder, RACES)));
  } finally {
    for (const key of await listAll(log.bucket, { prefix: folder, after: null }, pacing)) await log.bucket.delete(key);
  }
  return { checks };
}

async function checkOf(name: string, run: () => Promise<void>): Promise<ProbeCheck> {
  try {
    await run();
    return { name, fault: null };
  } catch (error) {
    if (error instanceof UnsafeStore || (error instanceof Error && error.name === 'AssertionError'))
      return { name, fault: error.message.split('\n')[0] ?? '' };
    throw error;
  }
}
