/** Every order and filter gives each person once, whichever way the list is found. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserId } from '../../src/domain/ids.ts';
import { type ControlDb, openControlDb } from '../database.ts';
import { createPeopleRepository, type PeopleRepository, type UserRow } from './people.ts';
import {
  createUserDirectory,
  type UserDirectory,
  type UserMark,
  type UserOrder,
  type UserPage,
} from './user-directory.ts';

const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));
const ORDERS: UserOrder[] = ['name', 'email', 'role', 'tier', 'lastSeen', 'created'];

describe('the directory of people', () => {
  let db: ControlDb;
  let people: PeopleRepository;
  let directory: UserDirectory;
  beforeEach(() => {
    db = openControlDb({ file: ':memory:', migrationsDir });
    people = createPeopleRepository(db.drizzle);
    directory = createUserDirectory(db.drizzle);
  });
  afterEach(() => db.close());

  let made = 0;
  function add(name: string, change: Partial<UserRow> = {}): UserId {
    made += 1;
    const id = `usr-${String(made).padStart(20, '0')}` as UserId;
    const { lastSeenAt, ...rest } = change;
    db.write(() => {
      people.insertUser({
        id,
        name,
        email: `${name.toLowerCase().replaceAll(' ', '.')}@example.org`,
        role: 'user',
        tier: 'free',
        active: true,
        createdAt: made,
        ...rest,
      });
      if (lastSeenAt) people.updateProfile(id, { lastSeenAt });
    });
    return id;
  }
  function all(page: Partial<UserPage>): string[] {
    const order = page.order ?? 'name';
    const found: string[] = [];
    let after: UserMark | null = null;
    do {
      const { rows, next } = directory.page({ order, descending: false, limit: 7, ...page, after });
      found.push(...rows.map(({ name }) => name));
      after = next;
    } while (after);
    return found;
  }

  it('gives each person once in every order and both directions, however many are alike', () => {
    for (let i = 0; i < 40; i += 1)
      add(`${i % 2 ? 'p' : 'P'}erson ${i % 5}`, {
        role: i % 7 ? 'user' : 'admin',
        tier: i % 3 ? 'free' : 'basic',
        active: i % 4 !== 0,
        lastSeenAt: i % 6 ? i % 3 : null,
      });
    for (const order of ORDERS)
      for (const descending of [false, true]) expect(all({ order, descending }), order).toHaveLength(40);
    expect(all({ order: 'role', role: 'admin' })).toHaveLength(6);
    expect(all({ tier: 'basic', active: false, order: 'lastSeen', descending: true })).toHaveLength(4);
  });

  it('sorts names without regard to case', () => {
    for (const name of ['ben', 'Ada', 'Zoe', 'cleo']) add(name);
    expect(all({})).toEqual(['Ada', 'ben', 'cleo', 'Zoe']);
    expect(all({ descending: true })).toEqual(['Zoe', 'cleo', 'ben', 'Ada']);
  });

  it('finds parts of names and addresses, also after they changed', () => {
    const ada = add('Ada Lovelace');
    add('Émile Noether');
    add('Per_cent 50%');
    expect(all({ search: 'LOVE' })).toEqual(['Ada Lovelace']);
    expect(all({ search: 'ovelac example' })).toEqual(['Ada Lovelace']);
    expect(all({ search: 'émile' })).toEqual(['Émile Noether']);
    expect(all({ search: '0%' })).toEqual(['Per_cent 50%']);
    expect(all({ search: 'r_c' })).toEqual(['Per_cent 50%']);
    for (const odd of ['"', '"""', 'a" OR "b', "'", '\\', '\0\0\0', '   '])
      expect(() => all({ search: odd })).not.toThrow();
    db.write(() => people.updateProfile(ada, { name: 'Augusta King', email: 'king@example.org' }));
    expect(all({ search: 'ugust' })).toEqual(['Augusta King']);
    expect(all({ search: 'Ada Love' })).toEqual([]);
  });

  it('answers alike whether few or many fit', () => {
    db.write(() => {
      for (let i = 0; i < 2_500; i += 1)
        people.insertUser({
          id: `usr-many${String(i).padStart(16, '0')}` as UserId,
          name: `Many ${i}`,
          email: `m${i}@example.org`,
          role: i % 2 ? 'user' : 'researcher',
          tier: 'free',
          active: true,
          createdAt: i,
        });
    });
    add('Zed', { role: 'admin' });
    expect(all({ search: 'example.org', role: 'researcher', limit: 7 })).toHaveLength(1_250);
    expect(all({ search: 'many' })).toHaveLength(2_500);
    expect(all({ search: 'zed example', active: true })).toEqual(['Zed']);
    expect(all({ search: 'many', role: 'admin' })).toEqual([]);
  });

  it('passes over a bounded number of people and tells where to look on', () => {
    db.write(() => {
      for (let i = 0; i < 6_000; i += 1)
        people.insertUser({
          id: `usr-pass${String(i).padStart(16, '0')}` as UserId,
          name: `Person ${String(i).padStart(5, '0')}`,
          email: `p${i}@example.org`,
          role: 'user',
          tier: 'free',
          active: true,
          createdAt: i,
        });
    });
    add('Qz');
    const first = directory.page({ search: 'qz', order: 'name', descending: false, after: null, limit: 50 });
    expect(first.rows).toEqual([]);
    expect(first.next?.value).toBe('Person 00999');
    for (const order of ORDERS)
      for (const descending of [false, true]) expect(all({ search: 'qz', order, descending }), order).toEqual(['Qz']);
    // Without anything to look for, nothing is passed over.
    expect(directory.page({ order: 'name', descending: false, after: null, limit: 50 }).rows).toHaveLength(50);
  });
});
