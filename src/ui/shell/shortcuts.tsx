'use client';
/** Keyboard shortcuts of the application: one listener, components add theirs while they are on the page. */
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { matchShortcut, type Pending } from './shortcut-match.ts';

type Handlers = Map<string, () => void>;

const ShortcutsContext = createContext<Handlers | null>(null);

/** Keys belong to the field, menu or dialog that has them. */
function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"][data-state="open"],[role="menu"][data-state="open"]')) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input,textarea,select,[role="combobox"]') !== null)
  );
}

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const handlers = useRef<Handlers>(new Map());
  useEffect(() => {
    let pending: Pending | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        handlers.current.get('mod+k')?.();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isBusy(event.target)) return;
      const match = matchShortcut([...handlers.current.keys()], pending, { key: event.key, at: event.timeStamp });
      pending = match.pending;
      if (match.run === null) return;
      event.preventDefault();
      handlers.current.get(match.run)?.();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return <ShortcutsContext value={handlers.current}>{children}</ShortcutsContext>;
}

/** Runs `handler` on `keys` (“l”, “g e”, “mod+k”) while the component is mounted. The latest mounted wins. */
export function useShortcut(keys: string, handler: () => void): void {
  const handlers = useContext(ShortcutsContext);
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!handlers) return;
    const before = handlers.get(keys);
    const run = () => latest.current();
    handlers.set(keys, run);
    return () => {
      if (handlers.get(keys) !== run) return;
      if (before) handlers.set(keys, before);
      else handlers.delete(keys);
    };
  }, [handlers, keys]);
}
