/** Rows of a table that hold no data: the place of rows that are not drawn, and of rows that are loading. */
import { cx } from './class-names.ts';
import { Skeleton } from './skeleton.tsx';
import { type Column, HIDE } from './table-types.ts';

export function SpacerRow({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={span} />
    </tr>
  );
}

interface SkeletonRowsProps<Row> {
  count: number;
  columns: readonly Column<Row>[];
  selectable: boolean;
}

export function SkeletonRows<Row>({ count, columns, selectable }: SkeletonRowsProps<Row>) {
  return Array.from({ length: count }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: skeleton rows have no identity
    <tr key={index} aria-hidden className="group/row h-row">
      {selectable ? <td className="w-10 border-line border-b group-last/row:border-b-0" /> : null}
      {columns.map((column, at) => (
        <td
          key={column.id}
          className={cx(
            'border-line border-b px-3 group-last/row:border-b-0',
            column.hideBelow && HIDE[column.hideBelow],
          )}
        >
          <Skeleton className={cx('h-3.5', at === 0 ? 'w-3/5' : 'w-2/5', column.align === 'right' && 'ml-auto')} />
        </td>
      ))}
    </tr>
  ));
}
