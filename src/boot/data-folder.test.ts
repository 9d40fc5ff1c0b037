import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestLink } from './control-client.ts';
import { openDataFolder, readServerRecord } from './data-folder.ts';
import { examine } from './doctor.ts';

const PROGRAM = fileURLToPath(new URL('./test-data-folder.ts', import.meta.url));
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the data folder', () => {
  let root: string;
  let path: string;
  const others: ChildProcess[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cmb-data-'));
    path = join(root, 'data');
  });
  afterEach(() => {
    for (const other of others.splice(0)) other.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  /** Another process that opens the folder: what it says first, and itself while it holds it. */
  async function other(): Promise<{ said: unknown; process: ChildProcess }> {
    const child = fork(PROGRAM, [path], { stdio: 'ignore' });
    others.push(child);
    const said = await new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
    return { said, process: child };
  }

  it('is private, and so is every secret in it', () => {
    const folder = openDataFolder(path);
    folder.announce({ pid: process.pid, port: 1, url: 'http://localhost:1', startedAt: 0 });
    expect([mode(path), mode(join(path, 'db')), mode(join(path, 'secrets'))]).toEqual(['700', '700', '700']);
    expect([mode(join(path, 'secrets/control-key')), mode(join(path, 'server.json'))]).toEqual(['600', '600']);
    folder.release();
    expect(existsSync(join(path, 'server.json'))).toBe(false);
  });

  it('makes secrets private again that a copy left open', () => {
    openDataFolder(path).release();
    chmodSync(join(path, 'secrets'), 0o755);
    chmodSync(join(path, 'secrets/control-key'), 0o644);
    openDataFolder(path).release();
    expect([mode(join(path, 'secrets')), mode(join(path, 'secrets/control-key'))]).toEqual(['700', '600']);
  });

  it('keeps its key over starts, and refuses one that was emptied rather than derive keys from nothing', () => {
    const first = openDataFolder(path);
    first.release();
    const second = openDataFolder(path);
    second.release();
    expect(second.controlKey).toBe(first.controlKey);
    writeFileSync(join(path, 'secrets/control-key'), '');
    expect(() => openDataFolder(path)).toThrow(/control-key is damaged/);
    // The refusal gave the lock back.
    rmSync(join(path, 'secrets/control-key'));
    openDataFolder(path).release();
  });

  it('belongs to one server at a time, in this process and in others', async () => {
    const holder = await other();
    expect(holder.said).toBe('holds');
    expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: 'already_exists' }));
    expect((await other()).said).toBe('already_exists');
    holder.process.send('release');
    await new Promise((resolve) => holder.process.once('exit', resolve));
    const mine = openDataFolder(path);
    expect((await other()).said).toBe('already_exists');
    expect(() => openDataFolder(path)).toThrow(expect.objectContaining({ code: 'already_exists' }));
    mine.release();
  });

  it('is taken over at once from a server that was killed, with nothing left of its address', async () => {
    const holder = await other();
    const record = join(path, 'server.json');
    expect(readServerRecord(path)?.pid).toBe(holder.process.pid);
    holder.process.kill('SIGKILL');
    await new Promise((resolve) => holder.process.once('exit', resolve));
    expect(existsSync(record)).toBe(true);
    // Its port may be somebody else's by now: nobody sends the control key there.
    await expect(requestLink(path, null)).rejects.toThrow('No server is running');
    const folder = openDataFolder(path);
    expect(existsSync(record)).toBe(false);
    folder.release();
  });

  it('says what is wrong when it cannot be made', () => {
    writeFileSync(path, 'a file');
    expect(() => openDataFolder(path)).toThrow(/^The data folder .*\/data: it cannot be used \((EEXIST|ENOTDIR)\)/);
  });

  it('says what is wrong when it is read-only', async ({ skip }) => {
    openDataFolder(path).release();
    const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
    const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
    const run = (...args: string[]) =>
      spawnSync('unshare', [...unshare, 'sh', '-c', script, 'sh', path, ...args], { encoding: 'utf8' });
    if (run('true').status !== 0) skip('this machine does not let tests mount folders');
    const { stdout } = run(process.execPath, PROGRAM, path);
    expect(stdout).toMatch(/^unavailable: The data folder .* cannot be written\. Check its rights.*--data/);
    rmSync(path, { recursive: true });
    mkdirSync(path);
    expect(run(process.execPath, PROGRAM, path).stdout).toMatch(/^unavailable: .* cannot be written/);
  });

  it('lets commands ask where the server is bound', async () => {
    const folder = openDataFolder(path);
    const server = createServer((_req, res) => res.end(JSON.stringify({ url: 'http://x', expiresAt: 1 })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.9', resolve));
    const { port, address } = server.address() as AddressInfo;
    folder.announce({ pid: process.pid, port, address, url: 'http://x', startedAt: 0 });
    await expect(requestLink(path, null)).resolves.toMatchObject({ url: 'http://x' });
    server.close();
    folder.release();
  });

  it('is no folder below a plain file, and doctor says so', async () => {
    writeFileSync(path, 'a program', { mode: 0o755 });
    const checks = await examine(['--data', join(path, 'below')]);
    expect(checks.find(({ name }) => name === 'data folder')).toMatchObject({ ok: false });
  });

  it.each(['', '{', 'null', '{"port":1}'])('takes a record %j for none', (text) => {
    openDataFolder(path).release();
    writeFileSync(join(path, 'server.json'), text);
    expect(readServerRecord(path)).toBeNull();
    expect(readFileSync(join(path, 'server.json'), 'utf8')).toBe(text);
  });
});
