'use client';
/**
 * Lines of output: only the visible ones are drawn, the end is followed until the person scrolls up, ANSI colours, search.
 * Feed it an array that keeps its line objects; appending is cheap for 100,000 lines.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';
import { LogLineText } from './log-line.tsx';
import { findHits } from './log-search.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { useLogSearch } from './use-log-search.ts';

export interface LogLine {
  /** Unique and growing. */
  id: number | string;
  text: string;
  /** Unix milliseconds; shown as a clock time. */
  at?: number;
  stream?: 'stdout' | 'stderr';
}

interface LogViewProps {
  lines: readonly LogLine[];
  /** CSS height. */
  height?: string;
  /** Accessible name; default “Log output”. */
  label?: string;
  /** Right end of the toolbar (download, level). */
  actions?: ReactNode;
  empty?: ReactNode;
}

const LINE_PX = 20;
/** Nearer to the end than this counts as being at the end. */
const END_PX = 24;

export function LogView({ lines, height = '480px', label, actions, empty }: LogViewProps) {
  const t = useT();
  const format = useFormat();
  const scroller = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 20,
  });

  useEffect(() => {
    if (follow && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, lines.length, virtualizer]);

  const search = useLogSearch(lines, {
    firstVisible: () => virtualizer.range?.startIndex ?? 0,
    show: (line) => {
      setFollow(false);
      virtualizer.scrollToIndex(line, { align: 'center' });
    },
  });

  return (
    <div className="flex min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface" style={{ height }}>
      <LogToolbar
        query={search.query}
        onQuery={search.setQuery}
        matches={search.total}
        current={search.current}
        onStep={search.step}
        follow={follow}
        onFollow={setFollow}
        wrap={wrap}
        onWrap={setWrap}
        actions={actions}
      />
      <section
        ref={scroller}
        aria-label={label ?? t('log.label')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        className="ansi min-h-0 flex-1 overflow-auto overscroll-contain py-2 font-mono text-sm focus-visible:-outline-offset-2"
        onScroll={({ currentTarget: box }) => {
          const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
          // Only the person's own scrolling up ends following; reaching the end resumes it.
          if (atEnd !== follow && (atEnd || box.scrollTop < (virtualizer.scrollOffset ?? 0))) setFollow(atEnd);
        }}
      >
        {lines.length === 0 ? <p className="px-3 font-sans text-ink-3">{empty ?? t('log.empty')}</p> : null}
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            if (!line) return null;
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={cx(
                  'absolute top-0 left-0 flex min-w-full gap-3 px-3 leading-5',
                  wrap && 'w-full',
                  search.line === index && 'bg-hover',
                )}
                style={{ transform: `translateY(${start}px)` }}
              >
                {line.at === undefined ? null : (
                  <time
                    dateTime={new Date(line.at).toISOString()}
                    title={format.exact(line.at)}
                    className="nums shrink-0 select-none text-ink-3"
                    suppressHydrationWarning
                  >
                    {format.clock(line.at)}
                  </time>
                )}
                <span
                  className={cx(
                    'min-h-5',
                    wrap ? 'min-w-0 whitespace-pre-wrap break-words' : 'whitespace-pre',
                    line.stream === 'stderr' && 'text-warning',
                  )}
                >
                  <LogLineText
                    text={line.text}
                    hits={findHits(line.text, search.wanted)}
                    current={search.line === index}
                  />
                </span>
              </div>
            );
          })}
        </div>
      </section>
    </div>
  );
}
