/** Rows of a database of 100 MB whose log lies in a folder of this machine; each round in a process of its own, so that its memory can be told. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { median, type Row } from '../report.ts';

const ROUNDS = 3;
const MOST_RESTORE_MS = 1_000;
const MOST_STOP_MS = 50;
const MOST_MEMORY = 2.5;

/** What one process says of itself: megabytes and milliseconds. */
export interface LargeFigures {
  databaseMb: number;
  restoreMs: number;
  copyMs: number;
  snapshotMs: number;
  snapshotMb: number;
  longestStopMs: number;
  longestStopBeforeMs: number;
  peakMb: number;
}

export async function largeRows(): Promise<Row[]> {
  const rounds: LargeFigures[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await figuresOf());
  const mid = (of: (figures: LargeFigures) => number): number => median(rounds.map(of));
  const restore = mid(({ restoreMs }) => restoreMs);
  const copy = mid(({ copyMs }) => copyMs);
  const stop = mid(({ longestStopMs }) => longestStopMs);
  const before = mid(({ longestStopBeforeMs }) => longestStopBeforeMs);
  const memory = mid(({ peakMb, databaseMb }) => peakMb / databaseMb);
  const snapshot = mid(({ snapshotMs }) => snapshotMs);
  return [
    {
      ...{ measure: 'restore of 100 MB from this machine', ours: restore, peer: copy, ratio: restore / copy },
      ...{ peerName: 'reading the file and writing a copy', unit: 'ms' },
      ...{ goal: `≤ ${MOST_RESTORE_MS} ms`, ok: restore <= MOST_RESTORE_MS },
    },
    {
      ...{ measure: 'snapshot of 100 MB, stored', ours: snapshot, peer: copy, ratio: snapshot / copy },
      ...{ peerName: 'reading the file and writing a copy', unit: 'ms', goal: 'for scale', ok: true },
    },
    {
      ...{ measure: 'longest stop of all else during it', ours: stop, peer: before, ratio: stop / before },
      ...{ peerName: 'the same commits without a snapshot', unit: 'ms' },
      ...{ goal: `≤ ${MOST_STOP_MS} ms`, ok: stop <= MOST_STOP_MS },
    },
    {
      ...{ measure: 'memory at most, of the database’s size', ours: memory, peer: null, ratio: null },
      ...{ peerName: '', unit: '×', goal: `≤ ${MOST_MEMORY} ×`, ok: memory <= MOST_MEMORY },
    },
  ];
}

async function figuresOf(): Promise<LargeFigures> {
  const program = join(import.meta.dirname, 'large-program.ts');
  const child = spawn(process.execPath, ['--expose-gc', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const said = await text(child.stdout);
  if ((await ended) !== 0) throw new Error('the process with the large database failed');
  return JSON.parse(said) as LargeFigures;
}
