'use client';
/** Keyboard and selection of a table: one row is in the tab order, arrows move it, Space selects, Shift extends. */
import { type KeyboardEvent, type MouseEvent, useCallback, useRef, useState } from 'react';
import type { OrderedRow } from './table-model.ts';

interface Options<Row> {
  ordered: OrderedRow<Row>[];
  selected: ReadonlySet<string> | undefined;
  onSelectedChange: ((selected: ReadonlySet<string>) => void) | undefined;
  onOpen: ((row: Row) => void) | undefined;
  /** Brings a row into view (and into existence, when virtual) and focuses it. */
  focusRow: (index: number) => void;
}

const CONTROLS = 'a,button,input,label,select,textarea,summary,[role="menuitem"],[role="dialog"]';

export function useTableKeyboard<Row>({ ordered, selected, onSelectedChange, onOpen, focusRow }: Options<Row>) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const activeIndex = Math.max(
    0,
    ordered.findIndex(({ key }) => key === activeKey),
  );

  const toggle = useCallback(
    (index: number, extend: boolean) => {
      const item = ordered[index];
      if (!item || !onSelectedChange) return;
      const next = new Set(selected);
      const from = extend ? ordered.findIndex(({ key }) => key === anchor.current) : -1;
      if (from >= 0) {
        for (const { key } of ordered.slice(Math.min(from, index), Math.max(from, index) + 1)) next.add(key);
      } else {
        if (!next.delete(item.key)) next.add(item.key);
        anchor.current = item.key;
      }
      onSelectedChange(next);
    },
    [ordered, selected, onSelectedChange],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const onRow = event.target instanceof HTMLElement && event.target.dataset.row !== undefined;
    if (!onRow) return;
    const jump = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex - 1,
      Home: 0,
      End: ordered.length - 1,
      PageDown: activeIndex + 10,
      PageUp: activeIndex - 10,
    }[event.key];
    if (jump !== undefined) {
      event.preventDefault();
      const index = Math.min(ordered.length - 1, Math.max(0, jump));
      const item = ordered[index];
      if (!item) return;
      setActiveKey(item.key);
      if (event.shiftKey) {
        anchor.current ??= ordered[activeIndex]?.key ?? null;
        toggle(index, true);
      }
      focusRow(index);
      return;
    }
    const active = ordered[activeIndex];
    if (event.key === 'Enter' && active && onOpen) {
      event.preventDefault();
      onOpen(active.row);
    } else if (event.key === ' ' && onSelectedChange) {
      event.preventDefault();
      toggle(activeIndex, event.shiftKey);
    } else if (event.key === 'a' && (event.metaKey || event.ctrlKey) && onSelectedChange) {
      event.preventDefault();
      onSelectedChange(new Set(ordered.map(({ key }) => key)));
    } else if (event.key === 'Escape' && selected && selected.size > 0) {
      event.stopPropagation();
      onSelectedChange?.(new Set());
    }
  };

  /** A click on the row itself opens it; with Shift or Ctrl/⌘ it selects; a click on a control inside is the control's. */
  const onRowClick = (event: MouseEvent<HTMLElement>, index: number) => {
    const item = ordered[index];
    if (!item || (event.target instanceof Element && event.target.closest(CONTROLS))) return;
    setActiveKey(item.key);
    if (onSelectedChange && (event.shiftKey || event.metaKey || event.ctrlKey)) toggle(index, event.shiftKey);
    else if (!window.getSelection()?.toString()) onOpen?.(item.row);
  };

  return { activeIndex, setActiveKey, toggle, onKeyDown, onRowClick };
}
