/**
 * One round of the sync engine over a large tree: the bucket is listed, the folder is looked through, what differs is sent. The
 * bucket is a local one, so that rsync has the same task: two folders of one disk, nothing or one file different. As the program
 * comes, fourteen rounds of fifteen leave the bucket's list out; what those take is told apart.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Bucket } from '../../src/ports/storage/storage.ts';
import { ignoresNothing } from '../../src/sync/ignore.ts';
import { Index } from '../../src/sync/index-file.ts';
import { pull } from '../../src/sync/pull.ts';
import { push } from '../../src/sync/push.ts';
import { createReport } from '../../src/sync/report.ts';
import { scanTree } from '../../src/sync/scan.ts';
import { openStaging } from '../../src/sync/staging.ts';
import type { Workspace } from '../../src/sync/workspace.ts';
import { median, type Row } from '../report.ts';
import { atMost, beside, FOR_SCALE, type Ground, inTurns, millisecondsOf } from './ground.ts';
import { openLocal } from './local.ts';

const FILES = 10_000;
const FOLDERS = 100;
const BYTES = 200;
const ROUNDS = 9;
const WITHIN_MS = 20_000;
const WIDTH = 8;
/** A file is read only once its last change is older than a tick of the clock of files. */
const SETTLED_MS = 50;

const quiet = { info() {}, warn() {}, error() {} };

export async function syncRows({ folder, scale, note }: Ground): Promise<Row[]> {
  const count = Math.ceil((FILES * scale) / FOLDERS) * FOLDERS;
  const [root, same] = [join(folder, 'workspace'), join(folder, 'workspace-copy')];
  for (let index = 0; index < count; index += 1) {
    const parent = join(root, `folder-${index % FOLDERS}`);
    if (index < FOLDERS) mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `file-${index}.txt`), `${index} `.repeat(BYTES).slice(0, BYTES));
  }
  cpSync(root, same, { recursive: true, preserveTimestamps: true });
  const { bucket, close } = await openLocal(join(folder, 'sync'));
  const engine = engineOver(bucket, root, join(folder, 'sync-state'));
  try {
    await engine.round();
    note('.');
    const peer = peerOf(root, same);
    const changed = async (round: number): Promise<string> => {
      const text = `${round}`.padEnd(BYTES, 'x');
      writeFileSync(join(root, 'folder-0/file-0.txt'), text);
      await pause(SETTLED_MS);
      return text;
    };
    const times = await inTurns({
      rounds: ROUNDS,
      withinMs: WITHIN_MS,
      warmUp: true,
      note,
      sides: {
        nothing: () => millisecondsOf(() => engine.round()),
        folder: () => millisecondsOf(() => engine.send(new Set())),
        peer: () => millisecondsOf(peer.run),
        async one(round) {
          await changed(round);
          const took = await millisecondsOf(() => engine.round());
          if (engine.sent() !== 1) throw new Error(`${engine.sent()} files were sent instead of one`);
          return took;
        },
        async put(round) {
          const text = await changed(round);
          const took = await millisecondsOf(() => bucket.put('bare', Buffer.from(text)));
          await bucket.delete('bare');
          await engine.round();
          return took;
        },
      },
    });
    const most = times.peer.map((ms, round) => 1.5 * ms + (times.put[round] ?? 0));
    const files = count.toLocaleString('en');
    // What only looks is no peer: it says how fast the disk is.
    const goal = (part: number) => (peer.fair ? atMost(part) : FOR_SCALE);
    return [
      beside(
        `sync, ${files} files, nothing changed`,
        { ours: times.nothing, peer: times.peer, peerName: peer.name, unit: 'ms' },
        goal(1.5),
      ),
      beside(
        'of these, the folder alone',
        { ours: times.folder, peer: times.peer, peerName: peer.name, unit: 'ms' },
        FOR_SCALE,
      ),
      beside(
        `sync, ${files} files, one changed`,
        {
          ours: times.one,
          peer: most,
          peerName: `1.5 × the same and one put of ${median(times.put).toFixed(1)} ms`,
          unit: 'ms',
        },
        goal(1),
      ),
    ];
  } finally {
    engine.close();
    await close();
  }
}

/** The parts of src/sync in the order of its engine, without the pauses between rounds. */
function engineOver(bucket: Bucket, root: string, stateFolder: string) {
  mkdirSync(stateFolder);
  const workspace: Workspace = {
    bucket,
    root,
    index: new Index(join(stateFolder, 'index.jsonl'), 'bench'),
    staging: openStaging(root, stateFolder, Date.now),
    report: createReport(() => {}),
    width: WIDTH,
    now: Date.now,
    log: quiet,
  };
  const signal = new AbortController().signal;
  let scan = 0;
  let sent = 0;
  const send = async (met: ReadonlySet<string>): Promise<void> => {
    const { index, staging, report } = workspace;
    scan += 1;
    sent = 0;
    const look = { root, index, ignores: ignoresNothing, ownFolder: staging.ownFolder, scan, now: Date.now, signal };
    const tree = await scanTree(look);
    report.looked(tree);
    const failure = await push(workspace, tree, {
      ignores: ignoresNothing,
      signal,
      met,
      longMissing: new Set(),
      isDue: () => true,
      sent: () => {
        sent += 1;
      },
      surprised() {},
    });
    if (failure) throw failure;
  };
  return {
    sent: () => sent,
    send,
    async round() {
      const { met } = await pull(workspace, { ignores: ignoresNothing, signal });
      await send(met);
    },
    close() {
      workspace.index.close();
      workspace.staging.close();
      workspace.report.flush();
    },
  };
}

/** rsync; where there is none, the least that it would have to do: look at every file of both folders. */
function peerOf(root: string, same: string): { name: string; fair: boolean; run: () => Promise<unknown> } {
  const run = promisify(execFile);
  const options = { maxBuffer: 64 * 2 ** 20 };
  if (spawnSync('rsync', ['--version']).status === 0)
    return { name: 'rsync -an', fair: true, run: () => run('rsync', ['-an', `${root}/`, `${same}/`], options) };
  return {
    name: 'find over both folders (no rsync here)',
    fair: false,
    run: () => run('find', [root, same, '-printf', '%i %s %T@ %m\n'], options),
  };
}
