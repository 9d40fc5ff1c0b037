import { describe, expect, it } from 'vitest';
import { peopleRequest, readPeopleSort, stateOf, writePeopleSort } from './people.ts';

const from = (query: string) => {
  const params = new URLSearchParams(query);
  return peopleRequest((name) => params.get(name));
};

describe('the list of people in the address', () => {
  it('asks for what the address says', () => {
    expect(from('q=+ada+&role=admin&tier=basic&sort=-lastSeen')).toEqual({
      order: 'lastSeen',
      descending: true,
      limit: 100,
      search: 'ada',
      role: 'admin',
      tier: 'basic',
    });
  });

  it('passes over what it does not know', () => {
    expect(from('role=owner&tier=&state=x&sort=shoe&q=++')).toEqual({ order: 'name', descending: false, limit: 100 });
  });

  it('tells who waits from who is deactivated', () => {
    expect(from('state=deactivated')).toMatchObject({ active: false, awaiting: false });
    expect(from('state=awaiting')).toMatchObject({ awaiting: true });
    expect(from('state=active')).toMatchObject({ active: true });
    expect(stateOf({ active: false, awaitsApprovalSince: 1 })).toBe('awaiting');
    expect(stateOf({ active: false, awaitsApprovalSince: null })).toBe('deactivated');
  });

  it('keeps an order in the address unless it holds unasked', () => {
    for (const text of ['-name', 'email', '-created']) expect(writePeopleSort(readPeopleSort(text))).toBe(text);
    expect(writePeopleSort(readPeopleSort('name'))).toBeNull();
    expect(writePeopleSort(readPeopleSort(null))).toBeNull();
  });
});
