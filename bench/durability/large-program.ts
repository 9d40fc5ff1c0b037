/** One round of large.ts: fills, commits without and with a snapshot, restores; says on its output what it cost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { LargeFigures } from './large.ts';
import { changer, fill, type Leading, lead, localLog, SCHEMA } from './leading.ts';

const BYTES = 100_000_000;
const MB = 1e6;
const NEVER = { snapshotSlots: 1e9, snapshotBytes: 1e12 };
const COMMIT_EVERY_MS = 20;
const BEFORE_MS = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'bench-durability-log-'));
const { bucket, close } = await localLog(folder);
const start = residentBytes('VmRSS');

const leading = await lead(bucket, NEVER);
const { db, sqlite, log } = leading;
const write = async (fn: () => void) => {
  db.write(fn);
  await db.gate();
};
db.write(() => sqlite.exec(SCHEMA));
await fill(BYTES, { sqlite, write });
await log.flush();
const { dbPages, pageSize } = log.status();

const longestStopBeforeMs = await longestStop(leading, () => delay(BEFORE_MS));
globalThis.gc?.();
// The kernel's own peak begins anew.
writeFileSync('/proc/self/clear_refs', '5');
const longestStopMs = await longestStop(leading, () => log.snapshotNow());
const peak = residentBytes('VmHWM') - start;
const { lastSnapshot } = log.status();
await log.handover();
await leading.end();

const copyFrom = join(folder, 'plain');
const second = await lead(bucket, NEVER);
second.sqlite.exec(`vacuum into '${copyFrom}'`);
await second.end();
const began = performance.now();
writeFileSync(join(folder, 'copy'), readFileSync(copyFrom));
const copyMs = performance.now() - began;
await close();
rmSync(folder, { recursive: true });

const figures: LargeFigures = {
  databaseMb: (dbPages * pageSize) / MB,
  restoreMs: second.restoreMs,
  copyMs,
  snapshotMs: lastSnapshot?.ms ?? Number.NaN,
  snapshotMb: (lastSnapshot?.bytes ?? Number.NaN) / MB,
  longestStopMs,
  longestStopBeforeMs,
  peakMb: peak / MB,
};
process.stdout.write(JSON.stringify(figures));

/** Milliseconds that the event loop was late at most while `work` and a few commits ran. */
async function longestStop({ db, sqlite }: Leading, work: () => Promise<unknown>): Promise<number> {
  const change = changer(sqlite);
  const late = monitorEventLoopDelay({ resolution: 1 });
  let running = true;
  const commits = (async () => {
    while (running) {
      db.write(change);
      await db.gate();
      await delay(COMMIT_EVERY_MS);
    }
  })();
  late.enable();
  await work();
  late.disable();
  running = false;
  await commits;
  return late.max / 1e6;
}

function residentBytes(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
}
