/**
 * One program per state folder: a second one waits until the first has ended. A lock is a file that names a process for certain
 * (number, start time, boot of the machine), so the lock of a killed program counts for nothing.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** @returns gives the lock back. @throws the signal's reason while somebody else holds it */
export async function lockFolder(folder: string, signal: AbortSignal): Promise<() => void> {
  const file = join(folder, 'lock');
  const own = `${file}.${process.pid}`;
  const me = describe(process.pid);
  writeFileSync(own, me, { mode: 0o600 });
  try {
    for (;;) {
      try {
        // link(2) lets exactly one win.
        linkSync(own, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readText(file);
      if (holder !== null && !isAlive(holder)) takeStale(file, own);
      else await delay(LOOK_EVERY_MS, undefined, { signal });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Somebody else may have taken it meanwhile: then it is given back. */
function takeStale(file: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    renameSync(file, aside);
    const holder = readText(aside);
    if (holder !== null && isAlive(holder)) linkSync(aside, file);
  } catch {
    // Gone already, or there again: the next look tells.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Boot, number and start time: field 22 of /proc/<pid>/stat, counted from the last bracket (proc(5)). */
function describe(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`) ?? '';
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = state === 'Z' || state === undefined ? 'ended' : (fields[18] ?? 'ended');
  return `${readText('/proc/sys/kernel/random/boot_id')?.trim()} ${pid} ${started}`;
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[1]);
  return Number.isInteger(pid) && pid > 0 && describe(pid) === holder;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
