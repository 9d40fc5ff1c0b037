/** What lands in a home, what is left alone, and that no link leads out of it. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeHomeFiles } from './home-files.ts';

describe('files of the home', () => {
  let root: string;
  let home: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cmb-home-'));
    home = join(root, 'home');
    mkdirSync(home);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (files: Record<string, string>) =>
    placeHomeFiles(
      home,
      Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
    );
  const text = (path: string) => readFileSync(join(home, path), 'utf8');
  const mode = (path: string) => statSync(join(home, path)).mode & 0o777;

  it('are private, with the folders that were missing', async () => {
    expect(await put({ '.aws/credentials': 'one', 'a/b/c.json': 'two' })).toEqual([]);
    expect([text('.aws/credentials'), text('a/b/c.json')]).toEqual(['one', 'two']);
    expect(['.aws', 'a', 'a/b', '.cmbcluster'].map(mode)).toEqual([0o700, 0o700, 0o700, 0o700]);
    expect(['.aws/credentials', 'a/b/c.json', '.cmbcluster/files.json'].map(mode)).toEqual([0o600, 0o600, 0o600]);
    expect(readdirSync(join(home, '.aws'))).toEqual(['credentials']);
    expect(text('.cmbcluster/files.json')).not.toContain('one');
  });

  it('touch nothing where there are none', async () => {
    expect(await put({})).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('change, are closed again, and go when they are not kept any more', async () => {
    await put({ key: 'old', other: 'x' });
    chmodSync(join(home, 'other'), 0o644);
    await put({ key: 'new', other: 'x' });
    expect([text('key'), mode('other')]).toEqual(['new', 0o600]);
    await put({ other: 'x' });
    expect([existsSync(join(home, 'key')), text('other')]).toEqual([false, 'x']);
    await put({});
    expect(existsSync(join(home, 'other'))).toBe(false);
  });

  it('leave what was made by hand, and say so', async () => {
    writeFileSync(join(home, 'key'), 'mine');
    expect(await put({ key: 'theirs' })).toEqual([expect.stringMatching(/^~\/key was not written .*by hand/)]);
    expect(text('key')).toBe('mine');
    await put({});
    expect(text('key')).toBe('mine');
  });

  it('leave what was changed by hand, whether the kept one changes or goes', async () => {
    await put({ key: 'first', gone: 'first' });
    writeFileSync(join(home, 'key'), 'edited');
    writeFileSync(join(home, 'gone'), 'edited');
    expect(await put({ key: 'second' })).toHaveLength(1);
    expect([text('key'), text('gone')]).toEqual(['edited', 'edited']);
    rmSync(join(home, 'key'));
    expect(await put({ key: 'second' })).toEqual([]);
    expect(text('key')).toBe('second');
  });

  it('take one of the same content for the person’s own', async () => {
    writeFileSync(join(home, 'key'), 'same');
    expect(await put({ key: 'same' })).toEqual([]);
    await put({});
    expect(text('key')).toBe('same');
  });

  it('follow no link: neither a file’s, nor a folder’s, nor the list’s', async () => {
    const outside = join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'file'), 'untouched');
    symlinkSync(join(outside, 'file'), join(home, 'file'));
    symlinkSync(outside, join(home, 'folder'));
    expect(await put({ file: 'x', 'folder/file': 'y', 'folder/new': 'z' })).toHaveLength(3);
    expect(lstatSync(join(home, 'file')).isSymbolicLink()).toBe(true);
    expect([readdirSync(outside), readFileSync(join(outside, 'file'), 'utf8')]).toEqual([['file'], 'untouched']);

    rmSync(join(home, '.cmbcluster'), { recursive: true });
    symlinkSync(outside, join(home, '.cmbcluster'));
    expect(await put({ key: 'x' })).toEqual([expect.stringContaining('~/.cmbcluster is not a folder')]);
    expect([readdirSync(outside), existsSync(join(home, 'key'))]).toEqual([['file'], false]);
  });

  it('are not led out of the home by a list that somebody wrote', async () => {
    const victim = join(root, 'victim');
    writeFileSync(victim, 'kept');
    await put({ key: 'x' });
    const list = JSON.parse(text('.cmbcluster/files.json'));
    const { createHash } = await import('node:crypto');
    list['../victim'] = [createHash('sha256').update('kept').digest('hex')];
    writeFileSync(join(home, '.cmbcluster/files.json'), JSON.stringify(list));
    await put({});
    expect(readFileSync(victim, 'utf8')).toBe('kept');
  });

  it('survive a list that is no list, a folder in their place, and what a crash left', async () => {
    await put({ key: 'x' });
    for (const junk of ['', '[]', 'null', '{"key": 7}', '{"key": [7]}']) {
      writeFileSync(join(home, '.cmbcluster/files.json'), junk);
      expect(await put({ key: 'x' })).toEqual([]);
    }
    mkdirSync(join(home, 'taken'));
    expect(await put({ taken: 'x' })).toHaveLength(1);
  });

  it('know a content that was written although the list is of the moment before', async () => {
    await put({ key: 'old' });
    const before = JSON.parse(text('.cmbcluster/files.json'));
    await put({ key: 'new' });
    const after = JSON.parse(text('.cmbcluster/files.json'));
    // As a crash between the file and the last list leaves it: both contents are named.
    writeFileSync(join(home, '.cmbcluster/files.json'), JSON.stringify({ key: [...after.key, ...before.key] }));
    expect(await put({ key: 'newest' })).toEqual([]);
    expect(text('key')).toBe('newest');
  });
});
