import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { ApplicationId, EnvironmentId, StorageId } from '../../domain/ids.ts';

const size = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };

describe('environments', () => {
  let bed: TestBed;
  let application: ApplicationId;
  beforeEach(async () => {
    bed = await openTestBed();
    const found = bed.container.deps.applications.findBySlug('terminal');
    if (!found) throw new Error('the catalog has no terminal');
    application = found.id;
  });
  afterEach(() => bed.close());

  const order = (clientKey: string, more: object = {}) => ({
    clientKey,
    applicationId: application,
    name: 'Lab',
    size,
    storage: { kind: 'automatic' as const },
    ...more,
  });
  const phase = (id: EnvironmentId) => bed.container.deps.environments.find(id)?.phase;

  it('goes from launch to running with its storage made first', async () => {
    const { api } = await bed.signIn('ada');
    const launched = await api.environments.launch(order('key-00001'));
    expect(launched.phase).toBe('pending');
    await eventually(() => phase(launched.id) === 'running');
    const seen = await api.environments.get({ id: launched.id });
    expect(seen.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['accepted', 'storage', 'ready']));
    expect(seen.storage?.displayName).toBe('My files');
    expect((await api.storages.list())[0]?.status).toBe('active');
  });

  it('answers the same environment for the same client key', async () => {
    const { api } = await bed.signIn('ada');
    const [a, b] = await Promise.all([
      api.environments.launch(order('key-00001')),
      api.environments.launch(order('key-00001')),
    ]);
    expect(a.id).toBe(b.id);
    expect((await api.environments.list({})).environments).toHaveLength(1);
  });

  it('lets no more through than the tier allows, under 50 parallel launches', async () => {
    await bed.signIn('owner');
    const { api } = await bed.signIn('ben');
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => api.environments.launch(order(`key-${i}-000`))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = results.find((result): result is PromiseRejectedResult => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      message: 'You are using 1 of 1 environments. Stop one, then launch again.',
    });
  });

  it('frees the place of a deleted environment at once', async () => {
    await bed.signIn('owner');
    const { api } = await bed.signIn('ben');
    const { id } = await api.environments.launch(order('key-00001'));
    await eventually(() => phase(id) === 'running');
    await api.environments.delete({ id });
    await expect(api.environments.launch(order('key-00002'))).resolves.toMatchObject({ phase: 'pending' });
  });

  it('holds the sum of CPU and memory to the tier', async () => {
    await bed.signIn('owner');
    const { api } = await bed.signIn('ben');
    await expect(
      api.environments.launch(order('key-00001', { size: { cpuMillicores: 2001, memoryMiB: 512, gpus: 0 } })),
    ).rejects.toThrow('CPU limit');
    await expect(
      api.environments.launch(order('key-00002', { size: { cpuMillicores: 500, memoryMiB: 512, gpus: 1 } })),
    ).rejects.toThrow('GPUs');
  });

  it('stops, starts again and restarts, keeping what it was launched with', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(order('key-00001', { env: [{ name: 'TOKEN', value: 's3cret' }] }));
    await eventually(() => phase(id) === 'running');
    await api.environments.stop({ id });
    await eventually(() => phase(id) === 'stopped');
    await api.environments.start({ id });
    await eventually(() => phase(id) === 'running');
    await api.environments.restart({ id });
    const again = await eventually(async () => {
      const env = await api.environments.get({ id });
      return env.phase === 'running' && env.generation === 3 ? env : null;
    });
    expect(again.envNames).toEqual(['TOKEN']);
    expect(JSON.stringify(again)).not.toContain('s3cret');
  });

  it('keeps values of variables out of the database file and the audit log', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(
      order('key-00001', { env: [{ name: 'TOKEN', value: 'canary-value-77' }] }),
    );
    const row = bed.container.deps.environments.find(id);
    expect(row?.sealedEnv).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain('canary-value-77');
    expect(JSON.stringify(await api.environments.history({ id }))).not.toContain('canary-value-77');
  });

  it.each([
    ['MY VAR/../', 'not a valid variable name'],
    ['CMBCLUSTER_SECRET', 'set by the platform'],
    ['LD_PRELOAD', 'set by the platform'],
  ])('refuses the variable %s', async (name, why) => {
    const { api } = await bed.signIn('ada');
    await expect(api.environments.launch(order('key-00001', { env: [{ name, value: 'x' }] }))).rejects.toThrow(why);
  });

  it('cancels a launch that is under way', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(order('key-00001'));
    await api.environments.stop({ id });
    await eventually(() => phase(id) === 'stopped');
    expect((await api.environments.get({ id })).desired).toBe('stopped');
  });

  it('converges under stop and start in any order', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(order('key-00001'));
    for (let i = 0; i < 10; i += 1) {
      await api.environments.stop({ id });
      await api.environments.start({ id });
    }
    await eventually(() => phase(id) === 'running');
    const { generation } = await api.environments.get({ id });
    const known = await bed.container.deps.spawnerOf('memory').list();
    expect(known.filter((snapshot) => snapshot.id === id)).toHaveLength(1);
    expect(known[0]?.observed).toMatchObject({ state: 'running', generation });
  });

  it('deletes environment and process, and keeps the storage', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(order('key-00001'));
    await eventually(() => phase(id) === 'running');
    await api.environments.delete({ id });
    await expect(api.environments.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await eventually(() => !bed.container.deps.environments.find(id));
    expect(await bed.container.deps.spawnerOf('memory').list()).toEqual([]);
    expect(await api.storages.list()).toHaveLength(1);
  });

  it('refuses to delete a storage in use, and to delete one without its name', async () => {
    const { api } = await bed.signIn('ada');
    const { id } = await api.environments.launch(order('key-00001'));
    const storage = (await eventually(async () => (await api.storages.list()).find((row) => row.status === 'active')))
      .id;
    await expect(api.storages.delete({ id: storage, confirm: 'My files' })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    await api.environments.delete({ id });
    await expect(api.storages.delete({ id: storage, confirm: 'my file' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await eventually(() => !bed.container.deps.environments.find(id));
    await api.storages.delete({ id: storage, confirm: 'My files' });
    await eventually(async () => (await api.storages.list()).length === 0);
  });

  it('stops at the uptime limit', async () => {
    await bed.close();
    let shift = 0;
    bed = await openTestBed({ now: () => Date.now() + shift });
    const catalog = bed.container.deps.applications.findBySlug('terminal');
    if (catalog) application = catalog.id;
    await bed.signIn('owner');
    const { api } = await bed.signIn('ben');
    const { id } = await api.environments.launch(order('key-00001'));
    await eventually(() => phase(id) === 'running');
    expect((await api.environments.get({ id })).deadlineAt).toBeGreaterThan(Date.now() + 7.9 * 3_600_000);
    shift = 8.1 * 3_600_000;
    await eventually(() => phase(id) === 'stopped');
  });

  it('refuses everything of another person alike, as if it did not exist', async () => {
    const ada = await bed.signIn('ada');
    const eve = await bed.signIn('eve');
    const { id } = await ada.api.environments.launch(order('key-00001'));
    const storage = (await ada.api.storages.list())[0]?.id as StorageId;
    const calls: (() => Promise<unknown>)[] = [
      () => eve.api.environments.get({ id }),
      () => eve.api.environments.stop({ id }),
      () => eve.api.environments.start({ id }),
      () => eve.api.environments.restart({ id }),
      () => eve.api.environments.extend({ id }),
      () => eve.api.environments.delete({ id }),
      () => eve.api.environments.rename({ id, name: 'Mine' }),
      () => eve.api.environments.logs({ id, from: 0 }),
      () => eve.api.environments.history({ id }),
      () => eve.api.environments.launch(order('key-00009', { storage: { kind: 'existing', id: storage } })),
      () => eve.api.storages.rename({ id: storage, displayName: 'Mine' }),
      () => eve.api.storages.delete({ id: storage, confirm: 'My files' }),
      () => eve.api.files.list({ id: storage }),
      () => eve.api.files.createFolder({ id: storage, path: 'x' }),
      () => eve.api.files.move({ id: storage, items: [{ from: 'a', to: 'b' }] }),
      () => eve.api.files.delete({ id: storage, keys: ['a'] }),
      () => eve.api.profile.revokeSession({ id: ada.sessionId }),
    ];
    for (const call of calls) await expect(call(), String(call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await eve.api.environments.list({})).environments).toEqual([]);
    expect((await ada.api.environments.get({ id })).name).toBe('Lab');
  });

  it('keeps a bounded number of stopped ones, and says which to delete', async () => {
    const { actor, api } = await bed.signIn('ada');
    const { deps } = bed.container;
    const { id } = await api.environments.launch(order('key-00001'));
    const first = deps.environments.find(id);
    if (!first) throw new Error('no row');
    deps.db.write(() => {
      for (let i = 0; i < 50; i += 1) {
        deps.environments.insert({
          ...first,
          id: `env-0000000000000000${String(i).padStart(4, '0')}` as EnvironmentId,
          name: `Old ${i}`,
          slug: `s-${i}`,
          clientKey: `copy-${i}-00`,
          phase: i % 2 ? 'stopped' : 'failed',
          desired: 'stopped',
          phaseAt: 1_000 - i,
          ownerId: actor.userId,
        });
      }
    });
    await api.environments.stop({ id });
    await eventually(() => phase(id) === 'stopped');
    await expect(api.environments.launch(order('key-00002'))).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      message: expect.stringContaining('"Old 49"'),
    });
    await api.environments.delete({ id: 'env-00000000000000000000' as EnvironmentId });
    await api.environments.delete({ id });
    expect((await api.environments.launch(order('key-00003'))).phase).toBe('pending');
  });

  it('answers no deleted environment for its client key', async () => {
    const { api } = await bed.signIn('ada');
    const { deps } = bed.container;
    const { id } = await api.environments.launch(order('key-00001'));
    deps.db.write(() => deps.environments.update(id, { desired: 'deleted' }));
    await expect(api.environments.launch(order('key-00001'))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('pages newest first without gaps or doubles', async () => {
    const { actor, api } = await bed.signIn('ada');
    const { deps } = bed.container;
    const { id } = await api.environments.launch(order('key-00001'));
    const first = deps.environments.find(id);
    if (!first) throw new Error('no row');
    deps.db.write(() => {
      for (let i = 0; i < 25; i += 1) {
        const suffix = String(i).padStart(2, '0');
        deps.environments.insert({
          ...first,
          id: `env-000000000000000000${suffix}` as EnvironmentId,
          slug: `s-${i}`,
          clientKey: `copy-${i}-00`,
          phase: 'stopped',
          desired: 'stopped',
          createdAt: 1_000 + (i % 5),
          ownerId: actor.userId,
        });
      }
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await api.environments.list({ limit: 7, cursor });
      seen.push(...page.environments.map((env) => env.id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(26);
    expect(new Set(seen).size).toBe(26);
  });
});
