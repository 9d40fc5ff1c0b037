/** What the kernel knows of a process, and ports. Linux only, as the local provider is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Kernel clock ticks are 10 ms on every Linux that Node supports. */
const TICK_MICROSECONDS = 10_000;

/** Microseconds of CPU that a process has used, user and system. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

/** Resident memory in MiB. */
export function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** How busy the machine was in the last minute: part of every report, since it is what makes figures differ. */
export function load(): string {
  return readFileSync('/proc/loadavg', 'latin1').split(' ')[0] ?? '';
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Asks every few milliseconds. @throws when it does not become true in time */
export async function until(probe: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${probe}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** 40 ms on a quiet machine with two cores: a measure of how fast the machine is just now. */
export const EMPTY = 'an empty Node process';

/** Milliseconds until each of `count` Node processes that do nothing, started at once, has ended. */
export function runEmpty(count: number): Promise<number[]> {
  const begin = performance.now();
  return Promise.all(
    Array.from({ length: count }, async () => {
      await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit');
      return performance.now() - begin;
    }),
  );
}
