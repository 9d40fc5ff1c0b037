'use client';
/**
 * Rows with sorting, selection, keyboard and, inside a limited height, only the visible rows drawn. A real <table>, so that
 * screen readers read it as one. Order is held while the pointer rests on it: nothing moves away from under a click.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Checkbox } from './checkbox.tsx';
import { cx } from './class-names.ts';
import { useRowHeight } from './row-height.ts';
import { TableHead } from './table-head.tsx';
import { useTableKeyboard } from './table-keyboard.ts';
import { useTableModel } from './table-model.ts';
import { SkeletonRows, SpacerRow } from './table-rows.tsx';
import { HIDE, type TableProps } from './table-types.ts';

const VIRTUAL_FROM = 60;

export function Table<Row extends object>(props: TableProps<Row>) {
  const {
    label,
    columns,
    rows,
    rowName,
    selected,
    onSelectedChange,
    onOpen,
    maxHeight,
    onEndReached,
    loadingRows = 0,
    empty,
    className,
  } = props;
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState(false);
  const ordered = useTableModel(props, held);
  const rowPx = useRowHeight();
  const virtual = maxHeight !== undefined && ordered.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: ordered.length,
    enabled: virtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => ordered[index]?.key ?? index,
    overscan: 8,
  });
  const focusRow = useCallback(
    (index: number) => {
      if (virtual) virtualizer.scrollToIndex(index);
      // The row may be drawn only after the scroll.
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus());
    },
    [virtual, virtualizer],
  );
  const keyboard = useTableKeyboard({ ordered, selected, onSelectedChange, onOpen, focusRow });

  const items = virtual ? virtualizer.getVirtualItems() : ordered.map((_, index) => ({ index, start: 0, end: 0 }));
  const before = virtual ? (items[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const lastDrawn = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onEndReached && virtual && lastDrawn >= ordered.length - 10) onEndReached();
  }, [onEndReached, virtual, lastDrawn, ordered.length]);

  if (rows.length === 0 && loadingRows === 0) return <>{empty}</>;
  const span = columns.length + (onSelectedChange ? 1 : 0);
  const interactive = Boolean(onOpen || onSelectedChange);
  return (
    <div
      ref={scroller}
      className={cx('relative min-w-0', maxHeight !== undefined && 'overflow-y-auto', className)}
      style={{ maxHeight }}
    >
      <table
        aria-label={label}
        aria-rowcount={ordered.length + 1}
        aria-busy={loadingRows > 0 || undefined}
        {...(interactive ? { role: 'grid', 'aria-multiselectable': Boolean(onSelectedChange) } : {})}
        className="w-full table-fixed border-separate border-spacing-0 text-left"
        onKeyDown={keyboard.onKeyDown}
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
      >
        <TableHead {...props} allKeys={ordered} sticky={maxHeight !== undefined} />
        <tbody>
          {before > 0 ? <SpacerRow height={before} span={span} /> : null}
          {items.map(({ index }) => {
            const item = ordered[index];
            if (!item) return null;
            const chosen = selected?.has(item.key) ?? false;
            return (
              <tr
                key={item.key}
                data-row={index}
                aria-rowindex={index + 2}
                aria-selected={onSelectedChange ? chosen : undefined}
                tabIndex={interactive ? (index === keyboard.activeIndex ? 0 : -1) : undefined}
                onFocus={() => keyboard.setActiveKey(item.key)}
                onClick={interactive ? (event) => keyboard.onRowClick(event, index) : undefined}
                className={cx(
                  'group/row h-row focus-visible:-outline-offset-2',
                  interactive && 'hover:bg-hover',
                  onOpen && 'cursor-pointer',
                  chosen && 'bg-accent-soft hover:bg-accent-soft',
                )}
              >
                {onSelectedChange ? (
                  <td className="w-10 border-line border-b pl-3 align-middle group-last/row:border-b-0">
                    <Checkbox
                      label={t('table.selectRow', { name: rowName?.(item.row) ?? item.key })}
                      checked={chosen}
                      onChange={() => keyboard.toggle(index, false)}
                    />
                  </td>
                ) : null}
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
          })}
          {after > 0 ? <SpacerRow height={after} span={span} /> : null}
          <SkeletonRows count={loadingRows} columns={columns} selectable={onSelectedChange !== undefined} />
        </tbody>
      </table>
    </div>
  );
}
