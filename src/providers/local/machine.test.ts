/** The small parts that look at the machine: processes, programs, folders, ports, delegated cgroups. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDelegated, locate, openLimitedGroup } from './cgroup.ts';
import { fillPlaceholders, findProgram } from './command.ts';
import { identify, isAlive, parseStat, signalProcess } from './processes.ts';
import { programPath } from './provider.ts';
import { MAX_SOCKET_PATH_BYTES, openRunFolder } from './run-folder.ts';
import { claimRecord, type RunRecord, readRecord, writeRecord } from './run-record.ts';
import { isTaken, listensOn, parseListeners, pickPort } from './supervisor/ports.ts';
import { createSupervisors } from './supervisors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmbcluster-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('processes', () => {
  it('a command name with spaces and brackets does not move the fields', () => {
    const stat = '42 (a) b (c) S 7 40 39 0 -1 4194304 100 0 0 0 1 2 3 4 20 0 1 0 987654 1 2 3';
    expect(parseStat(42, stat)).toEqual({ pid: 42, state: 'S', ppid: 7, pgrp: 40, session: 39, startTime: '987654' });
    expect(parseStat(42, '')).toBeNull();
  });

  it('a process is known by number and start time together, and a zombie is none', async () => {
    const self = identify(process.pid);
    expect(self && isAlive(self)).toBe(true);
    expect(isAlive({ pid: process.pid, startTime: '1' })).toBe(false);
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = identify(child.pid ?? 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(identity && isAlive(identity)).toBe(false);
    // A stranger that has the number by now is not signalled.
    signalProcess({ pid: process.pid, startTime: '1' }, 'SIGKILL');
  });
});

describe('commands', () => {
  it('known placeholders are filled, other braces stay', () => {
    const values = { port: '8080', url: 'http://lab.localhost' };
    expect(fillPlaceholders('--at={url}:{port}', values)).toBe('--at=http://lab.localhost:8080');
    expect(fillPlaceholders('{"a":{port},"b":{}} {other} {constructor}', values)).toBe(
      '{"a":8080,"b":{}} {other} {constructor}',
    );
  });

  it('a value is never filled again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(fillPlaceholders('{a}', { a: value, b: 'no' })).toBe(value);
      }),
    );
    expect(fillPlaceholders('{a}', { a: '{b}', b: 'no' })).toBe('{b}');
  });

  it('programs are found as execvp finds them', () => {
    const file = join(folder, 'tool');
    writeFileSync(file, '', { mode: 0o755 });
    mkdirSync(join(folder, 'folder-of-that-name'));
    expect(findProgram('tool', `/nonexistent:${folder}`)).toBe(file);
    expect(findProgram(file, '')).toBe(file);
    expect(findProgram('./tool', '', folder)).toBe(file);
    expect(findProgram('folder-of-that-name', folder)).toBeNull();
    expect(findProgram('', folder)).toBeNull();
    chmodSync(file, 0o644);
    expect(findProgram('tool', folder)).toBeNull();
  });

  it('the folders of npm are not on the path of environments', () => {
    expect(
      programPath('/p/node_modules/.bin:/usr/bin::/n/lib/node_modules/npm/node_modules/x/bin:/home/u/.nvm/bin'),
    ).toBe('/usr/bin:/home/u/.nvm/bin');
  });
});

describe('run folder', () => {
  it('is the same for the same data folder, private, and short', () => {
    const first = openRunFolder('/data/one', folder);
    expect(openRunFolder('/data/one', folder)).toBe(first);
    expect(openRunFolder('/data/two', folder)).not.toBe(first);
    expect(statSync(first).mode & 0o777).toBe(0o700);
    chmodSync(first, 0o755);
    expect(statSync(openRunFolder('/data/one', folder)).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(openRunFolder(`/data/${'x'.repeat(500)}`, folder))).toBeLessThan(
      MAX_SOCKET_PATH_BYTES - 30,
    );
  });

  it('a link or a file in its place is not trusted: the data folder takes over, else it is an error', () => {
    const place = openRunFolder('/data/one', folder);
    const data = join(folder, 'data');
    mkdirSync(data);
    for (const [index, plant] of [() => symlinkSync(data, place), () => writeFileSync(place, '')].entries()) {
      rmSync(place, { recursive: true });
      plant();
      expect(() => openRunFolder('/data/one', folder), String(index)).toThrow(
        expect.objectContaining({ code: 'failed_precondition' }),
      );
    }
    const own = openRunFolder(data, join(folder, 'no-such-folder'));
    expect(own).toBe(join(data, 'run'));
    expect(statSync(own).mode & 0o777).toBe(0o700);
  });
});

describe('run record', () => {
  const record = {
    version: 1,
    id: 'env-1',
    ownerId: 'usr-1',
    generation: 1,
    bootId: 'b',
    supervisor: { pid: 1, startTime: '2' },
  };
  const full = {
    ...record,
    controlPath: '/c',
    steps: [],
    application: null,
    state: 'starting',
    failure: null,
    endpoint: null,
  };

  it('one claim wins, garbage reads as none, nothing is left beside it', () => {
    const place = join(folder, 'env');
    expect(readRecord(place)).toBeNull();
    expect(claimRecord(place, full as unknown as RunRecord)).toBe(true);
    expect(claimRecord(place, { ...full, generation: 2 } as unknown as RunRecord)).toBe(false);
    expect(readRecord(place)?.generation).toBe(1);
    writeRecord(place, { ...full, generation: 3 } as unknown as RunRecord);
    expect(readRecord(place)?.generation).toBe(3);
    expect(readdirSync(place)).toEqual(['run.json']);
    for (const garbage of ['', '{', 'null', '[]', '{"version":2}', JSON.stringify(record)]) {
      writeFileSync(join(place, 'run.json'), garbage);
      expect(readRecord(place)).toBeNull();
    }
  });
});

describe('ports', () => {
  it('tells whose listening socket it is', async () => {
    const port = await pickPort();
    expect(isTaken(port)).toBe(false);
    expect(listensOn(port, [process.pid])).toBe(false);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(isTaken(port)).toBe(true);
    expect(listensOn(port, [process.pid])).toBe(true);
    expect(listensOn(port, [process.ppid, 999_999_999])).toBe(false);
    server.close();
  });

  it('also of one that listens on every address', async () => {
    const server = createServer().listen(0);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(isTaken(port)).toBe(true);
    expect(listensOn(port, [process.pid])).toBe(true);
    server.close();
  });

  it('reads listening sockets, and no further', () => {
    const row = (state: string) =>
      `  0: 0100007F:1F90 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000  0 4711 1`;
    function* table() {
      yield '  sl  local_address rem_address   st tx_queue rx_queue';
      yield row('0A');
      yield row('01');
      throw new Error('read on into the connections');
    }
    expect([...parseListeners(table(), 8080)]).toEqual(['4711']);
    expect([...parseListeners(table(), 8081)]).toEqual([]);
  });
});

describe('cgroup', () => {
  const MOUNTS =
    '24 1 0:22 / /proc rw - proc proc rw\n41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw';

  it('finds its own place, also beside the older kind', () => {
    expect(locate(MOUNTS, '0::/user.slice/a.scope\n')).toEqual({
      root: '/sys/fs/cgroup',
      own: '/sys/fs/cgroup/user.slice/a.scope',
    });
    expect(locate(MOUNTS.replace('cgroup2 ', 'cgroup '), '0::/a\n')).toBeNull();
    expect(locate(MOUNTS, '4:memory:/a\n')).toBeNull();
  });

  it('takes the nearest ancestor whose groups get cpu and memory, and none above the mount', () => {
    const own = join(folder, 'slice', 'scope');
    mkdirSync(own, { recursive: true });
    const declare = (path: string, controllers: string) => {
      writeFileSync(join(path, 'cgroup.subtree_control'), controllers);
      writeFileSync(join(path, 'cgroup.procs'), '');
    };
    declare(own, '');
    declare(join(folder, 'slice'), 'memory pids');
    expect(findDelegated({ root: folder, own })).toBeNull();
    declare(join(folder, 'slice'), 'cpu memory pids\n');
    expect(findDelegated({ root: folder, own })).toBe(join(folder, 'slice'));
    expect(readdirSync(join(folder, 'slice')).sort()).toEqual(['cgroup.procs', 'cgroup.subtree_control', 'scope']);
  });

  it('writes the limits in the units of the kernel and counts its kills', () => {
    mkdirSync(join(folder, 'cmbcluster-env-1'));
    writeFileSync(join(folder, 'cmbcluster-env-1', 'memory.swap.max'), 'max');
    const group = openLimitedGroup(folder, 'env-1', { cpuMillicores: 1500, memoryMiB: 256, gpus: 0 });
    const read = (name: string) => readFileSync(join(folder, 'cmbcluster-env-1', name), 'utf8');
    expect([read('memory.max'), read('memory.swap.max'), read('cpu.max')]).toEqual(['268435456', '0', '150000 100000']);
    expect(group.oomKills()).toBe(0);
    writeFileSync(join(folder, 'cmbcluster-env-1', 'memory.events'), 'low 0\noom 1\noom_kill 2\n');
    expect(group.oomKills()).toBe(2);
    group.kill();
    expect(read('cgroup.kill')).toBe('1');
  });
});

describe('turns of supervisors', () => {
  it('run a few at once, in order, and go on after a failure', async () => {
    const supervisors = createSupervisors({ nodePath: '/nonexistent/node', program: '', slots: 2 });
    const log: string[] = [];
    let running = 0;
    const task = (name: number) => () =>
      new Promise<void>((resolve, reject) => {
        running += 1;
        expect(running).toBeLessThanOrEqual(2);
        log.push(`start ${name}`);
        setImmediate(() => {
          running -= 1;
          if (name === 1) reject(new Error('one fails'));
          else resolve();
        });
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((name) => supervisors.inTurn(task(name))));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(log).toEqual([0, 1, 2, 3, 4].map((name) => `start ${name}`));
    expect(() => supervisors.take()).toThrow();
    supervisors.close();
  });
});
