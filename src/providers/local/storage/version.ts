/**
 * Version tokens out of what the file system knows, so that files put in or changed by hand have them, too. Our own puts make a
 * new inode with a distinct modification time. Others may write in place, and the kernel's clock for time stamps ticks only
 * every few milliseconds: a token for a file that was touched within the current tick is not given out before the tick is over.
 */
import type { BigIntStats } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectVersion } from '../../../ports/storage/storage.ts';

/** Longer than a tick of the slowest kernel (100 Hz). */
const TICK_MS = 12;
/** Of the coarsest file systems. */
const COARSE_TICK_MS = 2_000;

/** The device is left out on purpose: its number may differ after a restart of the machine. */
export function versionOf(stat: BigIntStats): ObjectVersion {
  return [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].map((part) => part.toString(36)).join('.');
}

/** Unix milliseconds. */
export function modifiedAtOf(stat: BigIntStats): number {
  return Number(stat.mtimeNs / 1_000_000n);
}

/** The identity of the content alone: renaming, linking and chmod keep it, every write changes it. */
export function contentIdOf(stat: BigIntStats): string {
  return [stat.ino, stat.size, stat.mtimeNs].map((part) => part.toString(36)).join('-');
}

/** The content's identity out of a version that `versionOf` made. */
export function contentIdOfVersion(version: ObjectVersion): string {
  return version.split('.').slice(0, 3).join('-');
}

/**
 * Whether another write within the tick could leave every number as it is.
 * @param now Unix milliseconds of the clock that stamps files, so never an injected one outside of tests
 */
export function isUnsettled(
  stat: Pick<BigIntStats, 'mtimeNs' | 'ctimeNs' | 'ctimeMs' | 'nlink'>,
  now: number = Date.now(),
): boolean {
  // A modification time unlike the change time was set by us (or by hand): a later write in this tick would show in it.
  const hidden = stat.mtimeNs === stat.ctimeNs;
  // Two links for a moment: a put that is just being finished will change ctime once more.
  const finishing = stat.nlink > 1n;
  return (hidden || finishing) && Math.abs(now - Number(stat.ctimeMs)) < TICK_MS;
}

/** Repeats `look` until what it sees cannot change unnoticed; gives up on files that are written all the time, where any token is stale at once. */
export async function settled<S extends BigIntStats | null>(look: () => Promise<S>): Promise<S> {
  let stat = await look();
  for (let tries = 0; stat && isUnsettled(stat) && tries < 5; tries += 1) {
    await pause(TICK_MS);
    stat = await look();
  }
  return stat;
}

export function settleTime(): Promise<void> {
  return pause(TICK_MS);
}

/**
 * Whether a folder's listing read from now on is bound to its times: a change within the same tick would not show. What a file
 * system counts in whole milliseconds it may as well count in seconds.
 */
export function isFolderSettled(stat: Pick<BigIntStats, 'mtimeNs' | 'ctimeNs'>, now: number = Date.now()): boolean {
  return [stat.mtimeNs, stat.ctimeNs].every(
    (time) => Math.abs(now - Number(time / 1_000_000n)) >= (time % 1_000_000n === 0n ? COARSE_TICK_MS : TICK_MS),
  );
}

/** Microseconds within the millisecond, so that two puts never share a modification time even when the inode is used again. */
let microsecond = Math.floor(Math.random() * 1000);

/** Modification time for a new object, in seconds for futimes. @param now Unix milliseconds */
export function stampSeconds(now: number): number {
  microsecond = (microsecond + 1) % 1000;
  // Half a microsecond more: futimes cuts, and the sum must not fall into the one before.
  return (Math.floor(now) * 1000 + microsecond + 0.5) / 1_000_000;
}
