'use client';
/** One row of a table: selection box and cells. */
import type { MouseEvent } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Checkbox } from './checkbox.tsx';
import { cx } from './class-names.ts';
import type { OrderedRow } from './table-model.ts';
import { type Column, HIDE } from './table-types.ts';

interface TableRowProps<Row> {
  item: OrderedRow<Row>;
  index: number;
  columns: readonly Column<Row>[];
  name: string;
  /** undefined = rows cannot be selected. */
  chosen: boolean | undefined;
  /** In the tab order; undefined = rows cannot be reached. */
  active: boolean | undefined;
  opens: boolean;
  onActive: (key: string) => void;
  onToggle: (index: number, extend: boolean) => void;
  onClick: (event: MouseEvent<HTMLElement>, index: number) => void;
}

export function TableRow<Row>({ item, index, columns, chosen, active, opens, ...props }: TableRowProps<Row>) {
  const t = useT();
  const reachable = active !== undefined;
  return (
    <tr
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      tabIndex={reachable ? (active ? 0 : -1) : undefined}
      onFocus={() => props.onActive(item.key)}
      onClick={reachable ? (event) => props.onClick(event, index) : undefined}
      className={cx(
        'group/row h-row focus-visible:-outline-offset-2',
        opens && 'cursor-pointer',
        chosen ? 'bg-accent-soft' : reachable && 'hover:bg-hover',
      )}
    >
      {chosen === undefined ? null : (
        <td className="w-10 border-line border-b pl-3 align-middle group-last/row:border-b-0">
          <Checkbox
            label={t('table.selectRow', { name: props.name })}
            checked={chosen}
            onChange={() => props.onToggle(index, false)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          className={cx(
            'truncate border-line border-b px-3 align-middle group-last/row:border-b-0',
            column.align === 'right' && 'nums text-right',
            column.hideBelow && HIDE[column.hideBelow],
          )}
        >
          {column.cell(item.row)}
        </td>
      ))}
    </tr>
  );
}
