/** What must outlive what: environments outlive the server, nothing outlives its environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { EnvironmentSpec, Spawner } from '../../ports/spawner/spawner.ts';
import { findMembers, identify, isAlive, parseStat } from './processes.ts';
import { type FromSupervisor, onMessage, send } from './protocol.ts';
import { openRunFolder } from './run-folder.ts';
import { type RunRecord, readRecord } from './run-record.ts';
import { composeOrder } from './start-order.ts';
import { createSupervisors } from './supervisors.ts';
import { eventually, openTestBed, settled, type TestBed } from './test-bed.ts';

const LISTEN = 'require("net").createServer((socket) => socket.end()).listen(process.env.CMBCLUSTER_SOCKET)';

let bed: TestBed;
let spawner: Spawner;

beforeAll(async () => {
  bed = await openTestBed();
  bed.options.overdueMs = 300;
  spawner = await bed.open();
});
afterAll(() => bed.close());

function record(id: EnvironmentId): RunRecord {
  const found = readRecord(bed.folder(id));
  if (!found) throw new Error(`no run record of ${id}`);
  return found;
}
const members = (id: EnvironmentId) => findMembers(id, { leader: null });
const remove = (spec: EnvironmentSpec, on = spawner) => on.remove(spec.id, { keepHome: false });

async function run(spec: EnvironmentSpec): Promise<EnvironmentSpec> {
  await spawner.start(spec);
  await settled(spawner, spec.id, 'running');
  return spec;
}

async function failure(id: EnvironmentId, on = spawner) {
  const { observed } = await settled(on, id, 'exited');
  return observed.state === 'exited' ? observed.failure : null;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // ended in between
  }
}

function parentOf(pid: number): number | null {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'))?.ppid ?? null;
  } catch {
    return null;
  }
}

describe('kill -9 of the server', () => {
  const script = fileURLToPath(new URL('./test-server.ts', import.meta.url));

  async function serve(
    spec: EnvironmentSpec,
  ): Promise<{ server: ChildProcess; says: (word: string) => Promise<void> }> {
    const server = spawn(process.execPath, [script, JSON.stringify({ options: bed.options, spec })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    server.stdout?.on('data', (chunk) => {
      said += chunk;
    });
    return {
      server,
      says: (word) => eventually(`server says ${word}`, () => said.includes(word)).then(() => undefined),
    };
  }

  async function kill(server: ChildProcess): Promise<void> {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  it.each([0, 4, 12, 30, 60])('%i ms into a start: the next server has exactly one', async (afterMs) => {
    const spec = bed.program(`console.log("pid " + process.pid); ${LISTEN}`);
    const { server, says } = await serve(spec);
    await says('starting');
    const begun = performance.now();
    await eventually('the moment has come', () => performance.now() - begun >= afterMs);
    await kill(server);

    await spawner.start(spec);
    await settled(spawner, spec.id, 'running');
    expect(members(spec.id)).toHaveLength(1);
    expect(members(spec.id)[0]).toEqual(record(spec.id).application);
    const { text } = await spawner.logs(spec.id, { from: 0, maxBytes: 1000 });
    expect(text).toBe(`pid ${record(spec.id).application?.pid}\n`);
    await remove(spec);
  });

  it('makes an order void that a supervisor had not begun', async () => {
    const spec = bed.program(LISTEN);
    const places = { ...bed.options, runFolder: openRunFolder(bed.dataDir), cgroup: null };
    const order = { ...composeOrder(spec, 'secret', places), serverPid: 1 };
    const supervisors = createSupervisors({ nodePath: process.execPath, program: bed.options.supervisor, slots: 1 });
    const { orders, process: supervisor } = supervisors.take();
    const answer = new Promise<FromSupervisor>((resolve) => onMessage<FromSupervisor>(orders, resolve));
    const exited = once(supervisor, 'exit');
    send(orders, { start: order });
    expect(await answer).toHaveProperty('refused');
    await exited;
    expect(readRecord(bed.folder(spec.id))).toBeNull();
    supervisors.close();
  });

  it('takes the supervisor that it kept warm with it', async () => {
    const spec = bed.program(LISTEN);
    const { server, says } = await serve(spec);
    await says('started');
    const spare = await eventually('it keeps one warm', () =>
      readdirSync('/proc')
        .map(Number)
        .filter((pid) => pid > 0 && parentOf(pid) === server.pid && commandOf(pid).includes(bed.options.supervisor))
        .at(0),
    );
    await kill(server);
    await eventually('it has gone', () => identify(spare) === null);
    await remove(spec);
  });

  it('loses neither process nor log nor exit code', async () => {
    const go = join(bed.dataDir, 'go');
    const spec = bed.program(
      `${LISTEN}; console.log("before");
       const timer = setInterval(() => { if (require("fs").existsSync(process.argv[1])) { console.log("after"); process.exit(7) } }, 10)`,
      [go],
    );
    const { server, says } = await serve(spec);
    await says('started');
    await eventually('it runs', () => record(spec.id).state === 'running');
    const before = record(spec.id);
    await kill(server);
    expect(isAlive(before.supervisor)).toBe(true);
    expect(members(spec.id)).toEqual([before.application]);
    writeFileSync(go, '');
    await eventually('the supervisor has finished', () => !isAlive(before.supervisor));

    const next = await bed.open();
    expect(await failure(spec.id, next)).toMatchObject({ reason: 'crashed', exitCode: 7 });
    expect((await next.logs(spec.id, { from: 0, maxBytes: 100 })).text).toBe('before\nafter\n');
    await remove(spec, next);
    await next.close();
  });
});

describe('a supervisor that dies', () => {
  it('takes its environment with it, which is reported as lost', async () => {
    const spec = await run(bed.program(`process.on("SIGTERM", () => {}); ${LISTEN}`));
    process.kill(record(spec.id).supervisor.pid, 'SIGKILL');
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost', retryHelps: true });
    expect(members(spec.id)).toEqual([]);
    await remove(spec);
  });

  it('is found by the next server, with whatever it left', async () => {
    const spec = await run(bed.program(LISTEN));
    const { supervisor, application } = record(spec.id);
    await spawner.close();
    process.kill(supervisor.pid, 'SIGKILL');
    await eventually('it is dead', () => !isAlive(supervisor));
    spawner = await bed.open();
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost' });
    expect(application && isAlive(application)).toBe(false);
    await spawner.start({ ...spec, generation: 2 });
    await settled(spawner, spec.id, 'running');
    await remove(spec);
  });

  it('is no stranger that has its number after a restart of the machine', async () => {
    const spec = await run(bed.program(LISTEN));
    await spawner.stop(spec.id, { graceSeconds: 5 });
    await settled(spawner, spec.id, 'exited');
    await eventually('the supervisor has gone', () => !isAlive(record(spec.id).supervisor));
    await spawner.close();
    const own = { pid: process.pid, startTime: '1' };
    const old = { ...record(spec.id), state: 'running', failure: null, supervisor: own, application: own };
    writeFileSync(join(bed.folder(spec.id), 'run.json'), JSON.stringify({ ...old, bootId: 'another' }));
    spawner = await bed.open();
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost' });
    await remove(spec);
  });

  it('tells so when it is asked to end by the system', async () => {
    const spec = await run(bed.program(LISTEN));
    process.kill(record(spec.id).supervisor.pid, 'SIGTERM');
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost', signal: 'SIGTERM' });
    expect(members(spec.id)).toEqual([]);
    await remove(spec);
  });

  it('that hangs is ended when a stop is overdue', async () => {
    const spec = await run(bed.program(LISTEN));
    process.kill(record(spec.id).supervisor.pid, 'SIGSTOP');
    await spawner.stop(spec.id, { graceSeconds: 0 });
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost' });
    expect(members(spec.id)).toEqual([]);
    await remove(spec);
  });

  it('that hangs does not hold up a removal', async () => {
    const spec = await run(bed.program(LISTEN));
    const { supervisor } = record(spec.id);
    process.kill(supervisor.pid, 'SIGSTOP');
    await remove(spec);
    expect(isAlive(supervisor)).toBe(false);
    expect(members(spec.id)).toEqual([]);
    expect(existsSync(bed.folder(spec.id))).toBe(false);
  });
});

describe('starting again at once', () => {
  it('leaves every generation reachable', async () => {
    const spec = bed.program(LISTEN);
    for (let generation = 1; generation <= 5; generation++) {
      await spawner.start({ ...spec, generation });
      await settled(spawner, spec.id, 'running');
      expect(existsSync(record(spec.id).controlPath)).toBe(true);
      await spawner.stop(spec.id, { graceSeconds: 5 });
      await settled(spawner, spec.id, 'exited');
    }
    await remove(spec);
  });
});

describe('sockets that were swept away', () => {
  it('make the next server end what nobody can reach', async () => {
    const spec = await run(bed.program(LISTEN));
    const { supervisor, controlPath } = record(spec.id);
    await spawner.close();
    rmSync(controlPath);
    spawner = await bed.open();
    expect(await failure(spec.id)).toMatchObject({ reason: 'lost' });
    expect(isAlive(supervisor)).toBe(false);
    expect(members(spec.id)).toEqual([]);
    await remove(spec);
  });
});

describe('processes of an environment', () => {
  const FORKS = `
    const { spawn } = require("child_process");
    const sleep = (options) => spawn("sleep", ["1000"], { stdio: "ignore", ...options });
    console.log(JSON.stringify([
      sleep({}), sleep({ detached: true }), sleep({ env: {} }),
      spawn("sh", ["-c", "trap '' TERM HUP; sleep 1000 & wait"], { stdio: "ignore", detached: true }),
    ].map(({ pid }) => pid)));`;

  async function pids(id: EnvironmentId): Promise<number[]> {
    const text = await eventually(
      'it has forked',
      async () => (await spawner.logs(id, { from: 0, maxBytes: 1000 })).text,
    );
    return JSON.parse(text) as number[];
  }
  const alive = (all: number[]) => all.filter((pid) => identify(pid) !== null);

  it('all end with a stop: children, own sessions, emptied environments, the deaf', async () => {
    const spec = await run(bed.program(`${FORKS} ${LISTEN}`));
    const forked = await pids(spec.id);
    expect(alive(forked)).toHaveLength(4);
    await spawner.stop(spec.id, { graceSeconds: 0.3 });
    expect(await failure(spec.id)).toBeNull();
    expect(alive(forked)).toEqual([]);
    expect(members(spec.id)).toEqual([]);
    await remove(spec);
  });

  it('all end with the application itself', async () => {
    const spec = bed.program(`${FORKS} setTimeout(() => process.exit(5), 100)`);
    await spawner.start(spec);
    const forked = await pids(spec.id);
    expect(await failure(spec.id)).toMatchObject({ reason: 'exited_early', exitCode: 5 });
    expect(alive(forked)).toEqual([]);
    await remove(spec);
  });
});

describe('a flood of output', () => {
  it('neither fills the disk nor stalls, and its end can be read', async () => {
    const total = 64 * 1024 * 1024;
    const spec = bed.program(
      `const line = "x".repeat(65535) + "\\n"; let left = ${total / 65536};
       const more = () => { while (left-- > 0) if (!process.stdout.write(line)) return process.stdout.once("drain", more); process.stdout.write("the end\\n", () => { ${LISTEN} }) };
       more();`,
    );
    await run(spec);
    const end = total + 'the end\n'.length;
    const tail = await eventually('all is written', async () => {
      const chunk = await spawner.logs(spec.id, { from: -20, maxBytes: 100 });
      return chunk.end === end ? chunk : null;
    });
    expect(tail.text).toMatch(/^x+\nthe end\n$/);
    const folder = join(bed.folder(spec.id), 'log');
    const kept = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(kept).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(tail.start).toBe(end - kept);
    expect(await spawner.logs(spec.id, { from: 0, maxBytes: 10 })).toMatchObject({
      from: tail.start,
      to: tail.start + 10,
    });
    await remove(spec);
  });
});

describe('what an environment is given', () => {
  it('is a small set of variables, no descriptor and no secret on any command line', async () => {
    process.env.CMBCLUSTER_TEST_SERVER_SECRET = 'must-not-leak';
    const workspace = join(bed.dataDir, 'bucket');
    mkdirSync(workspace);
    const spec = bed.program(
      `const fds = require("fs").readdirSync("/proc/self/fd").length;
       require("fs").writeFileSync("env.json", JSON.stringify({ env: process.env, cwd: process.cwd(), fds }));
       process.stdin.resume(); ${LISTEN}`,
    );
    spec.env = { TOKEN: 'from-the-user', LANG: 'de_DE.UTF-8', HOME: '/never' };
    const capabilities = { rename: true, append: true, overwrite: true, symlink: true, locks: true };
    spec.workspace = { kind: 'host-path', hostPath: workspace, mountPath: '/workspace', capabilities };
    spec.run.secretHeader = { name: 'x-secret', value: 'Bearer {secret}' };
    await run(spec);

    const seen = JSON.parse(readFileSync(join(workspace, 'env.json'), 'utf8')) as {
      env: Record<string, string>;
      cwd: string;
    };
    const secret = seen.env.CMBCLUSTER_SECRET ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(seen.cwd).toBe(workspace);
    expect(seen.env).toEqual({
      PATH: `${join(bed.dataDir, 'homes', spec.ownerId, '.local/bin')}:${bed.options.machine.path}`,
      LANG: 'de_DE.UTF-8',
      TERM: 'xterm-256color',
      TOKEN: 'from-the-user',
      HOME: join(bed.dataDir, 'homes', spec.ownerId),
      USER: 'tester',
      LOGNAME: 'tester',
      SHELL: '/bin/sh',
      CMBCLUSTER_ENVIRONMENT_ID: spec.id,
      CMBCLUSTER_WORKSPACE: workspace,
      CMBCLUSTER_URL: spec.url,
      CMBCLUSTER_SECRET: secret,
      CMBCLUSTER_SOCKET: expect.stringContaining(spec.id),
    });
    expect((await spawner.poll(spec.id)).endpoint?.header).toEqual({ name: 'x-secret', value: `Bearer ${secret}` });

    const { supervisor, application } = record(spec.id);
    expect(readFileSync(`/proc/${supervisor.pid}/environ`, 'utf8')).toBe('');
    const everyCommand = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => commandOf(Number(pid)))
      .join('\n');
    expect(everyCommand).toContain(spec.id); // the supervisor's title: the list is not empty
    for (const hidden of [secret, 'from-the-user']) expect(everyCommand).not.toContain(hidden);
    expect(statSync(join(bed.folder(spec.id), 'run.json')).mode & 0o777).toBe(0o600);
    const sockets = readdirSync(`/proc/${application?.pid}/fd`).filter((fd) => Number(fd) === 3);
    expect(sockets.length === 0 || !statSync(`/proc/${application?.pid}/fd/3`).isSocket()).toBe(true);
    delete process.env.CMBCLUSTER_TEST_SERVER_SECRET;
    await remove(spec);
  });
});
