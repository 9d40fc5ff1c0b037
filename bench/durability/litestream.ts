/**
 * Rows beside litestream, which copies the write-ahead log once a second: the same commits at the same pace, both storing into a folder
 * of this machine, then kill -9 of everything at once and a restore. Its compactions, which come later, are not in the figures.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { program } from '../../e2e/servers/programs.mjs';
import { median, type Row } from '../report.ts';
import { lead, localLog } from './leading.ts';

const ROUNDS = 5;
const RUN_MS = 5_500;
const SETTLE_MS = 2_500;
const LOOK_MS = 50;
const START_MS = 30_000;

interface Round {
  readonly commits: number;
  readonly lost: number;
  readonly objects: number;
  readonly bytes: number;
}

export async function litestreamRows(): Promise<Row[]> {
  const bin = await program('litestream').catch((error: unknown) => {
    const why = error instanceof Error && 'why' in error ? error.why : error;
    process.stderr.write(`the rows beside litestream are left out: ${String(why)}\n`);
    return null;
  });
  if (!bin) return [];
  const litestream = join(bin, 'litestream');
  const version = execFileSync(litestream, ['version'], { encoding: 'utf8' }).trim();
  const peerName = `litestream ${version}`;
  const rounds: { ours: Round; peer: Round }[] = [];
  // Both at the same time: the pace is far below what either can do, and the machine is equally busy for both.
  for (let count = 0; count < ROUNDS; count += 1) {
    const [ours, peer] = await Promise.all([oneRound(null), oneRound(litestream)]);
    rounds.push({ ours, peer });
  }
  const total = (of: (round: { ours: Round; peer: Round }) => number) => rounds.map(of).reduce((sum, n) => sum + n, 0);
  const lost = total(({ ours }) => ours.lost);
  const perThousand = (of: (round: Round) => number) => {
    const [ours, peer] = (['ours', 'peer'] as const).map((side) =>
      median(rounds.map((round) => (of(round[side]) * 1_000) / round[side].commits)),
    ) as [number, number];
    return { ours, peer, peerName, ratio: ours / peer, goal: 'for scale', ok: true };
  };
  return [
    {
      ...{ measure: `acknowledged commits lost in ${ROUNDS} kills -9`, ours: lost, ratio: null },
      ...{ peer: total(({ peer }) => peer.lost), peerName, unit: '', goal: 'none of ours', ok: lost === 0 },
    },
    { measure: 'objects per 1,000 commits, 20 a second', unit: '', ...perThousand(({ objects }) => objects) },
    { measure: 'kB per 1,000 commits, 20 a second', unit: 'kB', ...perThousand(({ bytes }) => bytes / 1_000) },
  ];
}

/** @param litestream its executable; null: ours */
async function oneRound(litestream: string | null): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-durability-beside-'));
  const stored = join(folder, litestream ? 'replica' : 'data');
  const children: ChildProcess[] = [];
  try {
    const script = join(import.meta.dirname, 'litestream-program.ts');
    const writer = spawn(process.execPath, [script, litestream ? 'plain' : 'ours', folder], {
      // What the killed leader leaves goes with the round's folder.
      ...{ env: { ...process.env, TMPDIR: folder }, stdio: ['pipe', 'pipe', 'inherit'] },
    });
    children.push(writer);
    let said = '';
    writer.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
    });
    await until(() => said.includes('\n'));
    if (litestream) {
      children.push(spawn(litestream, ['replicate', join(folder, 'db'), `file://${stored}`], { stdio: 'ignore' }));
      await until(() => tally(stored).objects > 0);
    }
    await delay(SETTLE_MS);
    const before = tally(stored);
    writer.stdin.write('go\n');
    await delay(RUN_MS);
    await Promise.all(children.map(killed));
    const after = tally(stored);
    const [head = '', acknowledged = ''] = said.split('\n');
    const rows = litestream ? restoredBy(litestream, folder) : await restoredOurs(folder);
    return {
      commits: acknowledged.length,
      lost: Math.max(0, Number(head) + acknowledged.length - rows),
      objects: after.objects - before.objects,
      bytes: after.bytes - before.bytes,
    };
  } finally {
    await Promise.all(children.map(killed));
    rmSync(folder, { recursive: true });
  }
}

const EVENTS = 'select count(*) from b_event';

function restoredBy(litestream: string, folder: string): number {
  const file = join(folder, 'restored');
  execFileSync(litestream, ['restore', '-o', file, `file://${join(folder, 'replica')}`], { stdio: 'ignore' });
  const sqlite = new Database(file);
  try {
    return Number(sqlite.prepare(EVENTS).pluck().get());
  } finally {
    sqlite.close();
  }
}

async function restoredOurs(folder: string): Promise<number> {
  const { bucket, close } = await localLog(folder);
  const next = await lead(bucket);
  const rows = Number(next.sqlite.prepare(EVENTS).pluck().get());
  await next.end();
  await close();
  return rows;
}

/** What lies there, in how many files; of ours the slots alone, as the lease is not of commits. */
function tally(folder: string): { objects: number; bytes: number } {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(\/log|\/ltx\/\d+)$/.test(entry.parentPath))
    .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0);
  return { objects: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end; await delay(LOOK_MS)) {
    try {
      if (holds()) return;
    } catch (error) {
      // The folder is not there yet.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new Error(`not ready within ${START_MS / 1_000} s`);
}
