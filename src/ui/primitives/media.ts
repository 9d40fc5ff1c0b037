'use client';
/** Whether a media query holds, for the few places where two layouts differ in structure and not only in style. */
import { useCallback, useSyncExternalStore } from 'react';

/** From this width on there is room for tables and side panels (the `sm` and `lg` breakpoints). */
export const FROM_SM = '(min-width: 40rem)';
export const FROM_LG = '(min-width: 64rem)';

/** On the server and during hydration the answer is `assumed`. */
export function useMediaQuery(query: string, assumed = true): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => assumed,
  );
}
