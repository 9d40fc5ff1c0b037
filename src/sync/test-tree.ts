/** Folders, buckets and engines for the tests of this folder. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyWorkspaceSync, type WorkspaceSync } from '../domain/workspace-sync.ts';
import type { Bucket, StorageProvider } from '../ports/storage/storage.ts';
import { syncUntil } from './engine.ts';

export interface TestFolders {
  root: string;
  stateFolder: string;
  remove(): void;
}

export function makeFolders(): TestFolders {
  const base = mkdtempSync(join(tmpdir(), 'cmb-sync-'));
  const root = join(base, 'workspace');
  const stateFolder = join(base, 'state');
  mkdirSync(root);
  mkdirSync(stateFolder);
  return { root, stateFolder, remove: () => rmSync(base, { recursive: true, force: true }) };
}

export async function makeBucket(storage: StorageProvider): Promise<Bucket> {
  await storage.createBucket('cmb-test', { labels: { owner: 'test' } });
  return storage.bucket('cmb-test');
}

export interface Running {
  state(): WorkspaceSync;
  /** @throws when it does not come true in time */
  until(what: string, condition: (state: WorkspaceSync) => boolean): Promise<void>;
  restored: Promise<void>;
  /** Flushes. */
  stop(): Promise<WorkspaceSync>;
  /** Gives up at once, as a deadline does. */
  abort(): Promise<WorkspaceSync>;
}

export function startSync(
  bucket: Bucket,
  { root, stateFolder }: TestFolders,
  options: { roundMs?: number; pullMs?: number } = {},
): Running {
  const stop = new AbortController();
  const abort = new AbortController();
  let current = emptyWorkspaceSync();
  let onRestored: () => void = () => {};
  const restored = new Promise<void>((resolve) => {
    onRestored = resolve;
  });
  const ended = syncUntil(
    {
      bucket,
      bucketId: bucket.name,
      root,
      stateFolder,
      roundMs: options.roundMs ?? 10,
      pullMs: options.pullMs ?? 10,
      width: 8,
      publish: (state) => {
        current = state;
      },
      onRestored,
      now: Date.now,
      random: Math.random,
      log: { info() {}, warn() {}, error() {} },
    },
    { stop: stop.signal, abort: abort.signal },
  );
  const end = async (): Promise<WorkspaceSync> => {
    current = await ended;
    return current;
  };
  return {
    state: () => current,
    restored: Promise.race([restored, ended.then(() => undefined)]),
    async until(what, condition) {
      const deadline = performance.now() + 10_000;
      while (!condition(current)) {
        if (performance.now() > deadline) throw new Error(`Never: ${what}. Last state: ${JSON.stringify(current)}`);
        await delay(5);
      }
    },
    stop() {
      stop.abort();
      return end();
    },
    abort() {
      abort.abort();
      stop.abort();
      return end();
    },
  };
}

/** One run from start to flush. */
export async function syncOnce(bucket: Bucket, folders: TestFolders): Promise<WorkspaceSync> {
  const running = startSync(bucket, folders);
  await running.restored;
  return running.stop();
}

/** Path → content; links as `→ target`, empty folders as `/`. */
export function readTree(root: string, folder = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  const names = readdirSync(join(root, folder), { withFileTypes: true });
  if (names.length === 0 && folder !== '') tree[`${folder}/`] = '/';
  for (const entry of names) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(tree, readTree(root, path));
    else if (entry.isSymbolicLink()) tree[path] = `→ ${readlinkSync(join(root, path))}`;
    else if (entry.isFile()) tree[path] = readFileSync(join(root, path), 'latin1');
  }
  return tree;
}

/** Key → content; links as in readTree. */
export async function readBucket(bucket: Bucket): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  let startAfter: string | undefined;
  do {
    const page = await bucket.list({ startAfter });
    for (const { key } of page.objects) {
      const { info, body } = await bucket.get(key);
      body.setEncoding('latin1');
      const content = await text(body);
      tree[key] = info.metadata['posix-kind'] === 'link' ? `→ ${content}` : content;
    }
    startAfter = page.next ?? undefined;
  } while (startAfter !== undefined);
  return tree;
}
