'use client';
/** Order of a table's rows: sorted by the chosen column, and held still while the pointer or focus rests on them. */
import { useMemo, useRef } from 'react';
import { holdOrder, sortRows } from './table-order.ts';
import type { TableProps } from './table-types.ts';

export interface OrderedRow<Row> {
  key: string;
  row: Row;
}

type ModelProps<Row> = Pick<TableProps<Row>, 'columns' | 'rows' | 'rowKey' | 'sort' | 'sorting'>;

/**
 * @param held The order stays as it is; new rows come last, gone rows leave. A change of `sort` by the person applies at once, and
 * rows that the server sorts stand as it sent them: it sends them anew only when the person asks for another order.
 */
export function useTableModel<Row>(props: ModelProps<Row>, held: boolean): OrderedRow<Row>[] {
  const { columns, rows, rowKey, sort, sorting = 'here' } = props;
  const sortValue = sorting === 'here' ? columns.find(({ id }) => id === sort?.id)?.sortValue : undefined;
  const desc = sort?.desc ?? false;
  const ordered = useMemo(
    () => (sortValue ? sortRows(rows, sortValue, desc) : rows).map((row) => ({ key: rowKey(row), row })),
    [rows, sortValue, desc, rowKey],
  );

  const sortKey = `${sort?.id}${desc}`;
  const last = useRef<{ sortKey: string; keys: string[] }>({ sortKey, keys: [] });
  return useMemo(() => {
    const result =
      held && sorting === 'here' && last.current.sortKey === sortKey ? holdOrder(last.current.keys, ordered) : ordered;
    last.current = { sortKey, keys: result.map(({ key }) => key) };
    return result;
  }, [ordered, held, sorting, sortKey]);
}
