/** How applications are started, found ready and found wanting. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
import type { Endpoint } from '../../domain/gateway.ts';
import type { EnvironmentSpec, Spawner } from '../../ports/spawner/spawner.ts';
import { readRecord } from './run-record.ts';
import { eventually, openTestBed, settled, type TestBed } from './test-bed.ts';

let bed: TestBed;
let spawner: Spawner;

beforeAll(async () => {
  bed = await openTestBed();
  spawner = await bed.open();
});
afterAll(() => bed.close());

const HTTP = (answer: string) =>
  `require("http").createServer((req, res) => { ${answer} }).listen(process.env.PORT || process.env.CMBCLUSTER_SOCKET, process.env.PORT && "127.0.0.1")`;
const remove = (spec: EnvironmentSpec) => spawner.remove(spec.id, { keepHome: false });

async function failure(spec: EnvironmentSpec) {
  const { observed } = await settled(spawner, spec.id, 'exited');
  return observed.state === 'exited' ? observed.failure : null;
}

function get(endpoint: Endpoint, path: string): Promise<number> {
  const target =
    endpoint.kind === 'unix' ? { socketPath: endpoint.path } : { host: endpoint.host, port: endpoint.port };
  const headers = endpoint.header ? { [endpoint.header.name]: endpoint.header.value } : {};
  return new Promise((resolve, reject) => {
    request({ ...target, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('readiness', () => {
  it('waits for the ready path, which gets the secret header', async () => {
    const ready = join(bed.dataDir, 'ready');
    const spec = bed.program(
      HTTP(`const ok = req.headers["x-secret"] === process.env.CMBCLUSTER_SECRET && require("fs").existsSync(process.argv[1]);
            console.log(req.url); res.statusCode = ok ? 204 : 503; res.end()`),
      [ready],
      { listen: 'port', readyPath: '/health', secretHeader: { name: 'x-secret', value: '{secret}' } },
    );
    await spawner.start(spec);
    await eventually('it was asked', async () =>
      (await spawner.logs(spec.id, { from: 0, maxBytes: 100 })).text.startsWith('/health\n'),
    );
    expect((await spawner.poll(spec.id)).observed.state).toBe('starting');
    writeFileSync(ready, '');
    const { endpoint } = await settled(spawner, spec.id, 'running');
    expect(endpoint).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
    expect(endpoint && (await get(endpoint, '/'))).toBe(204);
    await remove(spec);
  });

  it('takes a refusal (4xx) for ready, and a server error not', async () => {
    const refusing = bed.program(HTTP('res.statusCode = 401; res.end()'), [], { readyPath: '/' });
    await spawner.start(refusing);
    await settled(spawner, refusing.id, 'running');
    const broken = bed.program(HTTP('res.statusCode = 500; res.end()'), [], { readyPath: '/' });
    await spawner.start({ ...broken, readyTimeoutMs: 300 });
    expect(await failure(broken)).toMatchObject({ reason: 'not_ready_in_time' });
    await Promise.all([refusing, broken].map(remove));
  });

  it('is not deceived by a stranger on its port: it takes another one', async () => {
    const seen = join(bed.dataDir, 'first-port');
    // The first time, another process of nobody's environment takes the port; the application itself waits.
    const spec = bed.program(
      `const fs = require("fs");
       if (fs.existsSync(process.argv[1])) ${HTTP('res.end()')};
       else { fs.writeFileSync(process.argv[1], process.env.PORT); setInterval(() => {}, 1000) }`,
      [seen],
      { listen: 'port' },
    );
    await spawner.start(spec);
    const port = Number(await eventually('it has a port', () => readText(seen)));
    const { createServer } = await import('node:net');
    const stranger = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    const { endpoint } = await settled(spawner, spec.id, 'running');
    expect(endpoint?.kind === 'tcp' && endpoint.port).not.toBe(port);
    stranger.close();
    await remove(spec);
  });
});

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

describe('starts that fail', () => {
  it('a missing storage folder is not a missing command', async () => {
    const spec = bed.program('');
    const capabilities = { rename: true, append: true, overwrite: true, symlink: true, locks: true };
    spec.workspace = {
      kind: 'host-path',
      hostPath: join(bed.dataDir, 'nowhere'),
      mountPath: '/workspace',
      capabilities,
    };
    await spawner.start(spec);
    expect(await failure(spec)).toMatchObject({ reason: 'storage_unavailable', step: 'storage' });
    await remove(spec);
  });

  it('a script without its interpreter, and a file without the right to run, say so', async () => {
    const script = join(bed.dataDir, 'script');
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 });
    const spec = bed.spec([script]);
    await spawner.start(spec);
    expect(await failure(spec)).toMatchObject({
      reason: 'start_failed',
      message: expect.stringContaining('interpreter'),
    });
    chmodSync(script, 0o644);
    await spawner.start({ ...spec, generation: 2 });
    const second = await eventually('the second ended', async () => {
      const { observed } = await spawner.poll(spec.id);
      return observed.state === 'exited' && observed.generation === 2 ? observed : null;
    });
    expect(second.failure).toMatchObject({
      reason: 'start_failed',
      message: expect.stringContaining('not executable'),
    });
    await remove(spec);
  });

  it('names the program, not its folder', async () => {
    const spec = bed.program('process.exit(3)');
    await spawner.start(spec);
    expect((await failure(spec))?.message).toMatch(/^“node” ended before it was ready \(exit code 3\)/);
    await remove(spec);
  });

  it('storage of another kind is refused', async () => {
    const spec = bed.program('');
    const kubernetes = { kind: 'kubernetes', mountPath: '/workspace' } as unknown as EnvironmentSpec['workspace'];
    const error = await spawner.start({ ...spec, workspace: kubernetes }).catch((caught: unknown) => caught);
    expect(isAppError(error) && error.code).toBe('invalid_argument');
  });

  it('a supervisor that cannot begin leaves nothing, and the error can be retried', async () => {
    const broken = await openTestBed();
    broken.options.supervisor = join(broken.dataDir, 'no-such-program.mjs');
    const other = await broken.open();
    const spec = broken.program('');
    const error = await other.start(spec).catch((caught: unknown) => caught);
    expect(isAppError(error) && [error.code, error.retryable]).toEqual(['unavailable', true]);
    expect((await other.poll(spec.id)).observed.state).toBe('absent');
    await broken.close();
  });
});

describe('folders', () => {
  it('the home stays when it is to be kept or another environment of the person has it; else it goes', async () => {
    const specs = [1, 2, 3].map(() => bed.program('setInterval(() => {}, 1000)'));
    const [first, second, third] = specs as [EnvironmentSpec, EnvironmentSpec, EnvironmentSpec];
    second.ownerId = first.ownerId;
    third.ownerId = first.ownerId;
    for (const spec of specs) await spawner.start(spec);
    const home = join(bed.dataDir, 'homes', first.ownerId);
    writeFileSync(join(home, 'settings'), 'mine');
    await spawner.remove(first.id, { keepHome: false });
    await spawner.remove(second.id, { keepHome: true });
    expect(readText(join(home, 'settings'))).toBe('mine');
    await spawner.remove(third.id, { keepHome: false });
    expect(readText(join(home, 'settings'))).toBeNull();
  });

  it('sockets have short paths, whatever the data folder', async () => {
    const deep = await openTestBed();
    deep.options.dataDir = join(deep.dataDir, 'x'.repeat(100), 'y'.repeat(100));
    mkdirSync(deep.options.dataDir, { recursive: true });
    const other = await deep.open();
    const spec = deep.program(HTTP('res.end()'));
    await other.start(spec);
    const { endpoint } = await settled(other, spec.id, 'running');
    expect(endpoint?.kind === 'unix' && Buffer.byteLength(endpoint.path)).toBeLessThanOrEqual(107);
    const record = readRecord(join(deep.options.dataDir, 'environments', spec.id));
    expect(Buffer.byteLength(record?.controlPath ?? '')).toBeLessThanOrEqual(107);
    await other.remove(spec.id, { keepHome: false });
    await deep.close();
  });

  it('the starter app is given only where the storage has none of its own', async () => {
    const workspace = join(bed.dataDir, 'with-app');
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'app.py'), '');
    const capabilities = { rename: true, append: true, overwrite: true, symlink: true, locks: true };
    const print = 'console.log(process.argv[1]); setInterval(() => {}, 1000)';
    const own = bed.program(print, ['{starter}']);
    own.workspace = { kind: 'host-path', hostPath: workspace, mountPath: '/workspace', capabilities };
    const builtIn = bed.program(print, ['{starter}']);
    for (const spec of [own, builtIn]) await spawner.start(spec);
    const said = (spec: EnvironmentSpec) =>
      eventually('it has spoken', async () => (await spawner.logs(spec.id, { from: 0, maxBytes: 1000 })).text.trim());
    expect(await said(own)).toBe(join(workspace, 'app.py'));
    const path = await said(builtIn);
    expect(path).toBe(join(bed.folder(builtIn.id), 'starter', 'app.py'));
    expect(readText(path)).toContain('import streamlit');
    await Promise.all([own, builtIn].map(remove));
  });
});

describe('check', () => {
  const check = (argv: string[] | null) => spawner.check({ ...bed.spec([]).run, argv });

  it('looks for the program on the path of environments', async () => {
    expect(await check(['sh', '-c', 'true'])).toEqual({ available: true });
    expect(await check(['cmbcluster-no-such-program'])).toEqual({
      available: false,
      reason: '“cmbcluster-no-such-program” is not installed on this machine.',
    });
    expect(await check([])).toEqual({ available: true });
    expect(await check(null)).toMatchObject({ available: false });
    expect(await check(['{node}', '{terminal}'])).toMatchObject({ available: false });
  });
});
