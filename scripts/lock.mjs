/**
 * One install or build at a time in a checkout. The lock is a file that names its holder by process id and start time, so that a
 * dead holder is recognised even when its id was given to another process. While the holder runs npm or the build, the lock
 * names that child too: after a kill -9 of the holder alone the child may still be writing. Dependency-free, runs on Node 20.
 */
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A takeover lasts microseconds; one that is older was left by a crash in the middle of it. */
const TAKEOVER_MS = 10_000;

/** Start time in clock ticks since boot where the system tells it, else null. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return start === null || startOf(pid) === start;
}

const nameOf = (pid) => ({ pid, start: startOf(pid) });

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function livingHolder(text) {
  try {
    return JSON.parse(text).find(isAlive) ?? null;
  } catch {
    return null;
  }
}

function removeQuietly(path) {
  try {
    unlinkSync(path);
  } catch {
    // Someone else was faster.
  }
}

/** Removes exactly the dead lock that was seen, never a new one: only the holder of the marker may remove, and it looks again first. */
function removeDead(path, seen) {
  const marker = `${path}.takeover`;
  try {
    closeSync(openSync(marker, 'wx'));
  } catch {
    try {
      if (Date.now() - statSync(marker).mtimeMs > TAKEOVER_MS) removeQuietly(marker);
    } catch {
      // Gone meanwhile.
    }
    return;
  }
  if (readText(path) === seen) removeQuietly(path);
  removeQuietly(marker);
}

/**
 * Takes the lock, waiting for a living holder; `onWait(pid)` is called once when there is one.
 * Returns `{working(pid), release()}`; `working` names the child that writes on the holder's behalf.
 */
export async function takeLock(path, { onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  const write = (target, holders) => writeFileSync(target, JSON.stringify(holders));
  let told = false;
  for (;;) {
    write(own, [nameOf(process.pid)]);
    try {
      linkSync(own, path);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      removeQuietly(own);
    }
    const seen = readText(path);
    const holder = seen === null ? null : livingHolder(seen);
    if (seen !== null && holder === null) removeDead(path, seen);
    if (holder !== null && !told) onWait?.(holder.pid);
    told ||= holder !== null;
    await sleep(holder === null ? 10 : 200);
  }
  return {
    working(pid) {
      write(own, [nameOf(process.pid), nameOf(pid)]);
      renameSync(own, path);
    },
    release: () => removeQuietly(path),
  };
}
