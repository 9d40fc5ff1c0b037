/** Exports over real HTTP: whole, safe to open, and only for those who may. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { csvField } from '../../services/activity/export.ts';
import { record, SYSTEM } from '../../services/audit.ts';

describe('exports of the audit trail', () => {
  let bed: TestBed;
  let admin: Awaited<ReturnType<TestBed['signIn']>>;
  let bob: typeof admin;
  beforeEach(async () => {
    bed = await openTestBed();
    admin = await bed.signIn('ada');
    bob = await bed.signIn('bob');
  });
  afterEach(() => bed.close());

  const get = (path: string, cookie?: string) =>
    fetch(`http://127.0.0.1:${bed.port}${path}`, {
      headers: { host: `localhost:${bed.port}`, 'sec-fetch-site': 'same-origin', ...(cookie ? { cookie } : {}) },
    });
  const fill = (count: number) =>
    bed.container.deps.db.write(() => {
      for (let i = 0; i < count; i += 1)
        record(bed.container.deps, SYSTEM, {
          action: 'storage.ready',
          ownerId: bob.userId,
          targetId: null,
          targetName: `entry ${i}`,
        });
    });

  it('hold every entry once, newest first', async () => {
    fill(1_003);
    const answer = await get('/api/audit/export?format=jsonl&action=storage.ready&text=entry', admin.cookie);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-.*\.jsonl"$/);
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).target.name)).toEqual(
      Array.from({ length: 1_003 }, (_, i) => `entry ${1_002 - i}`),
    );
    const [noted] = bed.container.deps.audit.page({ action: 'audit.export' }, { before: null, limit: 1 }).rows;
    expect(noted).toMatchObject({ actorId: admin.userId, details: { format: 'jsonl', text: 'entry' } });
  });

  it('are CSV that no spreadsheet runs', async () => {
    await bob.api.profile.update({ name: '=HYPERLINK("http://evil")' });
    const text = await (await get('/api/audit/export?action=profile.', admin.cookie)).text();
    const [head, line] = text.replace('\uFEFF', '').split('\r\n');
    expect(head?.split(',')).toHaveLength(16);
    expect(line).toContain('"\'=HYPERLINK(""http://evil"")"');
  });

  it.each(['=1', '+1', '-1', '@x', '\t=1', '\r=1', ' =1', '\uFF1D1', '|x', '\n-1'])('make %j inert', (value) => {
    expect(csvField(value).startsWith('"\'')).toBe(true);
  });

  it('leave harmless text as it is', () => {
    expect(csvField('a "b", c')).toBe('"a ""b"", c"');
    expect(csvField('usr-1')).toBe('"usr-1"');
    expect(csvField(null)).toBe('');
    expect(csvField(-5)).toBe('-5');
  });

  it('are refused to those who may not', async () => {
    expect((await get('/api/audit/export')).status).toBe(401);
    expect((await get('/api/activity/export')).status).toBe(401);
    expect((await get('/api/audit/export', bob.cookie)).status).toBe(403);
    expect((await get('/api/audit/export?format=exe', admin.cookie)).status).toBe(400);
    expect((await get('/api/audit/export?since=x', admin.cookie)).status).toBe(400);
    expect((await get(`/api/activity/export?owner=${admin.userId}`, bob.cookie)).status).toBe(400);
    const [noted] = bed.container.deps.audit.page({ action: 'admin.call' }, { before: null, limit: 1 }).rows;
    expect(noted).toMatchObject({ actorId: bob.userId, targetName: '/api/audit/export', result: 'denied' });
  });

  it('of one’s own activity hold nothing of others', async () => {
    const text = await (await get('/api/activity/export?format=jsonl', bob.cookie)).text();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const { actor, ownerId } of lines) expect([actor.id, ownerId]).toContain(bob.userId);
  });

  it('stop where they are when the reader loses the role', async () => {
    fill(3_000);
    const { exportTrail } = await import('../../services/activity/export.ts');
    const { deps } = bed.container;
    const text = exportTrail(deps, admin.actor, { format: 'jsonl' })[Symbol.asyncIterator]();
    await text.next();
    deps.db.write(() => deps.people.updateUser(admin.userId, { role: 'user' }));
    await expect(text.next()).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
