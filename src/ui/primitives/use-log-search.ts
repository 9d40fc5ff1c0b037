'use client';
/** Search of a log: the query, its matching lines and the one that is shown. */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { matchingLines } from './log-search.ts';

interface View {
  /** Index of the first line on the screen. */
  firstVisible: () => number;
  /** Brings a line to the middle. */
  show: (line: number) => void;
}

export function useLogSearch(lines: readonly { text: string }[], view: View) {
  const [query, setQuery] = useState('');
  const [position, setPosition] = useState(0);
  // Typing stays fluent while 100,000 lines are searched.
  const wanted = useDeferredValue(query.trim());
  const matches = useMemo(() => matchingLines(lines, wanted), [lines, wanted]);
  const total = matches.length;
  const current = total > 0 ? ((position % total) + total) % total : 0;

  const latest = useRef({ matches, view });
  useEffect(() => {
    latest.current = { matches, view };
  });

  // A new query shows its first match from what is in view on, like the search of a browser.
  useEffect(() => {
    const { matches: found, view: shown } = latest.current;
    if (!wanted || found.length === 0) return;
    const top = shown.firstVisible();
    const next = Math.max(
      0,
      found.findIndex((line) => line >= top),
    );
    setPosition(next);
    shown.show(found[next] ?? 0);
  }, [wanted]);

  const step = (by: 1 | -1) => {
    if (total === 0) return;
    const next = (current + by + total) % total;
    setPosition(next);
    view.show(matches[next] ?? 0);
  };

  return { query, setQuery, wanted, total, current, step, line: total > 0 ? matches[current] : undefined };
}
