'use client';
/** Order of a table's rows: sorted by the library, and held still while the pointer or focus rests on them. */
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useMemo, useRef } from 'react';
import { compareValues, holdOrder } from './table-order.ts';
import type { TableProps } from './table-types.ts';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export interface OrderedRow<Row> {
  key: string;
  row: Row;
}

type ModelProps<Row> = Pick<TableProps<Row>, 'columns' | 'rows' | 'rowKey' | 'sort' | 'sorting'>;

/** @param held The order stays as it is; new rows come last, gone rows leave. A change of `sort` by the person applies at once. */
export function useTableModel<Row extends object>(
  { columns, rows, rowKey, sort = null, sorting = 'here' }: ModelProps<Row>,
  held: boolean,
): OrderedRow<Row>[] {
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: column.sortValue ?? (() => null),
        sortFn: (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string) =>
          compareValues(a.getValue(id), b.getValue(id)),
      })),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: rowKey,
    manualSorting: sorting === 'manual',
    enableSortingRemoval: false,
    state: { sorting: sort && sorting === 'here' ? [sort] : [] },
    onSortingChange: () => {},
  });
  const ordered = table.getRowModel().rows.map(({ id, original }) => ({ key: id, row: original }));

  const sortKey = sort ? `${sort.id}${sort.desc}` : '';
  const last = useRef<{ sortKey: string; keys: string[] }>({ sortKey, keys: [] });
  const result = held && last.current.sortKey === sortKey ? holdOrder(last.current.keys, ordered) : ordered;
  last.current = { sortKey, keys: result.map(({ key }) => key) };
  return result;
}
