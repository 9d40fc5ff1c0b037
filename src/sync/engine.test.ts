import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../domain/errors.ts';
import { crc32cOf } from '../ports/storage/checksum.ts';
import { openMemoryStorage } from '../ports/storage/memory.ts';
import type { Bucket } from '../ports/storage/storage.ts';
import { makeBucket, makeFolders, readBucket, readTree, startSync, syncOnce, type TestFolders } from './test-tree.ts';

let bucket: Bucket;
let here: TestFolders;
let there: TestFolders;
beforeEach(async () => {
  bucket = await makeBucket(openMemoryStorage());
  here = makeFolders();
  there = makeFolders();
});
afterEach(() => {
  here.remove();
  there.remove();
});

const write = (path: string, content: string | Uint8Array, folders = here) => {
  mkdirSync(join(folders.root, path, '..'), { recursive: true });
  writeFileSync(join(folders.root, path), content);
};

describe('a workspace and its bucket', () => {
  it('keeps files, modes, times, links and empty folders', async () => {
    write('a/b/plain.txt', 'plain');
    write('run.sh', '#!/bin/sh\n');
    chmodSync(join(here.root, 'run.sh'), 0o755);
    utimesSync(join(here.root, 'run.sh'), 1_600_000_000, 1_600_000_000.125);
    symlinkSync('a/b/plain.txt', join(here.root, 'shortcut'));
    symlinkSync('nowhere', join(here.root, 'broken'));
    mkdirSync(join(here.root, 'empty/deep'), { recursive: true });
    write('ü und “q”.txt', 'unicode');
    write('zero', '');
    write('large.bin', Buffer.alloc(9 * 1024 * 1024, 7));
    const state = await syncOnce(bucket, here);
    expect(state).toMatchObject({ phase: 'ended', pendingFiles: 0, files: 7, problem: null });
    expect(state.safeAt).not.toBeNull();

    await syncOnce(bucket, there);
    expect(readTree(there.root)).toEqual(readTree(here.root));
    const restored = lstatSync(join(there.root, 'run.sh'));
    expect(restored.mode & 0o777).toBe(0o755);
    expect(restored.mtimeMs).toBeCloseTo(1_600_000_000_125, 0);
  });

  it('sends only what changed, and nothing when nothing did', async () => {
    write('one', '1');
    write('two', '2');
    await syncOnce(bucket, here);
    const before = await Promise.all(['one', 'two'].map((key) => bucket.head(key)));
    write('two', '3');
    await syncOnce(bucket, here);
    await syncOnce(bucket, here);
    const after = await Promise.all(['one', 'two'].map((key) => bucket.head(key)));
    expect(after[0]?.version).toBe(before[0]?.version);
    expect(after[1]?.version).not.toBe(before[1]?.version);
    expect((await readBucket(bucket)).two).toBe('3');
  });

  it('sees a change that keeps size and time', async () => {
    write('same', 'aaa');
    utimesSync(join(here.root, 'same'), 1_600_000_000, 1_600_000_000);
    await syncOnce(bucket, here);
    write('same', 'bbb');
    utimesSync(join(here.root, 'same'), 1_600_000_000, 1_600_000_000);
    await syncOnce(bucket, here);
    expect((await readBucket(bucket)).same).toBe('bbb');
  });

  it('follows renames of files and folders without sending their content again', async () => {
    for (let i = 0; i < 5; i += 1) write(`from/${i}`, `content ${i}`);
    const running = startSync(bucket, here);
    await running.until('all safe', (state) => state.pendingFiles === 0 && state.files === 5);
    const put = bucket.put.bind(bucket);
    let puts = 0;
    bucket.put = (...args) => {
      puts += 1;
      return put(...args);
    };
    renameSync(join(here.root, 'from'), join(here.root, 'to'));
    await running.stop();
    expect(Object.keys(await readBucket(bucket))).toEqual(['to/0', 'to/1', 'to/2', 'to/3', 'to/4']);
    expect(puts).toBe(0);
  });

  it('removes there what was removed here, also folders', async () => {
    write('keep', 'k');
    write('folder/sub/x', 'x');
    mkdirSync(join(here.root, 'hollow'));
    await syncOnce(bucket, here);
    rmSync(join(here.root, 'folder'), { recursive: true });
    rmSync(join(here.root, 'hollow'), { recursive: true });
    await syncOnce(bucket, here);
    const page = await bucket.list({ delimiter: '/' });
    expect(page.objects.map(({ key }) => key)).toEqual(['keep']);
    expect(page.prefixes).toEqual([]);
  });

  it('turns files into folders and back', async () => {
    write('x', 'file');
    write('y/inner', 'inner');
    await syncOnce(bucket, here);
    rmSync(join(here.root, 'x'));
    write('x/now', 'folder');
    rmSync(join(here.root, 'y'), { recursive: true });
    write('y', 'file');
    await syncOnce(bucket, here);
    expect(await readBucket(bucket)).toEqual({ 'x/now': 'folder', y: 'file' });
  });
});

describe('the other side', () => {
  it('brings changes, new files and removals of the bucket while it runs', async () => {
    write('old', 'old');
    write('gone', 'gone');
    const running = startSync(bucket, here);
    await running.until('safe', (state) => state.files === 2 && state.pendingFiles === 0);
    await bucket.put('old', Buffer.from('newer'));
    await bucket.put('fresh/file', Buffer.from('fresh'));
    await bucket.delete('gone');
    await running.until('there', () => {
      const tree = readTree(here.root);
      return tree.old === 'newer' && tree['fresh/file'] === 'fresh' && tree.gone === undefined;
    });
    await running.stop();
    expect(await readBucket(bucket)).toEqual({ 'fresh/file': 'fresh', old: 'newer' });
  });

  it('keeps both contents when both sides changed, and says so', async () => {
    write('note.txt', 'base');
    await syncOnce(bucket, here);
    await bucket.put('note.txt', Buffer.from('theirs'));
    write('note.txt', 'ours');
    const state = await syncOnce(bucket, here);
    const objects = await readBucket(bucket);
    expect(objects['note.txt']).toBe('ours');
    const copy = Object.keys(objects).find((key) =>
      /^note \(conflict \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt$/.test(key),
    );
    expect(objects[copy ?? '']).toBe('theirs');
    expect(state.conflictList).toMatchObject([{ path: 'note.txt', copy }]);
  });

  it('lets a change there win over a removal here, and a change here over a removal there', async () => {
    write('a', 'a');
    write('b', 'b');
    await syncOnce(bucket, here);
    await bucket.put('a', Buffer.from('a2'));
    await bucket.delete('b');
    rmSync(join(here.root, 'a'));
    write('b', 'b2');
    await syncOnce(bucket, here);
    await syncOnce(bucket, here);
    expect(readTree(here.root)).toEqual({ a: 'a2', b: 'b2' });
    expect(await readBucket(bucket)).toEqual({ a: 'a2', b: 'b2' });
  });

  it('joins a folder and a bucket that hold the same without sending or copying anything', async () => {
    write('same', 'same');
    await bucket.put('same', Buffer.from('same'), { metadata: { 'posix-mode': '644' } });
    const { version } = await bucket.head('same');
    const state = await syncOnce(bucket, here);
    expect(state.conflicts).toBe(0);
    expect((await bucket.head('same')).version).toBe(version);
  });

  it('writes through no symbolic link of the workspace', async () => {
    symlinkSync(there.root, join(here.root, 'way'));
    await syncOnce(bucket, here);
    await bucket.put('way/out', Buffer.from('out'));
    await syncOnce(bucket, here);
    expect(readdirSync(there.root)).toEqual([]);
    expect(readTree(here.root)['way/out']).toBe('out');
  });

  it('fills a bucket again that is suddenly empty, and never empties a bucket for a folder that is', async () => {
    write('precious', 'p');
    await syncOnce(bucket, here);
    await bucket.delete('precious');
    await syncOnce(bucket, here);
    expect(await readBucket(bucket)).toEqual({ precious: 'p' });
    rmSync(join(here.root, 'precious'));
    await syncOnce(bucket, here);
    expect(readTree(here.root)).toEqual({ precious: 'p' });
  });
});

describe('what cannot be kept', () => {
  it('is said: sockets, pipes, names that are none', async () => {
    spawnSync('mkfifo', [join(here.root, 'pipe')]);
    write('bad\nname', 'x');
    write('good', 'x');
    const running = startSync(bucket, here);
    await running.until('looked', (state) => state.checkedAt !== null);
    const state = await running.stop();
    expect(state.skippedList.map(({ path }) => path).sort()).toEqual(['bad\nname', 'pipe']);
    expect(Object.keys(await readBucket(bucket))).toEqual(['good']);
  });

  it('is ignored where the workspace says so, on both sides', async () => {
    write('.cmbclusterignore', '# mine\n*.tmp\n/build/\n');
    write('build/out', 'x');
    write('src/build/out', 'x');
    write('a.tmp', 'x');
    await bucket.put('there.tmp', Buffer.from('x'));
    await syncOnce(bucket, here);
    await syncOnce(bucket, here);
    expect(Object.keys(await readBucket(bucket))).toEqual(['.cmbclusterignore', 'src/build/out', 'there.tmp']);
    expect(readTree(here.root)['there.tmp']).toBe(undefined);
  });
});

describe('databases', () => {
  const python = (code: string) => execFileSync('python3', ['-c', code], { cwd: here.root, encoding: 'utf8' });

  it.each(['wal', 'delete'])('are one object of one moment while a program writes (%s)', async (mode) => {
    // Ends without closing: the journal stays, as beside a program that still runs.
    python(`
import sqlite3, os
c = sqlite3.connect('x.db', isolation_level=None)
c.execute('pragma journal_mode=${mode}')
c.execute('create table t(i)')
for i in range(50): c.execute('insert into t values (?)', (i,))
c.execute('pragma cache_size=1'); c.execute('pragma synchronous=off')
c.execute('begin'); 
for i in range(2000): c.execute('insert into t values (?)', (1000 + i,))
os._exit(0)`);
    expect(readdirSync(here.root).length).toBeGreaterThan(1);
    await syncOnce(bucket, here);
    expect(Object.keys(await readBucket(bucket))).toEqual(['x.db']);
    await syncOnce(bucket, there);
    writeFileSync(join(here.root, 'x.db-copy'), '');
    const answer = execFileSync(
      'python3',
      [
        '-c',
        `import sqlite3; c = sqlite3.connect('x.db'); print(c.execute('pragma integrity_check').fetchone(), c.execute('select count(*) from t').fetchone())`,
      ],
      { cwd: there.root, encoding: 'utf8' },
    );
    expect(answer.trim()).toBe("('ok',) (50,)");
  });
});

describe('after a kill between a write and its answer', () => {
  const arrived = async (path: string, content: string) => {
    await bucket.put(path, Buffer.from(content));
    const intent = crc32cOf(Buffer.from(content));
    appendFileSync(join(here.stateFolder, 'index.jsonl'), `${JSON.stringify({ path, intent })}\n`);
  };

  it('takes its own object for no conflict', async () => {
    write('a', 'one');
    await syncOnce(bucket, here);
    await arrived('a', 'two');
    write('a', 'three');
    expect(await syncOnce(bucket, here)).toMatchObject({ conflicts: 0 });
    expect(await readBucket(bucket)).toEqual({ a: 'three' });
  });

  it('does so too for what is too large to be held in memory', async () => {
    const large = (fill: string) => fill.repeat(5 * 1024 * 1024);
    write('a', large('1'));
    await syncOnce(bucket, here);
    await arrived('a', large('2'));
    write('a', large('3'));
    expect(await syncOnce(bucket, here)).toMatchObject({ conflicts: 0, pendingFiles: 0, problem: null });
    expect((await bucket.head('a')).crc32c).toBe(crc32cOf(Buffer.from(large('3'))));
  });

  it('knows its own object after any number of writes that did not arrive', async () => {
    write('a', 'one');
    await syncOnce(bucket, here);
    await arrived('a', 'two');
    write('a', 'three');
    const put = bucket.put.bind(bucket);
    let refused = 0;
    bucket.put = async () => {
      refused += 1;
      // Something else each time, as a database that is in use is.
      write('a', `three ${refused}`);
      throw new AppError('resource_exhausted', 'The disk is full.', { details: { outcome: 'not_applied' } });
    };
    for (const most of [12, 24]) {
      const running = startSync(bucket, here);
      await running.until('refused often', () => refused > most);
      await running.abort();
    }
    bucket.put = put;
    expect(await syncOnce(bucket, here)).toMatchObject({ conflicts: 0, pendingFiles: 0 });
    expect(Object.keys(await readBucket(bucket))).toEqual(['a']);
  });

  it('does not bring back what was removed since, neither a new file nor a changed one', async () => {
    write('keep', 'k');
    write('changed', 'one');
    await syncOnce(bucket, here);
    await arrived('new', 'n');
    await arrived('changed', 'two');
    rmSync(join(here.root, 'changed'));
    await syncOnce(bucket, here);
    await syncOnce(bucket, here);
    expect(await readBucket(bucket)).toEqual({ keep: 'k' });
    expect(readTree(here.root)).toEqual({ keep: 'k' });
  });
});

it('remembers over a kill what it knew, and repairs a torn last line', async () => {
  write('a', 'a');
  await syncOnce(bucket, here);
  const file = join(here.stateFolder, 'index.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"path":"b","entry":{"ki`);
  const { version } = await bucket.head('a');
  await syncOnce(bucket, here);
  expect((await bucket.head('a')).version).toBe(version);
});
