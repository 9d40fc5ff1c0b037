/**
 * Whether what the sync program called safe is in the bucket, always: git, SQLite, virtual environments and atomic saves work in
 * a synced folder while the program is ended by kill -9 at random moments. After each kill the bucket is read without the
 * program's help and compared with what the workers had finished before the moment that the last status called safe.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkspaceSync } from '../src/domain/workspace-sync.ts';
import type { Bucket } from '../src/ports/storage/storage.ts';
import { openLocalStorage } from '../src/providers/local/storage/local-storage.ts';

const PROGRAM = fileURLToPath(new URL('../src/sync/main.ts', import.meta.url));
const BUCKET = 'cmb-prove';

/** Each prints `<name> <value> <milliseconds>` once a piece of work is finished. */
const WORKERS: Record<string, string> = {
  notebook: `
n = 0
while True:
    n += 1
    with open('book.tmp', 'w') as f:
        json.dump({'n': n, 'cells': ['x' * 2000] * 20, 'end': n}, f); f.flush(); os.fsync(f.fileno())
    os.replace('book.tmp', 'book.ipynb'); say('notebook', n); time.sleep(0.02)`,
  sqlite: `
c = sqlite3.connect('rows.db', isolation_level=None, timeout=30)
c.execute('pragma journal_mode=wal'); c.execute('create table if not exists t(i integer primary key, x)')
n = 0
while True:
    n += 1
    c.execute('insert into t values (?, ?)', (n, 'y' * 300)); say('sqlite', n); time.sleep(0.01)`,
  rollback: `
c = sqlite3.connect('rollback.db', isolation_level=None, timeout=30)
c.execute('create table if not exists t(i integer primary key, x)')
n = 0
while True:
    n += 1
    c.execute('insert into t values (?, ?)', (n, 'y' * 300)); say('rollback', n); time.sleep(0.05)`,
  git: `
git = lambda *a: subprocess.run(['git', '-C', 'repo', '-c', 'user.name=p', '-c', 'user.email=p@example.org', '-c', 'gc.auto=0', *a], check=True, capture_output=True, text=True).stdout.strip()
os.makedirs('repo', exist_ok=True); git('init', '-q'); n = 0
while True:
    n += 1
    open('repo/file', 'w').write(str(n)); git('add', 'file'); git('commit', '-q', '-m', str(n)); say('git', git('rev-parse', 'HEAD')); time.sleep(0.2)`,
  venv: `
n = 0
while True:
    n += 1
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', f'venv-{n}'], check=True); say('venv', n); time.sleep(1)
    if n > 3: say('leave', n - 3); shutil.rmtree(f'venv-{n - 3}')`,
};
const PRELUDE = `
import json, os, shutil, sqlite3, subprocess, sys, time
def say(name, value): print(name, value, int(time.time() * 1000), flush=True)
`;

interface Done {
  name: string;
  value: string;
  at: number;
}

/** Then a new workspace: what grew would make every check of a long proof slower than the one before. */
const KILLS_OF_ONE_WORKSPACE = 50;

export async function prove({ kills }: { kills: number }): Promise<string[]> {
  const broken: string[] = [];
  for (let done = 0; done < kills; done += KILLS_OF_ONE_WORKSPACE) {
    const count = Math.min(KILLS_OF_ONE_WORKSPACE, kills - done);
    broken.push(...(await proveOne(count)).map((line) => `workspace from kill ${done + 1}: ${line}`));
    process.stderr.write(`${done + count} of ${kills} kills, ${broken.length} broken\n`);
  }
  return broken;
}

async function proveOne(kills: number): Promise<string[]> {
  const base = mkdtempSync(join(tmpdir(), 'cmb-prove-'));
  const [root = '', state = '', store = ''] = ['workspace', 'state', 'store'].map((name) => {
    mkdirSync(join(base, name));
    return join(base, name);
  });
  const log = { info() {}, warn() {}, error() {} };
  const storage = openLocalStorage({ root: store, now: Date.now, log });
  await storage.createBucket(BUCKET, { labels: { owner: 'prove' } });
  const bucket = storage.bucket(BUCKET);
  const done: Done[] = [];
  const workers = Object.values(WORKERS).map((code) => work(code, root, done));
  const broken: string[] = [];
  let checked = 0;
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const program = startProgram({ root, state, store });
      await delay(1_000 + Math.random() * 4_000);
      // Most are ended some time after they called something safe, the others whenever.
      if (Math.random() < 0.75) await untilSafe(state).then(() => delay(Math.random() * 1_500));
      program.kill('SIGKILL');
      await new Promise((resolve) => program.once('exit', resolve));
      const safeAt = readStatus(state)?.safeAt ?? null;
      if (safeAt === null) continue;
      checked += 1;
      const copy = join(base, 'copy');
      const finished = done.slice();
      await copyBucket(bucket, copy);
      const faults = check(copy, finished, safeAt);
      broken.push(...faults.map((fault) => `kill ${kill}: ${fault}`));
      rmSync(copy, { recursive: true, force: true });
      if (kill % 10 === 0) process.stderr.write(`${kill} kills, ${broken.length} broken\n`);
    }
    for (const worker of workers) worker.kill('SIGKILL');
    const program = startProgram({ root, state, store });
    await delay(3_000);
    program.kill('SIGTERM');
    const code = await new Promise((resolve) => program.once('exit', resolve));
    if (code !== 0) broken.push(`the last flush ended with ${code}: ${JSON.stringify(readStatus(state))}`);
    const copy = join(base, 'copy');
    await copyBucket(bucket, copy);
    broken.push(...check(copy, done, Date.now()).map((fault) => `at the end: ${fault}`));
    const conflicts = readStatus(state)?.conflicts ?? 0;
    if (conflicts > 0) broken.push(`${conflicts} conflicts although nobody else wrote`);
    if (checked < kills / 2) broken.push(`only ${checked} of ${kills} kills had something safe to check`);
    process.stderr.write(`${checked} of ${kills} kills checked, ${done.length} pieces of work\n`);
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    await storage.close();
    rmSync(base, { recursive: true, force: true, maxRetries: 5 });
  }
  return broken;
}

function work(code: string, cwd: string, done: Done[]): ChildProcess {
  const worker = spawn('python3', ['-c', PRELUDE + code], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let pending = '';
  worker.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const [name = '', value = '', at = ''] = line.split(' ');
      done.push({ name, value, at: Number(at) });
    }
  });
  return worker;
}

function startProgram({ root, state, store }: { root: string; state: string; store: string }): ChildProcess {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM];
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      CMBCLUSTER_DATA: store,
      CMBCLUSTER_SYNC_WORKSPACE: root,
      CMBCLUSTER_SYNC_STATE: state,
      CMBCLUSTER_SYNC_PROVIDER: 'local',
      CMBCLUSTER_SYNC_BUCKET: BUCKET,
      CMBCLUSTER_SYNC_EVERY_SECONDS: '0.2',
      CMBCLUSTER_SYNC_LISTEN_SECONDS: '1',
    },
  });
}

/** On a busy machine it takes its time, but not for ever. */
async function untilSafe(state: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end && readStatus(state)?.safeAt == null; ) await delay(50);
}

function readStatus(state: string): WorkspaceSync | null {
  try {
    return JSON.parse(readFileSync(join(state, 'status.json'), 'utf8')) as WorkspaceSync;
  } catch {
    return null; // killed before its first word
  }
}

/** Without the program's help: contents and links only. */
async function copyBucket(bucket: Bucket, to: string): Promise<void> {
  let startAfter: string | undefined;
  do {
    const page = await bucket.list({ startAfter });
    for (const { key } of page.objects) {
      const { info, body } = await bucket.get(key);
      const file = join(to, key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, await buffer(body));
      if (info.metadata['posix-kind'] === 'link') writeFileSync(`${file}.is-a-link`, '');
    }
    startAfter = page.next ?? undefined;
  } while (startAfter !== undefined);
}

/** What the copy lacks of the work that was finished by `safeAt`. */
function check(copy: string, done: readonly Done[], safeAt: number): string[] {
  const faults: string[] = [];
  const last = (name: string): Done | undefined => done.findLast((work) => work.name === name && work.at < safeAt);
  const attempt = (what: string, test: () => void): void => {
    try {
      test();
    } catch (error) {
      faults.push(`${what}: ${error instanceof Error ? error.message.split('\n').slice(0, 6).join(' ') : error}`);
    }
  };
  const notebook = last('notebook');
  if (notebook)
    attempt('notebook', () => {
      const { n, end } = JSON.parse(readFileSync(join(copy, 'book.ipynb'), 'utf8')) as { n: number; end: number };
      if (n !== end || n < Number(notebook.value)) throw new Error(`holds ${n}, safe was ${notebook.value}`);
    });
  for (const [name, file] of [
    ['sqlite', 'rows.db'],
    ['rollback', 'rollback.db'],
  ] as const) {
    const rows = last(name);
    if (!rows) continue;
    attempt(name, () => {
      const code = `import sqlite3; c = sqlite3.connect(${JSON.stringify(join(copy, file))}); print(c.execute('pragma integrity_check').fetchone()[0], *c.execute('select count(*), max(i) from t').fetchone())`;
      const [integrity, count, most] = execFileSync('python3', ['-c', code], { encoding: 'utf8' }).trim().split(' ');
      if (integrity !== 'ok' || count !== most || Number(most) < Number(rows.value))
        throw new Error(`${integrity}, ${count} rows up to ${most}, safe was ${rows.value}`);
    });
  }
  const commit = last('git');
  if (commit)
    attempt('git', () => {
      // Empty folders are no objects here; git looks for this one before it calls a folder a repository.
      mkdirSync(join(copy, 'repo/.git/refs'), { recursive: true });
      const args = ['-C', join(copy, 'repo'), 'rev-list', '--objects', commit.value];
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    });
  const left = new Set(done.filter(({ name }) => name === 'leave').map(({ value }) => value));
  for (const { name, value, at } of done) {
    if (name !== 'venv' || at >= safeAt || left.has(value)) continue;
    attempt(`venv ${value}`, () => {
      readFileSync(join(copy, `venv-${value}`, 'pyvenv.cfg'));
      readFileSync(join(copy, `venv-${value}`, 'bin/activate'));
      readFileSync(join(copy, `venv-${value}`, 'bin/python3.is-a-link'));
    });
  }
  return faults;
}
