'use client';
/** State that lives in the address: filters, tabs, what is open. Changes stay in the browser; no page is fetched for them. */
import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** A value of null or '' removes the parameter. */
export type UrlChange = Readonly<Record<string, string | null>>;

export interface UrlState {
  get: (name: string) => string | null;
  /** The address after a change, for links. */
  href: (change: UrlChange) => string;
  /** `push` makes a step that Back undoes; `replace` (default) does not. */
  set: (change: UrlChange, how?: 'push' | 'replace') => void;
}

export function useUrlState(): UrlState {
  const pathname = usePathname();
  const params = useSearchParams();
  const query = params.toString();
  return useMemo(() => {
    const current = new URLSearchParams(query);
    const href = (change: UrlChange) => `${pathname}${changedQuery(current, change)}`;
    return {
      get: (name) => current.get(name),
      href,
      set: (change, how = 'replace') => {
        if (how === 'push') window.history.pushState(null, '', href(change));
        else window.history.replaceState(null, '', href(change));
      },
    };
  }, [pathname, query]);
}

/** `changedQuery(new URLSearchParams('a=1'), { a: null, b: 'x' }) → "?b=x"`; empty when nothing is left. */
export function changedQuery(current: URLSearchParams, change: UrlChange): string {
  const next = new URLSearchParams(current);
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text ? `?${text}` : '';
}

const SETTLE_MS = 150;
const NONE: readonly string[] = [];

/** A text field whose value lives in the address: it reacts at once, the address follows when typing pauses. */
export function useUrlText(name: string, alsoRemove: readonly string[] = NONE): [string, (text: string) => void] {
  const { get, set } = useUrlState();
  const stored = get(name) ?? '';
  const [text, setText] = useState(stored);
  // Own writes come back some time later, perhaps after the next one: only what was not written here came from outside.
  const written = useRef<string[]>([]);
  const known = useRef(stored);
  useEffect(() => {
    if (stored === known.current) return;
    known.current = stored;
    const own = written.current.lastIndexOf(stored);
    if (own < 0) setText(stored);
    written.current = written.current.slice(own + 1);
  }, [stored]);
  useEffect(() => {
    if (text === (written.current.at(-1) ?? known.current)) return;
    const timer = setTimeout(() => {
      written.current.push(text);
      set({ [name]: text, ...Object.fromEntries(alsoRemove.map((other) => [other, null])) });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, name, set, alsoRemove]);
  return [text, useCallback((next: string) => setText(next), [])];
}
