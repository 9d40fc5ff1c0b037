/** What the tests of this folder share: a data folder of their own and second processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Bucket, StorageProvider } from '../../../ports/storage/storage.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';

export const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export interface Ground {
  root: string;
  provider: StorageProvider;
  bucket: Bucket;
  /** The bucket's folder. */
  files: string;
  meta: string;
  remove: () => Promise<void>;
}

/** A data folder with one bucket, named `ground`. */
export async function newGround(): Promise<Ground> {
  const root = await mkdtemp(join(tmpdir(), 'storage-'));
  const provider = openLocalStorage({ root, now: Date.now, log: quiet });
  await provider.createBucket('ground', { labels: {} });
  const { files, meta } = layoutOf(root).bucket('ground');
  return {
    root,
    provider,
    bucket: provider.bucket('ground'),
    files,
    meta,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export interface Other {
  process: ChildProcess;
  /** What it said so far, the first `"ready"` left out. */
  said: unknown[];
  go: () => void;
  /** Resolves once it said so. */
  says: (value: unknown) => Promise<void>;
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>;
}

const PROGRAM = fileURLToPath(new URL('./test-program.ts', import.meta.url));

/** Starts test-program.ts and waits until it is ready. @param before argv that runs the program, for example unshare */
export async function startOther(args: readonly string[], before: readonly string[] = []): Promise<Other> {
  const [command = process.execPath, ...rest] = [...before, process.execPath, PROGRAM, ...args];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: unknown[] = [];
  const waiting: { text: string; resolve: () => void }[] = [];
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal ?? 'unknown'));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== '"ready"') said.push(JSON.parse(line));
    for (const each of waiting) if (each.text === line) each.resolve();
  });
  const says = (value: unknown): Promise<void> => {
    const text = JSON.stringify(value);
    if (said.some((line) => JSON.stringify(line) === text)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      waiting.push({ text, resolve });
      void ended.then((how) =>
        reject(new Error(`the other process ended with ${how} before it said ${text}: ${complaint}`)),
      );
    });
  };
  await says('ready');
  return { process: child, said, says, ended, go: () => child.stdin.write('go\n') };
}
