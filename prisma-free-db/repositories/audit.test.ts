/** The trail holds what was written, however it is asked for, and nothing can take it away. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserId } from '../../src/domain/ids.ts';
import { type ControlDb, openControlDb } from '../database.ts';
import { type AuditFilter, type AuditRepository, type AuditRow, createAuditRepository } from './audit.ts';

const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));
const user = (name: string) => `usr-${name.padEnd(20, '0')}` as UserId;

const entry = (change: Partial<AuditRow>): Omit<AuditRow, 'id'> => ({
  at: 1_000,
  actorId: user('ada'),
  actorName: 'Ada Lovelace',
  address: '10.0.0.1',
  agent: 'Browser',
  action: 'environment.launch',
  ownerId: user('ada'),
  targetKind: 'environment',
  targetId: 'env-00000000000000000000',
  targetName: 'Lab',
  result: 'done',
  details: null,
  before: null,
  after: null,
  correlationId: 'abc',
  ...change,
});

describe('the audit trail', () => {
  let db: ControlDb;
  let audit: AuditRepository;
  beforeEach(() => {
    db = openControlDb({ file: ':memory:', migrationsDir });
    audit = createAuditRepository(db.drizzle);
  });
  afterEach(() => db.close());

  const add = (...rows: Partial<AuditRow>[]) => db.write(() => rows.forEach((row) => void audit.append(entry(row))));
  /** Everything that fits, by way of as many pages as it takes. */
  function all(filter: AuditFilter, limit = 3): AuditRow[] {
    const found: AuditRow[] = [];
    let before: number | null = null;
    do {
      const { rows, next } = audit.page(filter, { before, limit });
      found.push(...rows);
      before = next;
    } while (before !== null);
    return found;
  }
  const names = (filter: AuditFilter) => all(filter).map(({ targetName }) => targetName);

  it.each([
    "update audit set result = 'done'",
    'update audit set actor_name = actor_name where id = 1',
    'delete from audit',
    'delete from audit where id = 1',
    "insert or replace into audit (id, at, actor_name, address, action, result) values (1, 1, '', '', '', 'done')",
    "insert into audit (id, at, actor_name, address, action, result) values (1, 1, '', '', '', 'done') on conflict do update set at = 5",
  ])('refuses: %s', (statement) => {
    add({ targetName: 'first' });
    const [before] = all({});
    expect(() => db.write(() => db.drizzle.run(statement))).toThrow('append-only');
    expect(all({})).toEqual([before]);
  });

  it('is offered no way to change an entry by any repository', () => {
    expect(Object.keys(audit).sort()).toEqual(['append', 'page']);
    for (const file of ['audit.ts', 'records.ts']) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      expect(text).not.toMatch(/\.(update|delete)\(audit\)/);
    }
  });

  it('gives every filter exactly what fits, newest first, over pages', () => {
    add(
      { targetName: 'a', at: 10 },
      { targetName: 'b', at: 20, actorId: user('bob'), actorName: 'Bob', action: 'user.role', targetKind: 'user' },
      { targetName: 'c', at: 30, ownerId: user('bob'), result: 'denied' },
      { targetName: 'd', at: 40, actorId: null, actorName: 'CMBCluster', action: 'environment.deadline' },
      { targetName: 'e', at: 50, action: 'users.other', targetId: 'sto-00000000000000000000', ownerId: null },
      { targetName: 'f', at: 60, action: 'user.rolex' },
      { targetName: 'Grüße an Zoë', at: 70, action: 'session.sign_in' },
    );
    expect(names({})).toEqual(['Grüße an Zoë', 'f', 'e', 'd', 'c', 'b', 'a']);
    expect(names({ actorId: user('bob') })).toEqual(['b']);
    expect(names({ actorId: null })).toEqual(['d']);
    expect(names({ ownerId: user('bob') })).toEqual(['c']);
    expect(names({ concerning: user('bob') })).toEqual(['c', 'b']);
    expect(names({ concerning: user('ada') })).toEqual(['Grüße an Zoë', 'f', 'e', 'd', 'c', 'b', 'a']);
    expect(names({ targetId: 'sto-00000000000000000000' })).toEqual(['e']);
    expect(names({ targetKind: 'user' })).toEqual(['b']);
    expect(names({ result: 'denied' })).toEqual(['c']);
    expect(names({ action: 'user.' })).toEqual(['f', 'b']);
    expect(names({ action: 'user.role' })).toEqual(['b']);
    expect(names({ action: 'session.' })).toEqual(['Grüße an Zoë']);
    expect(names({ action: 'environment.', actorId: user('ada') })).toEqual(['c', 'a']);
    expect(names({ since: 20, until: 40 })).toEqual(['d', 'c', 'b']);
    expect(names({ since: 71 })).toEqual([]);
    expect(names({ text: 'lovelace', since: 55 })).toEqual(['Grüße an Zoë', 'f']);
    expect(names({ text: 'grüße zoë' })).toEqual(['Grüße an Zoë']);
    expect(names({ text: 'bob', action: 'user.' })).toEqual(['b']);
    expect(names({ text: 'bob', concerning: user('bob') })).toEqual(['b']);
    expect(names({ text: '10.0.0.1', result: 'denied' })).toEqual(['c']);
    for (const odd of ['" OR 1', 'a* NEAR(b', "';--", '^{action} :', '%', '\0'])
      expect(() => all({ text: odd })).not.toThrow();
  });

  it('looks at a bounded number of entries and tells where to look on', () => {
    add({ targetName: 'needle', result: 'failed' });
    db.write(() => {
      for (let i = 0; i < 12_000; i += 1) audit.append(entry({ at: 2_000 + i }));
    });
    const first = audit.page({ result: 'failed' }, { before: null, limit: 10 });
    expect(first.rows).toEqual([]);
    expect(first.next).toBe(9_002);
    expect(names({ result: 'failed' })).toEqual(['needle']);
    expect(names({ concerning: user('ada'), result: 'failed' })).toEqual(['needle']);
    expect(names({ actorId: user('ada'), text: 'needle' })).toEqual(['needle']);
  });

  it('brings several words together a bounded number of entries at a time', () => {
    add({ targetName: 'green needle' });
    db.write(() => {
      db.drizzle.run(sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 110000)
        insert into audit (at, actor_name, address, action, target_name, result)
        select 2000 + i, 'Ada', '', 'object.upload', iif(i % 2, 'green', 'needle'), 'done' from n`);
    });
    const first = audit.page({ text: 'green needle' }, { before: null, limit: 10 });
    expect(first).toMatchObject({ rows: [], next: 90_002 });
    expect(names({ text: 'green needle' })).toEqual(['green needle']);
    expect(audit.page({ text: 'green' }, { before: null, limit: 10 }).rows).toHaveLength(10);
  });

  it('is found by time although the clock was put back meanwhile', () => {
    add(
      { targetName: 'early', at: 600_000 },
      { targetName: 'ahead', at: 900_000 },
      { targetName: 'late', at: 650_000 },
    );
    expect(names({ since: 640_000, until: 700_000 })).toEqual(['late']);
    expect(names({ until: 650_000 })).toEqual(['late', 'early']);
    expect(names({ since: 800_000 })).toEqual(['ahead']);
  });
});
