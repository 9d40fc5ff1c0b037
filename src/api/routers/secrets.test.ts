/** Variables and files over real rows: what is taken, what nobody gets to see, and what an environment is given. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import type { EnvironmentId, SecretFileId } from '../../domain/ids.ts';
import { openForStart } from '../../services/secrets/open-for-start.ts';

const CANARY = 'canary-7f3a-do-not-tell';
const KIB = 1024;
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

describe('variables and files', () => {
  let bed: TestBed;
  let ada: Awaited<ReturnType<TestBed['signIn']>>;
  let bob: typeof ada;
  beforeEach(async () => {
    bed = await openTestBed();
    ada = await bed.signIn('ada');
    bob = await bed.signIn('bob');
  });
  afterEach(() => bed.close());

  const deps = () => bed.container.deps;
  const secrets = () => ada.api.secrets;
  const set = (name: string, value: string) => secrets().variables.set({ variables: [{ name, value }] });
  const put = (path: string, text: string | Buffer = 'x') => secrets().files.set({ path, content: base64(text) });
  const trail = (action: string) => deps().audit.page({ action }, { before: null, limit: 100 }).rows;
  const launch = (env: { name: string; value: string }[] = []) =>
    ada.api.environments.launch({
      clientKey: 'key-00001',
      applicationId: deps().applications.findBySlug('terminal')?.id as never,
      name: 'Lab',
      size: { cpuMillicores: 500, memoryMiB: 512, gpus: 0 },
      storage: { kind: 'automatic' },
      env,
    });
  const running = (id: EnvironmentId) => eventually(() => deps().environments.find(id)?.phase === 'running');

  it('are set, set again and deleted, each time with an entry of the trail that names them alone', async () => {
    await set('TOKEN', CANARY);
    const [first] = await set('TOKEN', `${CANARY}2`);
    expect(first).toMatchObject({ name: 'TOKEN', sizeBytes: CANARY.length + 1 });
    const file = await put('~/.config/key.json', CANARY);
    const again = await put('.config/key.json', `${CANARY}!`);
    expect(again).toMatchObject({ id: file.id, createdAt: file.createdAt, path: '.config/key.json' });
    await secrets().files.rename({ id: file.id, path: '~/moved' });
    expect(await secrets().files.list()).toMatchObject([{ id: file.id, path: 'moved' }]);
    expect(openForStart(deps(), ada.userId)).toEqual({
      variables: { TOKEN: `${CANARY}2` },
      files: [{ path: 'moved', content: Buffer.from(`${CANARY}!`) }],
    });
    for (let i = 0; i < 2; i += 1) {
      await secrets().variables.delete({ name: 'TOKEN' });
      await secrets().files.delete({ id: file.id });
    }
    expect([await secrets().variables.list(), await secrets().files.list()]).toEqual([[], []]);
    const actions = ['variable.set', 'variable.delete', 'secret.set', 'secret.delete'];
    expect(actions.map((action) => trail(action).length)).toEqual([2, 1, 3, 1]);
    expect(trail('secret.set')[0]).toMatchObject({ targetKind: 'secret', targetName: 'moved', ownerId: ada.userId });
    expect(JSON.stringify(actions.map(trail))).not.toContain('canary');
  });

  it('are sealed to their place: a row that was moved to another name or person cannot be opened', async () => {
    await set('A', CANARY);
    await put('a', CANARY);
    const { secrets: rows } = deps();
    const [variable] = rows.sealedVariables(ada.userId);
    const [file] = rows.sealedFiles(ada.userId);
    if (!variable || !file) throw new Error('nothing is kept');
    const facts = { sizeBytes: 1, createdAt: 1, updatedAt: 1 };
    for (const [userId, name] of [
      [bob.userId, 'A'],
      [ada.userId, 'B'],
    ] as const) {
      rows.putVariable({ userId, name, sealed: variable.sealed, ...facts });
      expect(() => openForStart(deps(), userId)).toThrow(`The variable ${name} of your settings cannot be read`);
      rows.deleteVariable(userId, name);
    }
    rows.insertFile({ id: 'sec-x' as SecretFileId, userId: bob.userId, path: 'a', sealed: file.sealed, ...facts });
    expect(() => openForStart(deps(), bob.userId)).toThrow('The file ~/a of your settings cannot be read');
  });

  it('belong to one person', async () => {
    await set('A', 'x');
    const { id } = await put('a');
    const other = bob.api.secrets;
    expect([await other.variables.list(), await other.files.list()]).toEqual([[], []]);
    await other.variables.delete({ name: 'A' });
    await other.files.delete({ id });
    await expect(other.files.rename({ id, path: 'b' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect([await secrets().variables.list(), await secrets().files.list()]).toMatchObject([
      [{ name: 'A' }],
      [{ path: 'a' }],
    ]);
  });

  it.each([
    ['1A', 'x', 'not a valid variable name'],
    ['LD_PRELOAD', 'x', 'LD_PRELOAD is set by the platform'],
    ['A', `${CANARY}\0`, 'NUL'],
    ['A', CANARY + 'x'.repeat(32 * KIB), 'larger than 32 KiB'],
  ])('refuse %s without telling its value (%#)', async (name, value, words) => {
    const refusal = await set(name, value).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(words) });
    expect(String(refusal)).not.toContain('canary');
  });

  it('take a whole .env file or nothing of it', async () => {
    const variables = [
      { name: 'A', value: '1' },
      { name: 'HOME', value: '2' },
    ];
    await expect(secrets().variables.set({ variables })).rejects.toThrow('HOME is set by the platform');
    await expect(
      secrets().variables.set({ variables: [...variables.slice(0, 1), { name: 'A', value: '3' }] }),
    ).rejects.toThrow('A is given twice');
    expect(await secrets().variables.list()).toEqual([]);
  });

  it('have their limits, which a change of what is there already does not break', async () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ name: `V${i}`, value: 'x' }));
    expect(await secrets().variables.set({ variables: many })).toHaveLength(100);
    await expect(set('ONE_MORE', 'x')).rejects.toThrow('You can keep 100 variables');
    await set('V1', 'y');
    for (let i = 0; i < 7; i += 1) await set(`V${i}`, 'x'.repeat(32 * KIB));
    await expect(set('V7', 'x'.repeat(32 * KIB))).rejects.toThrow('together may hold 256 KiB');

    await expect(put('large', Buffer.alloc(512 * KIB + 1))).rejects.toThrow('A file may hold 512 KiB');
    await put('a', Buffer.alloc(512 * KIB));
    await put('b', Buffer.alloc(512 * KIB));
    await expect(put('c', 'x')).rejects.toThrow('together may hold 1 MiB');
    await put('a', 'small');
    for (let i = 2; i < 50; i += 1) await put(`f${i}`);
    await expect(put('f51')).rejects.toThrow('You can keep 50 files');
    await put('f2', 'changed');
  });

  it.each([
    ['../x', 'may not hold the parts'],
    ['/etc/passwd', 'below the home folder'],
    ['a/', 'empty part'],
    ['a\nb', 'cannot be shown'],
    ['.cmbcluster/files.json', 'belongs to the platform'],
    ['x'.repeat(300), 'too long'],
    ['', 'needs a path'],
    ['a/b', '~/a is in the way'],
  ])('refuse a file at %j', async (path, words) => {
    const { id } = await put('a');
    await expect(put(path)).rejects.toThrow(words);
    await expect(secrets().files.rename({ id: (await put('other')).id, path })).rejects.toThrow(words);
    expect(id).toMatch(/^sec-/);
  });

  it('refuse a content that arrived damaged, and to replace what should be new', async () => {
    await put('a', 'x');
    await expect(secrets().files.set({ path: 'b', content: 'not base64!' })).rejects.toThrow('arrived damaged');
    await expect(secrets().files.set({ path: 'a', content: '', replace: false })).rejects.toThrow('already');
    const { id } = await put('b');
    await expect(secrets().files.rename({ id, path: 'a' })).rejects.toThrow('There is a file ~/a already');
  });

  it('reach environments at their start, those of the launch before those of all', async () => {
    await set('BOTH', 'kept');
    await set('KEPT', 'kept');
    await put('.key', CANARY);
    const { id } = await launch([{ name: 'BOTH', value: CANARY }]);
    await running(id);
    expect(await secrets().outdated()).toEqual([]);
    await secrets().variables.delete({ name: 'KEPT' });
    expect(await secrets().outdated()).toEqual([{ id, name: 'Lab' }]);
    expect(await bob.api.secrets.outdated()).toEqual([]);
    await ada.api.environments.restart({ id });
    expect(await secrets().outdated()).toEqual([]);
    await running(id);
    const environment = await ada.api.environments.get({ id });
    expect(environment.envNames).toEqual(['BOTH']);
    expect(JSON.stringify(environment)).not.toContain('canary');
  });

  it('stand nowhere in the data folder as they were given', async () => {
    await set('TOKEN', CANARY);
    await put('.key', CANARY);
    await running((await launch([{ name: 'EXTRA', value: CANARY }])).id);
    const forms = [CANARY, base64(CANARY), base64(base64(CANARY)).replace(/=+$/, '')];
    const files = readdirSync(bed.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name));
      for (const form of forms) expect(bytes.includes(form), `${name} holds ${form}`).toBe(false);
    }
    const answers = [
      await secrets().variables.list(),
      await secrets().files.list(),
      await ada.api.environments.list({}),
      await ada.api.activity.list({ limit: 50 }),
    ];
    expect(JSON.stringify(answers)).not.toContain('canary');
  });
});
