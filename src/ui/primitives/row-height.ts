'use client';
/** The row height of the page in pixels: density and pointer decide it, in CSS. */
import { useSyncExternalStore } from 'react';

const DEFAULT_PX = 40;

function read(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row-height')) || DEFAULT_PX;
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-density'] });
  return () => observer.disconnect();
}

export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, read, () => DEFAULT_PX);
}
