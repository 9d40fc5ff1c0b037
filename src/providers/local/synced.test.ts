/** An environment whose storage is no folder of this machine: the sync program beside the application, as one life. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EnvironmentSpec, Spawner } from '../../ports/spawner/spawner.ts';
import type { Bucket, StorageProvider } from '../../ports/storage/storage.ts';
import { openLocalStorage } from './storage/local-storage.ts';
import { eventually, openTestBed, settled, type TestBed } from './test-bed.ts';

const BUCKET = 'cmb-synced';
/** Says what it found, then writes until it is told to stop, and a last word after that. */
const PROGRAM = `
const { createServer } = require('node:net'); const fs = require('node:fs');
createServer().listen(process.env.CMBCLUSTER_SOCKET);
fs.writeFileSync('found', fs.readdirSync('.').join());
process.on('SIGTERM', () => { fs.writeFileSync('last', 'word'); process.exit(0); });
`;

let bed: TestBed;
let spawner: Spawner;
let store: string;
let storage: StorageProvider;
let bucket: Bucket;

beforeEach(async () => {
  bed = await openTestBed();
  spawner = await bed.open();
  store = mkdtempSync(join(tmpdir(), 'cmbcluster-store-'));
  storage = openLocalStorage({ root: store, now: Date.now, log: bed.options.log });
  await storage.createBucket(BUCKET, { labels: { owner: 'test' } });
  bucket = storage.bucket(BUCKET);
});
afterEach(async () => {
  await bed.close();
  await storage.close();
  rmSync(store, { recursive: true, force: true });
});

function synced(spec: EnvironmentSpec): EnvironmentSpec {
  const access = { provider: 'local', bucket: BUCKET, variables: { CMBCLUSTER_DATA: store }, secrets: {} };
  const capabilities = { rename: true, append: true, overwrite: true, symlink: true, locks: true };
  return { ...spec, workspace: { kind: 'sync', access, mountPath: '/workspace', capabilities } };
}

const textOf = async (key: string) => text((await bucket.get(key)).body);

it('restores before the application begins, keeps while it runs, sends the last word at the stop', async () => {
  await bucket.put('from/bucket', Buffer.from('there'));
  const spec = synced(bed.program(PROGRAM));
  await spawner.start(spec);
  const running = await settled(spawner, spec.id, 'running');
  expect(running.observed).toMatchObject({ steps: [{ step: 'mounted' }, { step: 'started' }, { step: 'ready' }] });
  await eventually('the first file is said to be safe', async () => {
    const { sync } = await spawner.poll(spec.id);
    return sync?.pendingFiles === 0 && sync.files === 2;
  });
  expect(await textOf('found')).toBe('from');
  await spawner.stop(spec.id, { graceSeconds: 5 });
  const ended = await settled(spawner, spec.id, 'exited');
  expect(ended.sync).toMatchObject({ phase: 'ended', pendingFiles: 0, problem: null });
  expect(await textOf('last')).toBe('word');
});

it('goes on over a new server, and starts the sync program again when that is killed', async () => {
  const spec = synced(bed.program(PROGRAM));
  await spawner.start(spec);
  await settled(spawner, spec.id, 'running');
  await spawner.close();
  spawner = await bed.open();
  expect((await spawner.poll(spec.id)).sync?.phase).toBe('syncing');
  const lock = readFileSync(join(bed.folder(spec.id), 'sync', 'lock'), 'latin1');
  process.kill(Number(lock.split(' ')[1]), 'SIGKILL');
  const workspace = join(bed.folder(spec.id), 'workspace');
  writeFileSync(join(workspace, 'after'), 'kill');
  await eventually('the new program has sent it', () => textOf('after').catch(() => null));
  await spawner.stop(spec.id, { graceSeconds: 5 });
  await settled(spawner, spec.id, 'exited');
});

it('keeps what the bucket did not take when the environment is removed', async () => {
  const spec = synced(bed.program(PROGRAM));
  await spawner.start(spec);
  await settled(spawner, spec.id, 'running');
  await eventually('all is safe', async () => (await spawner.poll(spec.id)).sync?.safeAt);
  await storage.emptyBucket(BUCKET);
  await storage.deleteBucket(BUCKET, { force: true });
  const workspace = join(bed.folder(spec.id), 'workspace');
  writeFileSync(join(workspace, 'precious'), 'p');
  await eventually('it is said not to be safe', async () => (await spawner.poll(spec.id)).sync?.problem);
  // Its last attempts would take the whole deadline.
  const lock = readFileSync(join(bed.folder(spec.id), 'sync', 'lock'), 'latin1');
  const removing = spawner.remove(spec.id, { keepHome: true });
  await eventually('it is stopping', async () => (await spawner.poll(spec.id)).sync?.phase === 'flushing');
  process.kill(Number(lock.split(' ')[1]), 'SIGKILL');
  await removing;
  expect(readFileSync(join(bed.dataDir, 'unsaved', spec.id, 'precious'), 'utf8')).toBe('p');
  expect(existsSync(bed.folder(spec.id))).toBe(false);
});
