'use client';
/** Header of a table: select-all, sort buttons. */
import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Checkbox } from './checkbox.tsx';
import { cx } from './class-names.ts';
import { type Column, HIDE, type Sort, type TableProps } from './table-types.ts';

interface TableHeadProps<Row>
  extends Pick<TableProps<Row>, 'columns' | 'sort' | 'onSortChange' | 'selected' | 'onSelectedChange'> {
  allKeys: readonly { key: string }[];
  sticky: boolean;
}

export function TableHead<Row>({
  columns,
  sort,
  onSortChange,
  selected,
  onSelectedChange,
  allKeys,
  sticky,
}: TableHeadProps<Row>) {
  const t = useT();
  const count = selected?.size ?? 0;
  const all = allKeys.length > 0 && count >= allKeys.length;
  return (
    <thead className={cx('text-ink-2 text-sm', sticky && 'sticky top-0 z-10 bg-surface')}>
      <tr className="h-9">
        {onSelectedChange ? (
          <th scope="col" className="w-10 border-line border-b pl-3 text-left align-middle">
            <Checkbox
              label={t('table.selectAll')}
              checked={all ? true : count > 0 ? 'mixed' : false}
              onChange={() => onSelectedChange(all ? new Set() : new Set(allKeys.map(({ key }) => key)))}
            />
          </th>
        ) : null}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={sort ?? null} onSortChange={onSortChange} />
        ))}
      </tr>
    </thead>
  );
}

interface HeadCellProps<Row> {
  column: Column<Row>;
  sort: Sort | null;
  onSortChange: ((sort: Sort) => void) | undefined;
}

function HeadCell<Row>({ column, sort, onSortChange }: HeadCellProps<Row>) {
  const on = sort?.id === column.id ? sort : null;
  const sortable = onSortChange && (column.sortable || column.sortValue);
  const right = column.align === 'right';
  const header = column.hideHeader ? <span className="sr-only">{column.header}</span> : column.header;
  const Arrow = on ? (on.desc ? ArrowDown : ArrowUp) : ArrowUpDown;
  return (
    <th
      scope="col"
      aria-sort={on ? (on.desc ? 'descending' : 'ascending') : undefined}
      style={{ width: column.width }}
      className={cx(
        'truncate border-line border-b px-3 align-middle font-medium',
        right && 'text-right',
        column.hideBelow && HIDE[column.hideBelow],
      )}
    >
      {sortable ? (
        <button
          type="button"
          onClick={() => onSortChange({ id: column.id, desc: on ? !on.desc : false })}
          className={cx(
            'group inline-flex max-w-full items-center align-middle gap-1 rounded-sm font-medium hover:text-ink',
            right && 'flex-row-reverse',
            on && 'text-ink',
          )}
        >
          <span className="truncate">{header}</span>
          <Arrow
            className={cx(
              'size-3.5 shrink-0',
              !on && 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60',
            )}
            aria-hidden
          />
        </button>
      ) : (
        header
      )}
    </th>
  );
}
