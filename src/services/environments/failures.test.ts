/** Applications and storages that fail in every way: the phase, the human reason, the audit rows, and that trying again helps. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import type { ApplicationId, EnvironmentId } from '../../domain/ids.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { createReconciler } from '../reconciler.ts';

const size = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };

describe('environments that fail', () => {
  let bed: TestBed;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let application: ApplicationId;
  let orders = 0;
  beforeEach(async () => {
    bed = await openTestBed();
    person = await bed.signIn('ada');
    const found = bed.container.deps.applications.findBySlug('terminal');
    if (!found) throw new Error('the catalog has no terminal');
    application = found.id;
  });
  afterEach(() => bed.close());

  /** From now on the application behaves so (the words of ports/spawner/memory). */
  function behave(argv: string[], readyTimeoutMs = 60): void {
    const { deps } = bed.container;
    const local = { argv, listen: 'socket' as const, readyPath: null, secretHeader: null, install: 'npm i it' };
    deps.db.write(() => deps.applications.update(application, { local, readyTimeoutMs }));
  }
  function launch(more: object = {}) {
    orders += 1;
    return person.api.environments.launch({
      clientKey: `key-${orders}-0000`,
      applicationId: application,
      name: 'Lab',
      size,
      storage: { kind: 'automatic' },
      ...more,
    });
  }
  const row = (id: EnvironmentId) => bed.container.deps.environments.find(id);
  const reach = (id: EnvironmentId, phase: string) => eventually(() => row(id)?.phase === phase);
  const story = async (id: EnvironmentId) =>
    (await person.api.environments.history({ id })).entries
      .map(({ action, result }) => `${action} ${result}`)
      .reverse();

  it.each([
    [['exits-at-once', '3'], { reason: 'exited_early', exitCode: 3, step: 'started', retryHelps: false }],
    [['never-listens'], { reason: 'not_ready_in_time', step: 'ready' }],
  ])('%j ends as it should, told and on record', async (argv, failure) => {
    behave(argv);
    const { id } = await launch();
    await reach(id, 'failed');
    const seen = await person.api.environments.get({ id });
    expect(seen.failure).toMatchObject({ ...failure, message: expect.stringMatching(/\w+/) });
    expect(seen.desired).toBe('running');
    expect(await story(id)).toEqual(['environment.launch done', 'environment.failed failed']);
    const { entries } = await person.api.environments.history({ id });
    expect(entries[0]?.details).toMatchObject({ reason: failure.reason });
    expect(entries[0]?.actorName).toBe('CMBCluster');
    // A failed one uses nothing of the quota.
    expect((await person.api.profile.limits()).usage.environments).toBe(0);

    behave(['serve']);
    await person.api.environments.start({ id });
    await reach(id, 'running');
    expect(await person.api.environments.get({ id })).toMatchObject({ failure: null, generation: 2 });
    expect(await story(id)).toEqual([
      'environment.launch done',
      'environment.failed failed',
      'environment.start done',
      'environment.ready done',
    ]);
  });

  it.each([
    [['crashes', '7', '20'], { reason: 'crashed', exitCode: 7, retryHelps: true }],
    [['killed', '20'], { reason: 'killed_by_signal', signal: 'SIGKILL' }],
  ])('%j was ready once, then failed', async (argv, failure) => {
    behave(argv);
    const { id } = await launch();
    await reach(id, 'failed');
    expect((await person.api.environments.get({ id })).failure).toMatchObject(failure);
    expect(await story(id)).toEqual(['environment.launch done', 'environment.ready done', 'environment.failed failed']);
    await person.api.environments.delete({ id });
    await eventually(() => !row(id));
    expect(await bed.container.deps.spawnerOf('memory').list()).toEqual([]);
  });

  it('that are not installed are refused at the launch, with the line that installs them', async () => {
    behave(['not-installed']);
    await expect(launch()).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      message: expect.stringContaining('npm i it'),
    });
    expect((await person.api.environments.list({})).environments).toEqual([]);
  });

  it.each([null, '', '  ', 'echo a\0b'])('with the command %j are refused at the launch', async (command) => {
    const { deps } = bed.container;
    deps.db.write(() => deps.applications.update(application, { asksCommand: true }));
    await expect(launch({ command })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(deps.environments.usage(person.userId).environments).toBe(0);
  });

  it('whose start is refused fail with the reason, and are not started again and again', async () => {
    behave(['serve']);
    const spawner = bed.container.deps.spawnerOf('memory');
    let starts = 0;
    spawner.start = async () => {
      starts += 1;
      throw new AppError('invalid_argument', 'This command cannot be run here.');
    };
    const { id } = await launch();
    await reach(id, 'failed');
    expect(row(id)?.failure).toMatchObject({ reason: 'start_failed', message: 'This command cannot be run here.' });
    bed.container.reconciler.wake({ environmentId: id });
    await new Promise(setImmediate);
    expect(starts).toBe(1);
  });

  it('whose start fails for the moment are tried again until it works', async () => {
    behave(['serve']);
    const spawner = bed.container.deps.spawnerOf('memory');
    const { start } = spawner;
    let starts = 0;
    spawner.start = async (spec) => {
      starts += 1;
      if (starts < 3) throw new AppError('unavailable', 'Busy.');
      return start(spec);
    };
    const { id } = await launch();
    await reach(id, 'running');
    expect([starts, row(id)?.generation]).toEqual([3, 1]);
  });

  it('disappear are told so, and start again', async () => {
    const { id } = await launch();
    await reach(id, 'running');
    await bed.container.deps.spawnerOf('memory').remove(id, { keepHome: true });
    await reach(id, 'failed');
    expect(row(id)?.failure).toMatchObject({ reason: 'lost', retryHelps: true });
    await person.api.environments.start({ id });
    await reach(id, 'running');
  });

  it('can be restarted while they start: only the newest generation lives', async () => {
    behave(['never-listens'], 10_000);
    const { id } = await launch();
    await reach(id, 'starting');
    behave(['serve']);
    await person.api.environments.restart({ id });
    await reach(id, 'running');
    const list = await bed.container.deps.spawnerOf('memory').list();
    expect(list.map(({ observed }) => observed)).toEqual([
      expect.objectContaining({ state: 'running', generation: 2 }),
    ]);
  });

  it('can be deleted while they start, with nothing left', async () => {
    behave(['never-listens'], 10_000);
    const { id } = await launch();
    await reach(id, 'starting');
    await person.api.environments.delete({ id });
    await eventually(() => !row(id));
    expect(await bed.container.deps.spawnerOf('memory').list()).toEqual([]);
  });

  it('ignore the request to end are still ended, and their storage waits for them', async () => {
    behave(['ignores-term']);
    const { id, storage } = await launch({ storage: { kind: 'new', displayName: 'Second' } });
    await reach(id, 'running');
    const spawner = bed.container.deps.spawnerOf('memory');
    const { remove } = spawner;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    spawner.remove = async (target, options) => {
      await held;
      return remove(target, options);
    };
    await person.api.environments.delete({ id });
    // It is still ending in its folder: the folder must not go first.
    await person.api.storages.delete({ id: storage?.id as never, confirm: 'Second' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const bucket = bed.container.deps.storages.find(storage?.id as never)?.bucket ?? '';
    expect(await buckets()).toContain(bucket);
    letGo();
    await eventually(() => !row(id));
    await eventually(() => !bed.container.deps.storages.find(storage?.id as never), 3_000);
    expect(await buckets()).not.toContain(bucket);
  });
  const buckets = async () => (await bed.container.deps.storageOf('memory').listBuckets()).map(({ name }) => name);

  it('fail with the reason of a storage that cannot be made', async () => {
    const provider: StorageProvider = bed.container.deps.storageOf('memory');
    provider.createBucket = async () => {
      throw new AppError('permission_denied', 'The account may not make buckets.');
    };
    const { id } = await launch({ storage: { kind: 'new', displayName: 'Second' } });
    await reach(id, 'failed');
    expect(row(id)?.failure).toMatchObject({
      reason: 'storage_unavailable',
      message: 'The account may not make buckets.',
      step: 'storage',
    });
    expect(await story(id)).toEqual(['environment.launch done', 'environment.failed failed']);
    const second = (await person.api.storages.list()).find(({ displayName }) => displayName === 'Second');
    expect(second).toMatchObject({ status: 'failed', failure: 'The account may not make buckets.' });
    await expect(person.api.files.list({ id: second?.id as never })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
  });

  it('wait for a storage that is only late', async () => {
    const provider: StorageProvider = bed.container.deps.storageOf('memory');
    const { createBucket } = provider;
    let calls = 0;
    provider.createBucket = async (...args) => {
      calls += 1;
      if (calls < 3) throw new AppError('unavailable', 'Busy.');
      return createBucket(...args);
    };
    const { id } = await launch({ storage: { kind: 'new', displayName: 'Second' } });
    expect(row(id)?.phase).toBe('pending');
    await reach(id, 'running');
  });

  it('ask for no more storages than a person may have, launched or made', async () => {
    for (let i = 0; i < 19; i += 1) await person.api.storages.create({ displayName: `S ${i}` });
    await expect(person.api.storages.create({ displayName: 'one more' })).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    });
    await expect(launch({ storage: { kind: 'new', displayName: 'one more' } })).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    });
    expect(await person.api.storages.list()).toHaveLength(20);
  });

  it('are not launched, stopped or told of when the audit row cannot be written', async () => {
    const { deps } = bed.container;
    const { id } = await launch();
    await reach(id, 'running');
    const heard: unknown[] = [];
    deps.feed.subscribe(person.userId, (signal) => heard.push(signal));
    deps.db.drizzle.run("create trigger no_audit before insert on audit begin select raise(abort, 'no'); end");
    const before = deps.environments.find(id);
    const storage = (await person.api.storages.list())[0];
    const calls: (() => Promise<unknown>)[] = [
      () => launch(),
      () => person.api.environments.stop({ id }),
      () => person.api.environments.restart({ id }),
      () => person.api.environments.rename({ id, name: 'Other' }),
      () => person.api.environments.delete({ id }),
      () => person.api.storages.create({ displayName: 'Other' }),
      () => person.api.storages.rename({ id: storage?.id as never, displayName: 'Other' }),
      () => person.api.profile.update({ name: 'Other' }),
      () => person.api.profile.signOutEverywhere(),
      () => bed.signIn('ben'),
    ];
    for (const call of calls) await expect(call(), String(call)).rejects.toThrow();
    deps.db.drizzle.run('drop trigger no_audit');
    expect(deps.environments.find(id)).toEqual(before);
    expect((await person.api.environments.list({})).environments).toHaveLength(1);
    expect(await person.api.storages.list()).toEqual([storage]);
    expect([(await person.api.profile.me()).name, deps.people.countUsers(), heard]).toEqual(['ada', 1, []]);
  });

  it('are found by the next start of the server, settled or not', async () => {
    const { id } = await launch();
    await reach(id, 'running');
    await bed.container.reconciler.close();
    const { deps } = bed.container;
    // A stop whose order was lost: the record is at rest, the process lives.
    deps.db.write(() => deps.environments.update(id, { desired: 'stopped', phase: 'stopped' }));
    const next = createReconciler(deps);
    await next.start(bed.container.spawners);
    await eventually(async () => (await deps.spawnerOf('memory').poll(id)).observed.state === 'exited');
    expect(row(id)?.phase).toBe('stopped');
    await next.close();
  });

  it('are asked about again when the machine did not answer once', async () => {
    await bed.close();
    bed = await openTestBed();
    person = await bed.signIn('ada');
    application = bed.container.deps.applications.findBySlug('terminal')?.id as ApplicationId;
    const spawner = bed.container.deps.spawnerOf('memory');
    const { capacity } = spawner;
    spawner.capacity = async () => {
      throw new AppError('unavailable', 'Busy.');
    };
    await expect(launch()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    spawner.capacity = capacity;
    await reach((await launch()).id, 'running');
  });

  it('keep the server alive when the disk is full at a tick of its clocks', async () => {
    const { deps } = bed.container;
    const { id } = await launch();
    await reach(id, 'running');
    deps.db.write(() => deps.environments.update(id, { deadlineAt: deps.now() - 1 }));
    deps.db.drizzle.run("create trigger full before update on environments begin select raise(abort, 'full'); end");
    bed.container.activity.report({
      environmentId: id,
      openSockets: 1,
      bytesIn: 0,
      bytesOut: 0,
      lastUseAt: Date.now(),
    });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(row(id)?.phase).toBe('running');
    deps.db.drizzle.run('drop trigger full');
    await reach(id, 'stopped');
  });
});
