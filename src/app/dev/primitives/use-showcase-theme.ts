'use client';
import { useEffect } from 'react';

/** Takes the theme from the address for as long as the page is shown. */
export function useShowcaseTheme(): void {
  useEffect(() => {
    const root = document.documentElement;
    const before = root.dataset.theme;
    const theme = new URLSearchParams(location.search).get('theme');
    if (theme !== 'light' && theme !== 'dark') return;
    root.dataset.theme = theme;
    return () => {
      if (before) root.dataset.theme = before;
      else delete root.dataset.theme;
    };
  }, []);
}
