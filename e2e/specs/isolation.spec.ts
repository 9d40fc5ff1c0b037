/** What belongs to one person is out of reach for everyone else, by every way in; other sites can do nothing in a person's name. */
import { newFileJobId, newUploadId } from '../../src/domain/ids.ts';
import { openLive } from '../fixtures/live.ts';
import { apiOf, type Environment, type Person, signIn } from '../fixtures/person.ts';
import { expect, type TestServer, test } from '../fixtures/server.ts';
import { environmentCookie, handshake, hostOf, send } from '../fixtures/wire.ts';

test.use({ deployment: 'isolation' });

/** Answers every request with the head that reached it. */
const ECHO = `exec node -e "require('http').createServer((q,s)=>s.end(JSON.stringify(q.headers))).listen(process.env.PORT,'127.0.0.1')"`;
const SECRET = 'the seventh acoustic peak';

interface Scene {
  ada: Person;
  ben: Person;
  environment: Environment;
  bens: Environment;
  storageId: Awaited<ReturnType<Person['storage']>>['id'];
}

let scene: Scene;

test.beforeAll(async ({ server }) => {
  const ada = await signIn(server);
  const ben = await signIn(server, 'ben@example.org');
  const [environment, bens, storage] = await Promise.all([ada.running(), ben.running(), ada.storage()]);
  await put(server, storage.id, { cookie: ada.cookie, key: 'secret.txt', body: SECRET });
  scene = { ada, ben, environment, bens, storageId: storage.id };
});

async function put(server: TestServer, storageId: string, file: { cookie?: string; key: string; body: string }) {
  const headers: Record<string, string> = { origin: server.url, ...(file.cookie ? { cookie: file.cookie } : {}) };
  return send(server, filePath(storageId, file.key), { method: 'PUT', headers, body: file.body });
}

const filePath = (storageId: string, key: string) =>
  `/api/storages/${storageId}/objects?key=${encodeURIComponent(key)}`;

function everyCall(api: Person['api'], { environment: { id }, storageId }: Scene): Record<string, Promise<unknown>> {
  const { environments, storages, files, uploads } = api;
  const one = { id: storageId };
  const key = 'secret.txt';
  const job = { ...one, jobId: newFileJobId() };
  const upload = { ...one, uploadId: newUploadId() };
  return {
    get: environments.get.query({ id }),
    logs: environments.logs.query({ id, from: 0 }),
    history: environments.history.query({ id }),
    stop: environments.stop.mutate({ id }),
    start: environments.start.mutate({ id }),
    restart: environments.restart.mutate({ id }),
    extend: environments.extend.mutate({ id }),
    rename: environments.rename.mutate({ id, name: 'Mine now' }),
    delete: environments.delete.mutate({ id }),
    storage: storages.get.query(one),
    usage: storages.usage.query(one),
    deletion: storages.deletion.query(one),
    renameStorage: storages.rename.mutate({ ...one, displayName: 'Mine now' }),
    deleteStorage: storages.delete.mutate({ ...one, confirm: 'My files' }),
    cancelDelete: storages.cancelDelete.mutate(one),
    retryStorage: storages.retry.mutate(one),
    repairStorage: storages.repair.mutate(one),
    files: files.list.query(one),
    search: files.search.query({ ...one, query: 'secret' }),
    head: files.head.query({ ...one, key }),
    versions: files.versions.query({ ...one, key }),
    deleted: files.deleted.query(one),
    purge: files.purge.mutate({ ...one, key, versionId: 'v1', confirm: key }),
    createFolder: files.createFolder.mutate({ ...one, path: 'mine/' }),
    move: files.move.mutate({ ...one, items: [{ from: key, to: 'taken.txt' }] }),
    copy: files.copy.mutate({ ...one, items: [{ from: key, to: 'taken.txt' }] }),
    deleteFiles: files.delete.mutate({ ...one, keys: [key] }),
    restore: files.restore.mutate({ ...one, items: [{ key, versionId: null }] }),
    jobs: files.jobs.query(one),
    job: files.job.query(job),
    undo: files.undo.mutate(job),
    cancelJob: files.cancel.mutate(job),
    uploads: uploads.list.query(one),
    startUpload: uploads.start.mutate({ ...one, key: 'mine.bin', sizeBytes: 1, replace: false }),
    signParts: uploads.signParts.mutate({ ...upload, numbers: [1] }),
    parts: uploads.parts.query(upload),
    completeUpload: uploads.complete.mutate(upload),
    abortUpload: uploads.abort.mutate(upload),
  };
}

async function outcomes(calls: Record<string, Promise<unknown>>): Promise<Record<string, string>> {
  const answers = Object.entries(calls).map(async ([name, call]): Promise<[string, string]> => {
    const answer = await call.then(
      () => 'allowed',
      (error: { data?: { code?: string } }) => error.data?.code ?? String(error),
    );
    return [name, answer];
  });
  return Object.fromEntries(await Promise.all(answers));
}

test('no call of the API reaches what is somebody else’s', async ({ server }) => {
  const { ada, ben, environment, storageId } = scene;
  for (const [api, answer] of [
    [ben.api, 'NOT_FOUND'],
    [apiOf(server), 'UNAUTHORIZED'],
  ] as const) {
    const seen = await outcomes(everyCall(api, scene));
    expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((name) => [name, answer])));
  }
  expect((await ben.api.environments.list.query({})).environments.map(({ id }) => id)).toEqual([scene.bens.id]);
  expect((await ben.api.storages.list.query()).map(({ id }) => id)).not.toContain(storageId);
  const filtered = await ben.api.environments.list.query({ storageId });
  expect(filtered.environments).toEqual([]);
  // Nor can a launch put somebody else's files into one's own environment.
  const [application] = await ben.api.applications.list.query();
  if (!application) throw new Error('the catalog is empty');
  await ben.api.environments.delete.mutate({ id: scene.bens.id });
  await expect.poll(async () => (await ben.api.profile.limits.query()).usage.environments).toBe(0);
  const launch = ben.api.environments.launch.mutate({
    clientKey: crypto.randomUUID(),
    applicationId: application.id,
    name: 'Loot',
    size: application.defaultSize,
    storage: { kind: 'existing', id: storageId },
  });
  expect(await outcomes({ launch })).toEqual({ launch: 'NOT_FOUND' });
  scene.bens = await ben.running();
  // And nothing of it happened behind the refusals.
  expect(await ada.environment(environment.id)).toMatchObject({ phase: 'running', name: 'Terminal', generation: 1 });
  const { entries } = await ada.api.files.list.query({ id: storageId });
  expect(entries.map(({ key }) => key)).toEqual(['secret.txt']);
});

test('files of somebody else cannot be read, replaced or added', async ({ server }) => {
  const { ada, ben, storageId } = scene;
  for (const [cookie, status] of [
    [ben.cookie, 404],
    [undefined, 401],
  ] as const) {
    const headers: Record<string, string> = cookie ? { cookie } : {};
    const path = filePath(storageId, 'secret.txt');
    const answers = [
      await send(server, path, { headers }),
      await send(server, `${path}&preview`, { headers }),
      await send(server, path, { headers, method: 'HEAD' }),
      await send(server, path, { headers: { ...headers, range: 'bytes=0-3' } }),
      await put(server, storageId, { cookie, key: 'secret.txt', body: 'gone' }),
      await put(server, storageId, { cookie, key: 'new.txt', body: 'new' }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => status));
    for (const { body } of answers) expect(body).not.toContain('acoustic');
  }
  const own = await send(server, filePath(storageId, 'secret.txt'), { headers: { cookie: ada.cookie } });
  expect([own.status, own.body]).toEqual([200, SECRET]);
});

test('the gateway lets nobody else in, by request, websocket or ticket', async ({ server }) => {
  const { ada, ben, environment, bens } = scene;
  const host = hostOf(environment);
  const origin = environment.url;
  const bensOwn = await environmentCookie(server, ben.cookie, bens);
  expect((await send(server, '/', { host: hostOf(bens), headers: { cookie: bensOwn } })).status).toBe(200);
  for (const cookie of [bensOwn, ben.cookie, ada.cookie, undefined]) {
    const headers: Record<string, string> = { origin, ...(cookie ? { cookie } : {}) };
    expect([401, 403]).toContain((await send(server, '/', { host, headers })).status);
    expect([401, 403]).toContain(await handshake(server, '/events', { host, headers }));
  }
  // A person who follows a link is led to sign-in by way of the app, never into the environment.
  const visit = await send(server, '/secret?a=1', { host, headers: { accept: 'text/html', cookie: bensOwn } });
  expect(visit.headers.location).toBe(`${server.url}/open/${environment.id}?to=${encodeURIComponent('/secret?a=1')}`);

  const path = `/open/${environment.id}`;
  expect((await send(server, path, { headers: { cookie: ben.cookie } })).status).toBe(404);
  const stranger = await send(server, path);
  expect(stranger.headers.location).toBe(`/sign-in?next=${encodeURIComponent(path)}`);

  const opened = await send(server, path, { headers: { cookie: ada.cookie } });
  const ticket = new URL(opened.headers.location ?? '');
  const enter = ticket.pathname + ticket.search;
  const elsewhere = await send(server, enter, { host: hostOf(bens) });
  expect(elsewhere.headers['set-cookie']).toBeUndefined();
  const first = await send(server, enter, { host });
  const second = await send(server, enter, { host });
  // Whichever request comes first spends a ticket; it is never good for two.
  expect([first, second].filter((answer) => answer.headers['set-cookie']).length).toBeLessThanOrEqual(1);
  expect(second.headers['set-cookie']).toBeUndefined();

  const own = { host, headers: { origin, cookie: await environmentCookie(server, ada.cookie, environment) } };
  expect((await send(server, '/', own)).status).toBe(200);
  expect(await handshake(server, '/events', own)).toBe(101);
});

test('a ticket leads to a path of its environment, never to another site', async ({ server }) => {
  const { ada, environment } = scene;
  for (const to of ['https://evil.example/', '//evil.example/', '/\\evil.example', '/\t/evil.example', '\\\\evil']) {
    const query = `?to=${encodeURIComponent(to)}`;
    const opened = await send(server, `/open/${environment.id}${query}`, { headers: { cookie: ada.cookie } });
    const target = new URL(opened.headers.location ?? '', server.url);
    expect(target.host).toBe(hostOf(environment));
    const entered = await send(server, target.pathname + target.search, { host: target.host });
    expect(new URL(entered.headers.location ?? '/', environment.url).host).toBe(hostOf(environment));
  }
});

test('the live stream tells each person of their own things only', async ({ server }) => {
  const { ada, ben, environment, bens } = scene;
  await expect(openLive(server, '')).rejects.toThrow('UNAUTHORIZED');
  const stream = await openLive(server, ben.cookie);
  try {
    await ada.api.environments.rename.mutate({ id: environment.id, name: 'Renamed by Ada' });
    await ada.api.storages.rename.mutate({ id: scene.storageId, displayName: 'Ada’s files' });
    await ben.api.environments.rename.mutate({ id: bens.id, name: 'Renamed by Ben' });
    await expect
      .poll(() => stream.messages.filter(({ kind }) => kind === 'environment'))
      .toContainEqual(expect.objectContaining({ id: bens.id }));
    const text = JSON.stringify(stream.messages);
    expect(text).toContain('Renamed by Ben');
    expect(text).not.toContain('Ada');
    expect(text).not.toContain(environment.id);
    expect(text).not.toContain(scene.storageId);
  } finally {
    stream.close();
  }
});

test('signing out closes the live stream and the way into environments at once', async ({ server }) => {
  const { environment, ada } = scene;
  const second = await signIn(server);
  const cookie = await environmentCookie(server, second.cookie, environment);
  const inside = { host: hostOf(environment), headers: { cookie } };
  expect((await send(server, '/', inside)).status).toBe(200);
  const stream = await openLive(server, second.cookie);
  const out = await send(server, '/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie: second.cookie, origin: server.url },
  });
  expect(out.status).toBe(200);
  expect((await send(server, '/', inside)).status).toBe(403);
  const heard = stream.messages.length;
  await ada.api.environments.rename.mutate({ id: environment.id, name: 'After sign-out' });
  const other = await openLive(server, ada.cookie);
  await ada.api.environments.rename.mutate({ id: environment.id, name: 'Terminal' });
  await expect.poll(() => other.messages.length).toBeGreaterThan(1);
  expect(stream.messages.length).toBe(heard);
  stream.close();
  other.close();
});

test('no other site acts in a person’s name', async ({ server }) => {
  const { ada, environment, storageId } = scene;
  const rename = {
    path: '/api/trpc/environments.rename',
    method: 'POST',
    body: JSON.stringify({ id: environment.id, name: 'Forged' }),
  };
  const calls = [
    rename,
    { path: filePath(storageId, 'forged.txt'), method: 'PUT', body: 'forged' },
    { path: '/api/auth/sign-out', method: 'POST', body: '' },
    { path: '/api/auth/link', method: 'POST', body: '{}' },
    { path: '/help', method: 'POST', body: '' },
  ];
  const origins: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    // An application that runs in somebody's environment is another site too.
    { origin: environment.url, 'sec-fetch-site': 'same-site' },
    { origin: environment.url },
    { 'sec-fetch-site': 'cross-site' },
    {},
  ];
  for (const { path, method, body } of calls) {
    for (const from of origins) {
      const headers = { cookie: ada.cookie, 'content-type': 'text/plain', ...from };
      const { status } = await send(server, path, { method, headers, body });
      expect({ path, from, status }).toEqual({ path, from, status: 403 });
    }
  }
  const reading = { cookie: ada.cookie, origin: environment.url, 'sec-fetch-site': 'same-site' };
  expect((await send(server, '/api/trpc/profile.me', { headers: reading })).status).toBe(403);
  expect((await send(server, '/api/trpc/live.watch', { headers: reading })).status).toBe(403);
  expect((await ada.environment(environment.id)).name).toBe('Terminal');
  // The environment's own origin is guarded in the same way.
  const cookie = await environmentCookie(server, ada.cookie, environment);
  const host = hostOf(environment);
  for (const origin of ['https://evil.example', server.url]) {
    expect(await handshake(server, '/events', { host, headers: { cookie, origin } })).toBe(403);
    expect((await send(server, '/', { host, method: 'POST', headers: { cookie, origin } })).status).toBe(403);
  }
});

test('an environment never sees the person’s session, nor sets it', async ({ server }) => {
  const { ada } = scene;
  const echo = await ada.running({ name: 'Echo', command: ECHO });
  const own = await environmentCookie(server, ada.cookie, echo);
  const sent = `theme=dark; ${ada.cookie}; ${own}; lang=en`;
  const answer = await send(server, '/', {
    host: hostOf(echo),
    headers: { cookie: sent, authorization: 'Bearer mine', 'x-forwarded-for': '6.6.6.6', 'x-cmbcluster-secret': 'x' },
  });
  expect(answer.status).toBe(200);
  const reached = JSON.parse(answer.body);
  expect(reached.cookie).toBe('theme=dark; lang=en');
  expect(reached.authorization).toBeUndefined();
  expect(reached['x-forwarded-for']).not.toContain('6.6.6.6');
  expect(reached['x-cmbcluster-secret']).not.toBe('x');
  expect(answer.body).not.toContain(ada.cookie.split('=')[1]);
  await ada.api.environments.delete.mutate({ id: echo.id });
});

test('what people upload is inert on the app’s own origin', async ({ page, context, server }) => {
  const { ada, storageId } = scene;
  const active = '<script>document.title = "ran"; fetch("/api/auth/sign-out", { method: "POST" })</script>';
  const keys = ['<script>alert(1)<script>.html', 'page.html', 'image.svg', 'code.js', 'x.xhtml', 'é"; filename=a.exe'];
  for (const key of keys) {
    const body = key === 'image.svg' ? `<svg xmlns="http://www.w3.org/2000/svg">${active}</svg>` : active;
    const stored = await send(server, filePath(storageId, key), {
      method: 'PUT',
      headers: { cookie: ada.cookie, origin: server.url, 'content-type': 'text/html' },
      body,
    });
    expect(stored.status).toBe(200);
    const { headers } = await send(server, filePath(storageId, key), { headers: { cookie: ada.cookie } });
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="[^"\\%]*"(; filename\*=UTF-8''[\w%.~!-]*)?$/,
    );
    const preview = await send(server, `${filePath(storageId, key)}&preview`, { headers: { cookie: ada.cookie } });
    expect(preview.headers['content-type']).toBe('text/plain; charset=utf-8');
    for (const served of [headers, preview.headers]) {
      expect(served['x-content-type-options']).toBe('nosniff');
      expect(served['content-security-policy']).toMatch(/sandbox/);
      expect(served['content-security-policy']).toMatch(/default-src 'none'/);
    }
  }
  await ada.enter(context);
  await page.goto(`${filePath(storageId, 'page.html')}&preview`);
  await expect(page.locator('body')).toContainText('document.title = "ran"');
  expect(await page.title()).not.toBe('ran');
  expect((await ada.api.profile.me.query()).email).toBeTruthy();
});
