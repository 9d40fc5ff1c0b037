'use client';
/** The rows of a long table: only those in view are drawn. Loaded with the first long table. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type Ref, type RefObject, useEffect, useImperativeHandle, useState } from 'react';
import { useRowHeight } from './row-height.ts';
import { SpacerRow } from './table-rows.tsx';

/** Height of the header row (h-9), which sticks above the rows. */
const HEAD_PX = 36;

export interface RowScroller {
  scrollTo: (index: number) => void;
}

interface VirtualRowsProps {
  keys: readonly { key: string }[];
  span: number;
  scroller: RefObject<HTMLElement | null>;
  handle: Ref<RowScroller>;
  children: (index: number) => ReactNode;
}

export function VirtualRows({ keys, span, scroller, handle, children }: VirtualRowsProps) {
  const rowPx = useRowHeight();
  const virtualizer = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => keys[index]?.key ?? index,
    overscan: 8,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  // The box is an ancestor: when it comes with these rows it is not there yet at their first look, which would see no rows for good.
  const [, lookAgain] = useState(false);
  useEffect(() => lookAgain(true), []);
  useImperativeHandle(handle, () => ({ scrollTo: (index) => virtualizer.scrollToIndex(index) }), [virtualizer]);
  const items = virtualizer.getVirtualItems();
  const before = (items[0]?.start ?? HEAD_PX) - HEAD_PX;
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? HEAD_PX) - HEAD_PX);
  return (
    <>
      {before > 0 ? <SpacerRow height={before} span={span} /> : null}
      {items.map(({ index }) => children(index))}
      {after > 0 ? <SpacerRow height={after} span={span} /> : null}
    </>
  );
}
