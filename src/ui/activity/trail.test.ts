/** Filters of the address, and what entries lead to. */
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '../../domain/audit.ts';
import { en } from '../messages/en.ts';
import {
  ACTION_GROUPS,
  byDay,
  changesOf,
  type Entry,
  exportHref,
  hrefOf,
  readAction,
  readRange,
  readResult,
} from './trail.ts';

const entry = (change: Partial<Entry>): Entry => ({
  ...{ id: 1, at: 0, address: '', agent: '', action: 'environment.launch', result: 'done', correlationId: '' },
  ...{ details: null, before: null, after: null, ownerId: null },
  actor: { id: null, name: 'Ada' },
  target: { kind: 'environment', id: 'env-1', name: 'Maps' },
  ...change,
});
const get = (values: Record<string, string>) => (name: string) => values[name] ?? null;

describe('the trail on the page', () => {
  it('takes from the address only what is a filter', () => {
    expect(readAction(get({ action: 'user.' }))).toBe('user.');
    expect(readAction(get({ action: 'user.role' }))).toBe('user.role');
    expect(readAction(get({ action: 'user.nothing' }))).toBeUndefined();
    expect(readResult(get({ result: 'denied' }))).toBe('denied');
    expect(readResult(get({ result: 'constructor' }))).toBeUndefined();
    expect(readRange(get({ range: 'week' }))).toBe('week');
    expect(readRange(get({ range: 'toString' }))).toBeUndefined();
  });

  it('has a sentence and a name for every action, and a name for every group', () => {
    for (const action of AUDIT_ACTIONS) {
      expect(en).toHaveProperty([`activity.did.${action}`]);
      expect(en).toHaveProperty([`activity.deed.${action}`]);
    }
    for (const group of ACTION_GROUPS) expect(en).toHaveProperty([`activity.kind.${group}`]);
  });

  it('leads to what exists and is one’s own', () => {
    const mine = entry({ ownerId: 'usr-1' as Entry['ownerId'] });
    expect(hrefOf(mine, 'usr-1')).toBe('/environments/env-1');
    expect(hrefOf(mine, 'usr-2')).toBeNull();
    expect(hrefOf({ ...mine, action: 'environment.delete' }, 'usr-1')).toBeNull();
  });

  it('shows what differs, and nothing else', () => {
    expect(
      changesOf({ before: { role: 'user', tier: 'free' }, after: { role: 'admin', tier: 'free', gpus: 2 } }),
    ).toEqual([
      { field: 'role', before: 'user', after: 'admin' },
      { field: 'gpus', before: null, after: '2' },
    ]);
    expect(changesOf({ before: null, after: null })).toEqual([]);
  });

  it('groups by day, and exports what the filters leave', () => {
    const days = byDay([entry({ id: 3, at: 25 }), entry({ id: 2, at: 24 }), entry({ id: 1, at: 3 })], (at) =>
      String(Math.floor(at / 10)),
    );
    expect(days.map(({ day, entries }) => [day, entries.map(({ id }) => id)])).toEqual([
      ['2', [3, 2]],
      ['0', [1]],
    ]);
    expect(exportHref('/x', { format: 'csv', action: 'user.', text: '', since: undefined })).toBe(
      '/x?format=csv&action=user.',
    );
  });
});
