'use client';
/** One ticking clock for everything that shows relative times: one timer a page, none while nothing shows or the tab sleeps. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * Unix milliseconds in steps of `stepMs`: a component renders again only when the step changes.
 * Server and browser disagree by nature: mark the element that shows it with suppressHydrationWarning.
 */
export function useNow(stepMs = 10_000): number {
  const snapshot = () => {
    if (timer === undefined) now = Date.now();
    return Math.floor(now / stepMs) * stepMs;
  };
  return useSyncExternalStore(subscribe, snapshot, () => Math.floor(Date.now() / stepMs) * stepMs);
}

const never = () => () => {};

/** false on the server and during hydration, true afterwards: for what only the browser knows. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
