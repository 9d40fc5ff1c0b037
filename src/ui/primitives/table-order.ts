/** Ordering rules of tables. Pure. */
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Numbers by size, text as people read it (“run 2” before “run 10”), nothing (null) last. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

/** A sorted copy; equal rows keep their order, nothing (null) is last in either direction. */
export function sortRows<Row>(rows: readonly Row[], value: (row: Row) => string | number | null, desc: boolean): Row[] {
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  const sign = desc ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return compareValues(a.key, b.key);
    return sign * compareValues(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

/** Keeps known rows in the order they had, drops those that are gone, appends new ones. */
export function holdOrder<Item extends { key: string }>(keys: readonly string[], items: readonly Item[]): Item[] {
  const byKey = new Map(items.map((item) => [item.key, item]));
  const kept: Item[] = [];
  for (const key of keys) {
    const item = byKey.get(key);
    if (item) kept.push(item);
    byKey.delete(key);
  }
  return [...kept, ...byKey.values()];
}
