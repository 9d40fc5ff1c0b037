/**
 * Every mutation that the API offers leaves an entry in the trail. The table below names each one with an example that succeeds;
 * a new mutation fails here until it has an example, or a reason why nobody needs to know of it.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { type EnvironmentId, newUserId, type StorageId, type UserId } from '../../domain/ids.ts';
import { healthyLog } from '../../domain/test-database-log.ts';
import { putUploadPart } from '../../services/files/uploads.ts';
import { appRouter } from '../root.ts';

type Person = Awaited<ReturnType<TestBed['signIn']>>;

const SIZE = { cpuMillicores: 100, memoryMiB: 128, gpus: 0 };
const reason = 'the test says so';

/** Mutations that leave no entry of their own, and why. */
const SILENT: Readonly<Record<string, string>> = {
  'uploads.start': 'nothing is in the storage yet; the entry is that of uploads.complete',
  'uploads.signParts': 'as uploads.start',
  'uploads.abort': 'nothing was in the storage, and nothing is',
};

describe('the trail tells of everything that changes', () => {
  let bed: TestBed;
  let admin: Person;
  let bob: Person;
  let mine: StorageId;
  beforeAll(async () => {
    bed = await openTestBed();
    admin = await bed.signIn('ada');
    bob = await bed.signIn('bob');
    const { identityProviders } = bed.container.deps;
    // People of this bed sign in at an issuer as well, so that they can be invited; nobody asks it here.
    const [provider] = identityProviders;
    if (!provider) throw new Error('the bed has no way to sign in');
    bed.container.deps.identityProviders = [...identityProviders, { ...provider, kind: 'oidc' }];
    mine = await eventually(async () => {
      const [storage] = await admin.api.storages.list();
      return storage?.status === 'active' ? storage.id : null;
    });
  });
  afterAll(() => bed.close());

  const deps = () => bed.container.deps;
  const entries = () => deps().audit.page({ actorId: admin.userId }, { before: null, limit: 200 }).rows;
  const applicationId = () => deps().applications.findBySlug('terminal')?.id as never;

  async function environment(): Promise<EnvironmentId> {
    const { id } = await admin.api.environments.launch({
      clientKey: crypto.randomUUID(),
      applicationId: applicationId(),
      name: 'Lab',
      size: SIZE,
      storage: { kind: 'existing', id: mine },
    });
    await eventually(() => deps().environments.find(id)?.phase === 'running');
    return id;
  }
  async function stopped(): Promise<EnvironmentId> {
    const id = await environment();
    await admin.api.environments.stop({ id });
    await eventually(() => deps().environments.find(id)?.phase === 'stopped');
    return id;
  }
  async function storage(): Promise<StorageId> {
    const { id } = await admin.api.storages.create({ displayName: `S ${crypto.randomUUID().slice(0, 8)}` });
    await eventually(() => deps().storages.find(id)?.status === 'active');
    return id;
  }
  const bucket = () => {
    const row = deps().storages.find(mine);
    if (!row) throw new Error('the storage is gone');
    return deps().storageOf(row.provider).bucket(row.bucket);
  };
  async function file(): Promise<string> {
    const key = `f-${crypto.randomUUID()}`;
    await bucket().put(key, Buffer.from('x'));
    return key;
  }
  const secretFile = (path: string) => admin.api.secrets.files.set({ path, content: 'eA==' });
  const invite = () => admin.api.admin.invitations.create({ role: 'user', tier: 'free', days: 1 });
  /** Somebody who signed in and waits to be let in. */
  function waiting(): UserId {
    const id = newUserId();
    const account = { role: 'user', tier: 'free', active: false, createdAt: Date.now(), name: 'Eve' } as const;
    deps().db.write(() => {
      deps().people.insertUser({ id, email: `${id}@example.org`, ...account });
      deps().people.updateUser(id, { awaitsApprovalSince: Date.now() });
    });
    return id;
  }
  const bobs = { get: () => ({ id: bob.userId, reason }) };
  const users = () => admin.api.admin.users;

  /** Prepares, and returns the call that has to leave an entry. */
  const EXAMPLES: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
    'environments.launch': async () => environment,
    'environments.stop': async () => {
      const id = await environment();
      return () => admin.api.environments.stop({ id });
    },
    'environments.start': async () => {
      const id = await stopped();
      return () => admin.api.environments.start({ id });
    },
    'environments.restart': async () => {
      const id = await environment();
      return () => admin.api.environments.restart({ id });
    },
    'environments.extend': async () => {
      const id = await environment();
      deps().db.write(() => deps().environments.update(id, { deadlineAt: Date.now() + 60_000 }));
      await users().setLimits({
        ...{ id: admin.userId, tier: 'free', reason, confirmSelf: true },
        overrides: { uptimeMs: 3_600_000, environments: 50, cpuMillicores: 64_000, memoryMiB: 65_536 },
      });
      return () => admin.api.environments.extend({ id });
    },
    'environments.rename': async () => {
      const id = await stopped();
      return () => admin.api.environments.rename({ id, name: 'Renamed' });
    },
    'environments.delete': async () => {
      const id = await stopped();
      return () => admin.api.environments.delete({ id });
    },
    'storages.create': async () => storage,
    'storages.rename': async () => () => admin.api.storages.rename({ id: mine, displayName: 'Renamed' }),
    'storages.delete': async () => {
      const id = await storage();
      const confirm = deps().storages.find(id)?.displayName ?? '';
      return () => admin.api.storages.delete({ id, confirm });
    },
    'storages.cancelDelete': async () => {
      const id = await storage();
      // Nobody wakes the reconciler, so that the files stay until they are asked for again.
      deps().db.write(() => deps().storages.update(id, { status: 'deleting', steps: [] }));
      return () => admin.api.storages.cancelDelete({ id });
    },
    'storages.retry': async () => {
      const id = await storage();
      deps().db.write(() => deps().storages.update(id, { status: 'failed', failure: 'broken' }));
      return () => admin.api.storages.retry({ id });
    },
    'storages.repair': async () => {
      const id = await storage();
      return () => admin.api.storages.repair({ id });
    },
    'files.createFolder': async () => () => admin.api.files.createFolder({ id: mine, path: 'folder' }),
    'files.move': async () => {
      const key = await file();
      return () => admin.api.files.move({ id: mine, items: [{ from: key, to: `${key}-moved` }] });
    },
    'files.copy': async () => {
      const key = await file();
      return () => admin.api.files.copy({ id: mine, items: [{ from: key, to: `${key}-copy` }] });
    },
    'files.delete': async () => {
      const key = await file();
      return () => admin.api.files.delete({ id: mine, keys: [key] });
    },
    'files.restore': async () => {
      const key = await file();
      await admin.api.files.delete({ id: mine, keys: [key] });
      return () => admin.api.files.restore({ id: mine, items: [{ key, versionId: null }] });
    },
    'files.undo': async () => {
      const key = await file();
      const { id: jobId } = await admin.api.files.move({ id: mine, items: [{ from: key, to: `${key}-moved` }] });
      return () => admin.api.files.undo({ id: mine, jobId });
    },
    'files.cancel': async () => {
      const key = await file();
      const { id: jobId } = await admin.api.files.copy({ id: mine, items: [{ from: key, to: `${key}-copy` }] });
      deps().db.write(() => deps().fileWork.updateJob(jobId, { status: 'running', finishedAt: null }));
      return () => admin.api.files.cancel({ id: mine, jobId });
    },
    'files.purge': async () => {
      const key = await file();
      await bucket().put(key, Buffer.from('y'));
      const { versions } = await admin.api.files.versions({ id: mine, key });
      const old = versions.at(-1)?.versionId ?? '';
      return () => admin.api.files.purge({ id: mine, key, versionId: old, confirm: key });
    },
    'uploads.complete': async () => {
      const key = `up-${crypto.randomUUID()}`;
      const { uploadId } = await admin.api.uploads.start({ id: mine, key, sizeBytes: 1, replace: false });
      const part = { id: mine, uploadId, number: 1, sizeBytes: 1, signal: new AbortController().signal };
      await putUploadPart(deps(), admin.actor, { ...part, body: Readable.from([Buffer.from('x')]) });
      return () => admin.api.uploads.complete({ id: mine, uploadId });
    },
    'profile.update': async () => () => admin.api.profile.update({ name: 'Ada L.' }),
    'profile.revokeSession': async () => {
      const other = await bed.signIn('ada');
      return () => admin.api.profile.revokeSession({ id: other.sessionId });
    },
    'profile.signOutEverywhere': async () => () => admin.api.profile.signOutEverywhere(),
    'admin.users.setRole': async () => () => users().setRole({ ...bobs.get(), role: 'researcher' }),
    'admin.users.setActive': async () => () => users().setActive({ ...bobs.get(), active: false }),
    'admin.users.setLimits': async () => () =>
      users().setLimits({ ...bobs.get(), tier: 'free', overrides: { gpus: 1 } }),
    'admin.users.setNotes': async () => () => users().setNotes({ id: bob.userId, notes: 'new' }),
    'admin.users.endSessions': async () => {
      await users().setActive({ ...bobs.get(), active: true });
      await bed.signIn('bob');
      return () => users().endSessions({ id: bob.userId });
    },
    'admin.tiers.set': async () => () => admin.api.admin.tiers.set({ tier: 'premium', limits: { gpus: 2 }, reason }),
    'admin.tiers.reset': async () => {
      await admin.api.admin.tiers.set({ tier: 'basic', limits: { gpus: 2 }, reason });
      return () => admin.api.admin.tiers.reset({ tier: 'basic', reason });
    },
    'admin.tiers.setNewcomers': async () => () => admin.api.admin.tiers.setNewcomers({ tier: 'premium', reason }),
    'admin.database.snapshot': async () => {
      Object.assign(deps(), { databaseLog: healthyLog, snapshotDatabase: async () => {} });
      return () => admin.api.admin.database.snapshot();
    },
    'admin.users.approve': async () => {
      const id = waiting();
      return () => users().approve({ id, role: 'user', tier: 'free' });
    },
    'admin.users.refuse': async () => {
      const id = waiting();
      return () => users().refuse({ id });
    },
    'admin.invitations.create': async () => invite,
    'admin.invitations.revoke': async () => {
      const { id } = await invite();
      return () => admin.api.admin.invitations.revoke({ id });
    },
    'identities.remove': async () => {
      const spare = {
        issuer: 'memory',
        subject: 'spare',
        email: 'spare@example.org',
        emailVerified: true,
        name: 'Ada',
      };
      deps().db.write(() => deps().people.insertIdentity(spare, admin.userId, Date.now()));
      // Only who signed in lately may change how they sign in.
      admin = await bed.signIn('ada');
      return () => admin.api.identities.remove({ issuer: 'memory', subject: 'spare' });
    },
    'secrets.variables.set': async () => () =>
      admin.api.secrets.variables.set({ variables: [{ name: 'A', value: '1' }] }),
    'secrets.variables.delete': async () => () => admin.api.secrets.variables.delete({ name: 'A' }),
    'secrets.files.set': async () => () => secretFile('one'),
    'secrets.files.rename': async () => {
      const { id } = await secretFile('two');
      return () => admin.api.secrets.files.rename({ id, path: 'three' });
    },
    'secrets.files.delete': async () => {
      const { id } = await secretFile('four');
      return () => admin.api.secrets.files.delete({ id });
    },
  };

  const mutations = Object.entries(appRouter._def.procedures)
    .filter(([, procedure]) => (procedure as unknown as { _def: { type: string } })._def.type === 'mutation')
    .map(([path]) => path);

  it('knows every mutation, and no other', () => {
    expect(mutations.length).toBeGreaterThan(25);
    expect([...Object.keys(EXAMPLES), ...Object.keys(SILENT)].sort()).toEqual([...mutations].sort());
  });

  it.each(Object.keys(EXAMPLES))('%s', async (path) => {
    const act = await EXAMPLES[path]?.();
    if (!act) throw new Error('no example');
    const before = entries()[0]?.id ?? 0;
    await act();
    const [entry] = entries().filter(({ id }) => id > before);
    expect(entry, 'an entry').toMatchObject({ actorId: admin.userId, result: 'done', correlationId: 'test' });
  });

  it('writes the entry in the transaction of what it tells of: one commit', async () => {
    const id = await stopped();
    const before = commitsIn(`${bed.dataDir}/db/control.sqlite-wal`);
    await admin.api.environments.rename({ id, name: 'Counted' });
    expect(commitsIn(`${bed.dataDir}/db/control.sqlite-wal`) - before).toBe(1);
    expect(entries()[0]).toMatchObject({ action: 'environment.rename', targetName: 'Counted' });
  });

  it('tells of refusals once a minute, to the owner and not to who asked', async () => {
    const eve = await bed.signIn('eve');
    const id = await stopped();
    for (let i = 0; i < 3; i += 1) {
      await expect(eve.api.environments.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(eve.api.files.list({ id: mine })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(eve.api.environments.get({ id: 'env-00000000000000000000' })).rejects.toThrow();
    }
    const noted = deps().audit.page({ actorId: eve.userId, result: 'denied' }, { before: null, limit: 10 }).rows;
    expect(noted).toMatchObject([
      { action: 'storage.access', targetId: mine, ownerId: admin.userId, details: { call: 'files.list' } },
      { action: 'environment.access', targetId: id, ownerId: admin.userId, details: { call: 'environments.get' } },
    ]);
    expect(JSON.stringify(await eve.api.activity.list({}))).not.toContain(id);
    const { entries: mineToo } = await admin.api.activity.list({ result: 'denied' });
    expect(mineToo.map(({ target }) => target.id)).toEqual(expect.arrayContaining([id, mine]));
  });

  it('tells of a launch over the limits', async () => {
    const eve = await bed.signIn('eve');
    const huge = { cpuMillicores: 1_000_000, memoryMiB: 128, gpus: 0 };
    const storage = { kind: 'automatic' } as const;
    const launch = { clientKey: 'over-the-limit', applicationId: applicationId(), name: 'Huge', size: huge, storage };
    await expect(eve.api.environments.launch(launch)).rejects.toThrow();
    const [noted] = deps().audit.page(
      { actorId: eve.userId, action: 'environment.launch' },
      { before: null, limit: 1 },
    ).rows;
    expect(noted).toMatchObject({ result: 'denied', targetName: 'Huge' });
  });

  it('counts a download once, however many parts it is read in, and a look as a look', async () => {
    const key = await file();
    const get = async (query: string, range?: string) => {
      const headers = { cookie: admin.cookie, 'sec-fetch-site': 'same-origin', ...(range ? { range } : {}) };
      const address = `http://127.0.0.1:${bed.port}/api/storages/${mine}/objects?key=${key}${query}`;
      const answer = await fetch(address, { headers: { ...headers, host: `localhost:${bed.port}` } });
      await answer.arrayBuffer();
      return answer.status;
    };
    admin = await bed.signIn('ada');
    for (const range of ['bytes=0-0', 'bytes=0-0', 'bytes=-1']) expect(await get('&via=server', range)).toBe(206);
    expect(await get('&preview')).toBe(200);
    expect(await get('&preview')).toBe(200);
    const actions = () => entries().flatMap(({ action, targetName }) => (targetName === key ? [action] : []));
    expect(actions()).toEqual(['object.view', 'object.download']);
    expect(await get('&via=server')).toBe(200);
    expect(actions()).toEqual(['object.download', 'object.view', 'object.download']);
  });

  it('loses nothing and repeats nothing when fifty change things at once', async () => {
    const before = entries()[0]?.id ?? 0;
    const names = Array.from({ length: 50 }, (_, i) => `Parallel ${i}`);
    await Promise.all(names.map((displayName) => admin.api.storages.rename({ id: mine, displayName })));
    const noted = deps()
      .audit.page({ actorId: admin.userId, action: 'storage.rename' }, { before: null, limit: 200 })
      .rows.filter(({ id }) => id > before);
    expect(noted.map(({ targetName }) => targetName).sort()).toEqual([...names].sort());
    expect(new Set(noted.map(({ id }) => id)).size).toBe(50);
  });
});

/** Of a write-ahead log (sqlite.org/fileformat2.html §4.1): a frame that ends a commit tells the size of the database. */
function commitsIn(file: string): number {
  const log = readFileSync(file);
  const frameBytes = 24 + log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes)
    if (log.subarray(at + 8, at + 16).equals(salts) && log.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}
