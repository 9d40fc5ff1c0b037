/** Tells one folder from another that took its place under the same path. */
import { statSync, utimesSync } from 'node:fs';

/** Longer than a tick of the slowest kernel (100 Hz). */
const TICK_MS = 12;
const TICKS = 3;

/**
 * The same for as long as the folder lives. Its inode alone may be given again to a later folder, so its birth counts too where
 * the file system knows it. Where it does not, the time of the last change stands in its place; of a new folder both are equal,
 * so one that looks new is touched until they differ or are known to be one.
 */
export function identityOf(folder: string): string {
  let stat = statSync(folder);
  for (let tick = 0; stat.birthtimeMs === stat.ctimeMs && tick < TICKS; tick += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS);
    utimesSync(folder, stat.atime, stat.mtime);
    stat = statSync(folder);
  }
  const { ino, birthtimeMs, ctimeMs } = stat;
  return `${ino} ${birthtimeMs > 0 && birthtimeMs !== ctimeMs ? birthtimeMs : ''}`;
}
