/** Rows of a database of 100 MB whose log lies in a folder of this machine; each round in a process of its own, so that its memory can be told. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runEmpty } from '../process.ts';
import { median, type Row } from '../report.ts';
import { besideMs, withinMs } from './rows.ts';

const ROUNDS = 5;
const MOST_MEMORY = 2.5;
const COPY = 'reading the file and writing a copy';

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
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push(...(await runEmpty(1)));
    rounds.push(await figuresOf());
  }
  const mid = (of: (figures: LargeFigures) => number): number => median(rounds.map(of));
  const copy = mid(({ copyMs }) => copyMs);
  const memory = mid(({ peakMb, databaseMb }) => peakMb / databaseMb);
  return [
    withinMs(
      'restore of 100 MB from this machine',
      mid(({ restoreMs }) => restoreMs),
      { empty, most: 1_000 },
    ),
    besideMs(
      'restore of 100 MB, beside a copy',
      mid(({ restoreMs }) => restoreMs),
      { peer: copy, peerName: COPY },
    ),
    besideMs(
      'snapshot of 100 MB, stored',
      mid(({ snapshotMs }) => snapshotMs),
      { peer: copy, peerName: COPY },
    ),
    withinMs(
      'longest stop of all else during it',
      mid(({ longestStopMs }) => longestStopMs),
      { empty, most: 50 },
    ),
    besideMs(
      'longest stop, beside none',
      mid(({ longestStopMs }) => longestStopMs),
      {
        peer: mid(({ longestStopBeforeMs }) => longestStopBeforeMs),
        peerName: 'the same commits without a snapshot',
      },
    ),
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
