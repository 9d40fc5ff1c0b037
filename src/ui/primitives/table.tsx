'use client';
/**
 * Rows with sorting, selection, keyboard and, inside a limited height, only the visible rows drawn. A real <table>, so that
 * screen readers read it as one. Order is held while the pointer rests on it: nothing moves away from under a click.
 */
import { lazy, Suspense, useRef, useState } from 'react';
import { cx } from './class-names.ts';
import { TableHead } from './table-head.tsx';
import { useTableKeyboard } from './table-keyboard.ts';
import { useTableModel } from './table-model.ts';
import { TableRow } from './table-row.tsx';
import { SkeletonRows } from './table-rows.tsx';
import type { TableProps } from './table-types.ts';
import type { RowScroller } from './table-virtual-rows.tsx';
import { useEndReached } from './use-end-reached.ts';

const VirtualRows = lazy(async () => ({ default: (await import('./table-virtual-rows.tsx')).VirtualRows }));

/** Up to here all rows are drawn. */
const VIRTUAL_FROM = 60;

export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, rowName, selected, onSelectedChange, onOpen, maxHeight, loadingRows = 0 } = props;
  const box = useRef<HTMLDivElement>(null);
  const virtualRows = useRef<RowScroller>(null);
  const [held, setHeld] = useState(false);
  const ordered = useTableModel(props, held);
  const virtual = maxHeight !== undefined && ordered.length > VIRTUAL_FROM;
  const keyboard = useTableKeyboard({
    ordered,
    selected,
    onSelectedChange,
    onOpen,
    nameOf: props.typeAhead ? rowName : undefined,
    focusRow: (index) => {
      virtualRows.current?.scrollTo(index);
      // The row may be drawn only after the scroll.
      requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus());
    },
  });
  useEndReached(box, props.onEndReached, ordered.length);

  if (rows.length === 0 && loadingRows === 0) return <>{props.empty}</>;
  const selectable = onSelectedChange !== undefined;
  const interactive = selectable || onOpen !== undefined;
  const row = (index: number) => {
    const item = ordered[index];
    if (!item) return null;
    return (
      <TableRow
        key={item.key}
        item={item}
        index={index}
        columns={columns}
        name={rowName?.(item.row) ?? item.key}
        chosen={selectable ? (selected?.has(item.key) ?? false) : undefined}
        active={interactive ? index === keyboard.activeIndex : undefined}
        opens={onOpen !== undefined}
        onActive={keyboard.setActiveKey}
        onToggle={keyboard.toggle}
        onClick={keyboard.onRowClick}
      />
    );
  };
  const first = ordered.slice(0, virtual ? VIRTUAL_FROM : undefined).map((_, index) => row(index));
  return (
    <div
      ref={box}
      className={cx('relative min-w-0', maxHeight !== undefined && 'overflow-y-auto', props.className)}
      style={{ maxHeight }}
    >
      <table
        aria-label={props.label}
        aria-rowcount={ordered.length + 1}
        aria-busy={loadingRows > 0 || undefined}
        {...(interactive ? { role: 'grid', 'aria-multiselectable': selectable } : {})}
        className="w-full table-fixed border-separate border-spacing-0 text-left"
        onKeyDown={keyboard.onKeyDown}
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
      >
        <TableHead {...props} allKeys={ordered} sticky={maxHeight !== undefined} />
        <tbody>
          {virtual ? (
            <Suspense fallback={first}>
              <VirtualRows
                keys={ordered}
                span={columns.length + (selectable ? 1 : 0)}
                scroller={box}
                handle={virtualRows}
              >
                {row}
              </VirtualRows>
            </Suspense>
          ) : (
            first
          )}
          <SkeletonRows count={loadingRows} columns={columns} selectable={selectable} />
        </tbody>
      </table>
    </div>
  );
}
