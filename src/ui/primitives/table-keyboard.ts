'use client';
/** Keyboard and selection of a table: one row is in the tab order, arrows move it, Space selects, Shift extends. */
import { type KeyboardEvent, type MouseEvent, useCallback, useRef, useState } from 'react';
import type { OrderedRow } from './table-model.ts';
import { typedRow } from './type-ahead.ts';

interface Options<Row> {
  ordered: OrderedRow<Row>[];
  selected: ReadonlySet<string> | undefined;
  onSelectedChange: ((selected: ReadonlySet<string>) => void) | undefined;
  onOpen: ((row: Row) => void) | undefined;
  /** What letters typed on a row are compared with; without it they mean nothing here. */
  nameOf: ((row: Row) => string) | undefined;
  /** Brings a row into view (and into existence, when virtual) and focuses it. */
  focusRow: (index: number) => void;
}

/** What begins a name; `/` and `?` stay the page's. */
const LETTER = /^[\p{L}\p{N}._-]$/u;
/** Letters within this time are one beginning. */
const TYPING_MS = 800;
const CONTROLS = 'a,button,input,label,select,textarea,summary,[role="menuitem"],[role="dialog"]';

export function useTableKeyboard<Row>(options: Options<Row>) {
  const { ordered, selected, onSelectedChange, onOpen, nameOf, focusRow } = options;
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const typed = useRef({ text: '', at: 0 });
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
    if (nameOf && !event.ctrlKey && !event.metaKey && !event.altKey && LETTER.test(event.key)) {
      event.preventDefault();
      const goesOn = event.timeStamp - typed.current.at < TYPING_MS;
      typed.current = { text: (goesOn ? typed.current.text : '') + event.key, at: event.timeStamp };
      const index = typedRow(
        ordered.map(({ row }) => nameOf(row)),
        { text: typed.current.text, from: activeIndex },
      );
      const found = ordered[index];
      if (!found) return;
      setActiveKey(found.key);
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
