import { describe, expect, it } from 'vitest';
import { compareValues, holdOrder, sortRows } from './table-order.ts';

describe('compareValues', () => {
  it('orders numbers by size, text as people read it, nothing last', () => {
    expect([10, null, 2].sort(compareValues)).toEqual([2, 10, null]);
    expect(['run 10', 'Run 2', 'run 1'].sort(compareValues)).toEqual(['run 1', 'Run 2', 'run 10']);
  });
});

describe('holdOrder', () => {
  it('keeps the order, drops the gone, appends the new', () => {
    const items = [{ key: 'new' }, { key: 'a' }, { key: 'c' }];
    expect(holdOrder(['c', 'b', 'a'], items).map(({ key }) => key)).toEqual(['c', 'a', 'new']);
  });
});

describe('sortRows', () => {
  it('sorts both ways, keeps equal rows in order and nothing last, and leaves its input alone', () => {
    const rows = [
      { id: 'a', size: 2 },
      { id: 'b', size: null },
      { id: 'c', size: 10 },
      { id: 'd', size: 2 },
    ];
    const order = (desc: boolean) => sortRows(rows, ({ size }) => size, desc).map(({ id }) => id);
    expect(order(false)).toEqual(['a', 'd', 'c', 'b']);
    expect(order(true)).toEqual(['c', 'a', 'd', 'b']);
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
