/** For tests of this folder: a data folder of their own, the supervisor bundled as it is shipped, and nothing left behind. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type EnvironmentId, newEnvironmentId, newUserId } from '../../domain/ids.ts';
import type { EnvironmentSpec, Snapshot, Spawner } from '../../ports/spawner/spawner.ts';
import { findMembers } from './processes.ts';
import { openRunFolder } from './run-folder.ts';
import { readRecord } from './run-record.ts';
import { type LocalSpawnerOptions, openLocalSpawner } from './spawner.ts';

const quiet = { info() {}, warn() {}, error() {} };

export interface TestBed {
  dataDir: string;
  options: LocalSpawnerOptions;
  open(): Promise<Spawner>;
  /** A spec that runs `source` as a Node program; it finds its arguments in process.argv from index 2 on. */
  program(source: string, args?: string[], changes?: Partial<EnvironmentSpec['run']>): EnvironmentSpec;
  spec(argv: string[], changes?: Partial<EnvironmentSpec['run']>): EnvironmentSpec;
  folder(id: EnvironmentId): string;
  /** Ends everything that a failed test may have left. */
  close(): Promise<void>;
}

export async function openTestBed(): Promise<TestBed> {
  const root = mkdtempSync(join(tmpdir(), 'cmbcluster-test-'));
  const supervisor = join(root, 'supervisor.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./supervisor/main.ts', import.meta.url))],
    outfile: supervisor,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
  });
  const dataDir = join(root, 'data');
  mkdirSync(dataDir);
  const options: LocalSpawnerOptions = {
    dataDir,
    supervisor,
    terminal: '/nonexistent/terminal.mjs',
    sync: fileURLToPath(new URL('../../sync/main.ts', import.meta.url)),
    nodePath: process.execPath,
    machine: {
      path: '/usr/local/bin:/usr/bin:/bin',
      lang: 'C.UTF-8',
      timeZone: null,
      user: 'tester',
      shell: '/bin/sh',
    },
    log: quiet,
    now: Date.now,
  };
  const opened: Spawner[] = [];
  const ids: EnvironmentId[] = [];

  function spec(argv: string[], changes: Partial<EnvironmentSpec['run']> = {}): EnvironmentSpec {
    const id = newEnvironmentId();
    ids.push(id);
    return {
      id,
      generation: 1,
      ownerId: newUserId(),
      slug: 'lab',
      name: 'Lab',
      size: { cpuMillicores: 500, memoryMiB: 256, gpus: 0 },
      env: {},
      files: [],
      workspace: null,
      url: 'http://lab.localhost:8080',
      readyTimeoutMs: 10_000,
      run: { argv, listen: 'socket', readyPath: null, secretHeader: null, image: null, port: null, ...changes },
    };
  }

  return {
    dataDir,
    options,
    async open() {
      const spawner = await openLocalSpawner(options);
      opened.push(spawner);
      return spawner;
    },
    program: (source, args = [], changes) => spec(['{node}', '-e', source, '--', ...args], changes),
    spec,
    folder: (id) => join(dataDir, 'environments', id),
    async close() {
      await Promise.all(opened.map((spawner) => spawner.close()));
      for (const id of ids) {
        const record = readRecord(join(dataDir, 'environments', id));
        const left = [...findMembers(id, { leader: null }), ...(record ? [record.supervisor] : [])];
        for (const { pid } of left) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // Ended by itself.
          }
        }
      }
      rmSync(openRunFolder(options.dataDir), { recursive: true, force: true });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Polls until the condition holds. @throws after `withinMs`, naming what was waited for */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 8_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function settled(spawner: Spawner, id: EnvironmentId, state: Snapshot['observed']['state']): Promise<Snapshot> {
  return eventually(`${id} is ${state}`, async () => {
    const snapshot = await spawner.poll(id);
    return snapshot.observed.state === state ? snapshot : null;
  });
}
